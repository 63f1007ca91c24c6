"""Verbs on a marché: the only writers of its tables."""

from procurement.marches.services.acces import close_acces, end_acces, open_acces
from procurement.marches.services.evidence import ask_pack, hand_receipt, verify_marche
from procurement.marches.services.invitations import (
    accept_invitation,
    invite_participant,
    revoke_invitation,
)
from procurement.marches.services.marches import (
    Overtaken,
    create_marche,
    hold_marche,
    lock_marche,
    share_marche,
    update_marche,
)
from procurement.marches.services.participations import Tenu, change_role, end_participation
from procurement.marches.services.redactions import (
    ask_redaction,
    confirm_redaction,
    drop_redaction,
    refuse_redaction,
)
from procurement.marches.services.rows import set_criteres, set_lots
from procurement.marches.services.searches import delete_filter, save_filter
from procurement.marches.services.steps import move_marche


__all__ = [
    "Overtaken",
    "Tenu",
    "accept_invitation",
    "ask_pack",
    "ask_redaction",
    "change_role",
    "close_acces",
    "confirm_redaction",
    "create_marche",
    "delete_filter",
    "drop_redaction",
    "end_acces",
    "end_participation",
    "hand_receipt",
    "hold_marche",
    "invite_participant",
    "lock_marche",
    "move_marche",
    "open_acces",
    "refuse_redaction",
    "revoke_invitation",
    "save_filter",
    "set_criteres",
    "set_lots",
    "share_marche",
    "update_marche",
    "verify_marche",
]
