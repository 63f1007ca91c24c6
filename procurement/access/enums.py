"""Roles, in order of strength within each family."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is with respect to one object. Words are in ROLE_WORDS."""

    LIMITE = "limite"
    """Whose role holds for one object only: what she is on all that stands around it."""
    OBSERVATEUR = "observateur"
    COMMENTATEUR = "commentateur"
    MODERATEUR = "moderateur"
    EDITEUR = "editeur"
    GESTIONNAIRE = "gestionnaire"
    JURISTE = "juriste"
    """Member of the legal department of the organisation, once the marché is shared with it."""
    AGENT = "agent"
    """Any active member of the organisation that holds the object."""
    ADMINISTRATEUR = "administrateur"
    """Runs accounts and settings; sees no content."""
    CONNECTE = "connecte"
    """Any signed-in person."""


ROLE_WORDS = {
    Role.LIMITE: "Limité à une pièce",
    Role.OBSERVATEUR: "Observateur",
    Role.COMMENTATEUR: "Commentateur",
    Role.MODERATEUR: "Modérateur",
    Role.EDITEUR: "Éditeur",
    Role.GESTIONNAIRE: "Gestionnaire",
    Role.JURISTE: "Juriste de l’organisation",
    Role.AGENT: "Agent de l’organisation",
    Role.ADMINISTRATEUR: "Administrateur",
    Role.CONNECTE: "Toute personne connectée",
}
