"""Verbs on a marché: the only writers of its tables."""

from procurement.marches.services.evidence import verify_marche
from procurement.marches.services.invitations import (
    accept_invitation,
    invite_participant,
    revoke_invitation,
)
from procurement.marches.services.marches import (
    create_marche,
    move_marche,
    set_criteres,
    set_lots,
    share_marche,
    update_marche,
)
from procurement.marches.services.participations import change_role, end_participation


__all__ = [
    "accept_invitation",
    "change_role",
    "create_marche",
    "end_participation",
    "invite_participant",
    "move_marche",
    "revoke_invitation",
    "set_criteres",
    "set_lots",
    "share_marche",
    "update_marche",
    "verify_marche",
]
