"""Keeping searches of the list of marchés, and forgetting them. Nothing here is evidence."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db import transaction

from procurement.accounts.models import User
from procurement.marches.models import SavedFilter


MOST = 20
"""Searches that one person keeps."""


@transaction.atomic
def save_filter(*, by: User, nom: str, asked: Iterable[tuple[str, str]]) -> SavedFilter:
    """Keep a search under a name; the same name replaces the search it held.

    asked: (field of the list, value), already cleaned of what the list does not know.
    Raises ValidationError on an empty search or beyond the twentieth.
    """
    # Two tabs of one person must not both keep the twentieth.
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    requete = urlencode([(name, value) for name, value in asked if value])
    if not requete:
        raise ValidationError(
            "Choisissez d’abord un filtre ou un tri\u202f: il n’y a rien à garder."
        )
    saved = SavedFilter.objects.filter(user=by, nom=nom.strip()).first() or SavedFilter(
        user=by, nom=nom.strip()
    )
    if not saved.requete and SavedFilter.objects.filter(user=by).count() >= MOST:
        raise ValidationError("Vous gardez déjà vingt recherches\u202f: oubliez-en une d’abord.")
    saved.requete = requete
    saved.full_clean()
    saved.save()
    return saved


def delete_filter(*, by: User, saved: SavedFilter) -> None:
    """Forget a search. Forgetting it twice changes nothing."""
    SavedFilter.objects.filter(pk=saved.pk, user=by).delete()
