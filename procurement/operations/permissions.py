"""The state of the platform is for who runs it, what it was for who must prove it; nobody's work is said."""

from enum import StrEnum

from procurement.access.enums import Role
from procurement.access.registry import Rule


class Action(StrEnum):
    """Actions on the platform itself."""

    ATTESTATION_CREATE = "operations:attestation:create"
    """Have the health journal of a period drawn, to hand out."""
    PLATEFORME_READ = "operations:plateforme:read"


MATRIX = {
    Action.ATTESTATION_CREATE: Rule(
        "Établir une attestation de fonctionnement",
        frozenset({Role.GESTIONNAIRE, Role.JURISTE, Role.ADMINISTRATEUR}),
    ),
    Action.PLATEFORME_READ: Rule("Voir l’état de la plateforme", frozenset({Role.ADMINISTRATEUR})),
}
