"""Sets of people: none of them can be deleted."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import ProtectedError


class UserQuerySet(models.QuerySet[Any]):
    """People are deactivated, never deleted: evidence names them."""

    def delete(self) -> NoReturn:
        """Refuse, whatever was selected. Raises ProtectedError naming ten of the people at most."""
        raise ProtectedError("People are deactivated, never deleted.", set(self.all()[:10]))

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def active(self) -> "UserQuerySet":
        """Keep the people who may sign in; closed accounts stay in the table for ever."""
        return self.filter(is_active=True)
