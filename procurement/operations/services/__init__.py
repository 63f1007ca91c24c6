"""Verbs of operations: say one is alive, note the minute, back up, restore, watch over a silence."""

from procurement.operations.services.attestations import (
    ask_attestation,
    check_period,
    draw_attestation,
    read_attestation,
    tell_attestation,
)
from procurement.operations.services.backup import Backup, backup
from procurement.operations.services.life import sign_life
from procurement.operations.services.minutes import keep_minute, note_minute, purge_minutes
from procurement.operations.services.patience import watch
from procurement.operations.services.programs import OperationRefused
from procurement.operations.services.restore import Restored, restore
from procurement.operations.services.writer import MinuteWriter


__all__ = [
    "Backup",
    "MinuteWriter",
    "OperationRefused",
    "Restored",
    "ask_attestation",
    "backup",
    "check_period",
    "draw_attestation",
    "keep_minute",
    "note_minute",
    "purge_minutes",
    "read_attestation",
    "restore",
    "sign_life",
    "tell_attestation",
    "watch",
]
