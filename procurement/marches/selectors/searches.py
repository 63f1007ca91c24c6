"""Searches of the list that a person keeps."""

from procurement.accounts.models import User
from procurement.marches.models import SavedFilter


def filters_of(user: User) -> list[SavedFilter]:
    """Her own searches, by name. One query."""
    return list(SavedFilter.objects.filter(user=user))
