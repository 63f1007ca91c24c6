"""Sets of people: none of them can be deleted."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import ProtectedError


class UserQuerySet(models.QuerySet[Any]):
    """People are deactivated, never deleted: evidence names them."""

    def delete(self) -> NoReturn:
        raise ProtectedError("People are deactivated, never deleted.", set(self.all()[:10]))

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)
