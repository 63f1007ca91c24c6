"""Asks to empty a passage of the history, read from the events that tell them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from procurement.audit.selectors import list_entries
from procurement.audit.services import Holding
from procurement.marches.models import AccesExceptionnel, Marche


ASKED = "marches:redaction:asked"
CONFIRMED = "marches:redaction:confirmed"
DROPPED = "marches:redaction:dropped"
READ = 500
"""Events read at most; a marché with more has settled the oldest long ago."""


@dataclass(frozen=True, slots=True)
class RedactionAsk:
    """One ask. seq: the number of its event. attend: nobody has confirmed it or given it up."""

    seq: int
    instant: datetime
    personne: UUID
    nom: str
    motif: str
    lignes: tuple[int, ...]
    attend: bool


def list_redactions(marche: Marche) -> Sequence[RedactionAsk]:
    """Every ask of a marché, newest first; one query."""
    entries = list_entries(marche.pk, action="marches:redaction:", limit=READ)
    settled = {
        entry.corps["details"]["demande"]
        for entry in entries
        if entry.action in (CONFIRMED, DROPPED) and not entry.caviarde
    }
    return [
        RedactionAsk(
            seq=entry.seq,
            instant=entry.instant,
            personne=UUID(entry.acteur.partition(":")[2]),
            nom=entry.nom_acteur,
            motif=entry.corps["details"]["motif"],
            lignes=tuple(entry.corps["details"]["lignes"]),
            attend=entry.seq not in settled,
        )
        for entry in entries
        if entry.action == ASKED and not entry.caviarde
    ]


def place_now(held: Holding) -> str:
    """Where a passage still stands today, beside the history; "" when only the history holds it."""
    if not held.present:
        return ""
    if held.objet.startswith(f"{AccesExceptionnel._meta.db_table}:"):
        return "dans le motif d’un accès exceptionnel, qui reste tel qu’il a été dit"
    return "dans le texte actuel"
