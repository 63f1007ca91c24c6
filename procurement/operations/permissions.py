"""The state of the platform is for who runs it; it says nothing of anybody's work."""

from enum import StrEnum

from procurement.access.enums import Role
from procurement.access.registry import Rule


class Action(StrEnum):
    """Actions on the platform itself."""

    PLATEFORME_READ = "operations:plateforme:read"


MATRIX = {
    Action.PLATEFORME_READ: Rule("Voir l’état de la plateforme", frozenset({Role.ADMINISTRATEUR})),
}
