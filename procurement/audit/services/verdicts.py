"""What verifications found, kept in the chain of the platform: an alert stands until a later one is sound."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from procurement.audit import registry
from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.verification import Break
from procurement.audit.selectors import list_entries
from procurement.audit.services.events import record_event
from procurement.audit.services.verification import EvidenceReport


VERIFIED = "audit:evidence:verified"
TOLD = 50
"""Breaks that a verdict names; the number says how many there are."""
LOOKED_BACK = 100
"""Verdicts read at most: those of one chain alone follow the last one on everything."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What is broken today. instant: of the oldest verdict that still stands. count: breaks found."""

    instant: datetime.datetime
    breaks: tuple[Break, ...]
    count: int

    @property
    def chains(self) -> frozenset[UUID]:
        """Chains that are broken; a break that no chain speaks of adds none."""
        return frozenset(found.chain for found in self.breaks if found.chain)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where verifications stand: the last one on everything, and the alert, if there is one.

    instant: None while nothing was ever verified as a whole.
    """

    instant: datetime.datetime | None
    entries: int
    alert: Alert | None


def read_verdict() -> Verdict:
    """Read the last verification of everything, and those of one chain made since; one query."""
    judged: set[UUID | None] = set()
    breaks: list[Break] = []
    oldest, count = None, 0
    for entry in list_entries(PLATFORM_CHAIN, action=VERIFIED, limit=LOOKED_BACK):
        details = entry.corps.get("details", {})
        chain = UUID(details["chaîne"]) if details.get("chaîne") else None
        standing = [found for found in _breaks_of(details) if found.chain not in judged]
        if standing and chain not in judged:
            breaks += standing
            count += max(details.get("ruptures", 0) - len(_breaks_of(details)), 0) + len(standing)
            oldest = entry.instant
        if chain is None:
            alert = Alert(oldest, tuple(breaks), count) if oldest else None
            return Verdict(entry.instant, details.get("écritures", 0), alert)
        judged.add(chain)
    return Verdict(None, 0, Alert(oldest, tuple(breaks), count) if oldest else None)


def _breaks_of(details: dict[str, Any]) -> list[Break]:
    """Name the breaks of a verdict; one that names none but is not sound says at least that."""
    found = [
        Break(UUID(one["chaîne"]) if one["chaîne"] else None, one["n°"], one["genre"], one["dit"])
        for one in details.get("trouvé", [])
    ]
    if not found and details.get("résultat") == "rompue":
        words = "Le détail est dans le journal du serveur."
        return [Break(None, None, "inconnu", words)]
    return found


@transaction.atomic
def record_verdict(report: EvidenceReport, *, by: Any = None, chain: UUID | None = None) -> None:
    """Write what a verification found, and tell those who must know when the alert changes.

    chain: the one that was verified, None for everything.
    """
    before = read_verdict().alert
    seq = record_event(
        by=by,
        tag=VERIFIED,
        chain=PLATFORM_CHAIN,
        objet=f"chaine:{chain or PLATFORM_CHAIN}",
        details={
            "résultat": "intègre" if report.ok else "rompue",
            "écritures": report.entries,
            "ruptures": len(report.breaks),
            **({"chaîne": str(chain)} if chain else {}),
            **({"trouvé": _told(report.breaks)} if report.breaks else {}),
        },
    )
    after = read_verdict().alert
    if _known(before) != _known(after):
        for tell in registry.alert_listeners:
            tell(seq, before, after)


def record_if_it_matters(
    report: EvidenceReport, *, by: Any = None, chain: UUID | None = None
) -> None:
    """Write a verdict that raises an alert or may end one; any other verification leaves no trace."""
    if not report.ok or read_verdict().alert is not None:
        record_verdict(report, by=by, chain=chain)


def _told(breaks: Sequence[Break]) -> list[dict[str, object]]:
    return [
        {
            "chaîne": str(found.chain) if found.chain else "",
            "n°": found.seq,
            "genre": found.kind,
            "dit": found.words,
        }
        for found in breaks[:TOLD]
    ]


def _known(alert: Alert | None) -> tuple[Break, ...]:
    return alert.breaks if alert else ()
