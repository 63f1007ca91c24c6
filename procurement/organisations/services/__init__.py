"""Verbs on organisations: the only writers. Journal: the platform's chain."""

from procurement.organisations.services.memberships import (
    add_member,
    change_fonction,
    end_membership,
    move_member,
)
from procurement.organisations.services.organisations import (
    add_direction,
    create_organisation,
    edit_organisation,
)


__all__ = [
    "add_direction",
    "add_member",
    "change_fonction",
    "create_organisation",
    "edit_organisation",
    "end_membership",
    "move_member",
]
