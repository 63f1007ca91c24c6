"""Sets of people: none of them can be deleted."""

from typing import NoReturn

from django.db import models
from django.db.models import ProtectedError


class UserQuerySet(models.QuerySet):
    """People are deactivated, never deleted: evidence names them."""

    def delete(self) -> NoReturn:
        raise ProtectedError("People are deactivated, never deleted.", set(self[:10]))

    delete.alters_data = True
    delete.queryset_only = True

    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)
