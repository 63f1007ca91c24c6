"""Reading the policy is for everyone who is signed in."""

from enum import StrEnum

from procurement.access.enums import Role
from procurement.access.registry import Rule


class Action(StrEnum):
    """Actions on the policy itself."""

    MATRIX_READ = "access:matrix:read"


MATRIX = {Action.MATRIX_READ: Rule("Lire qui peut quoi", frozenset({Role.CONNECTE}))}
