"""What verifications found, kept in the chain of the platform: an alert stands until a later one is sound."""

import datetime
from dataclasses import dataclass
from json import loads
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from procurement.audit import registry
from procurement.audit.domain.canonique import canonical_json
from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.roles import WEB
from procurement.audit.domain.verification import Break
from procurement.audit.services.events import actor_label, describe_actor
from procurement.audit.services.verification import EvidenceReport


VERIFIED = "audit:evidence:verified"
TOLD = 50
"""Breaks that a verdict names; the number says how many there are."""


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


# The last verdict on everything, then those that came after it: the last one of each chain.
_VERDICTS = """
WITH whole AS (
    SELECT j.seq, j.instant, j.corps::jsonb -> 'details' AS dit FROM journal j
    WHERE j.chaine = %(platform)s AND j.action = %(verified)s AND j.corps IS NOT NULL
        AND NOT j.corps::jsonb -> 'details' ? 'chaîne'
        AND j.corps::jsonb -> 'details' ->> 'sous' <> %(site)s
    ORDER BY j.seq DESC LIMIT 1
)
SELECT seq, instant, dit::text, true FROM whole
UNION ALL
SELECT * FROM (
    SELECT DISTINCT ON (l.objet, l.dit ? 'chaîne', l.dit ->> 'sous') l.seq, l.instant, l.dit::text, false FROM (
        SELECT j.seq, j.instant, j.objet, j.corps::jsonb -> 'details' AS dit FROM journal j
        WHERE j.chaine = %(platform)s AND j.action = %(verified)s AND j.corps IS NOT NULL
            AND j.seq > coalesce((SELECT w.seq FROM whole w), 0)
    ) l ORDER BY l.objet, l.dit ? 'chaîne', l.dit ->> 'sous', l.seq DESC
) later ORDER BY 1 DESC
"""


def read_verdict() -> Verdict:
    """Read the last verification of everything, and the last one of each chain made since; one query.

    One of everything that the site wrote adds what it found, and ends no more than what it had found
    itself: whoever holds its password may write one. Nor does it clear the chain of the platform.
    """
    judged: set[UUID | None] = set()
    breaks: list[Break] = []
    oldest, count = None, 0
    with connection.cursor() as cursor:
        cursor.execute(_VERDICTS, {"platform": PLATFORM_CHAIN, "verified": VERIFIED, "site": WEB})
        rows = cursor.fetchall()
    for _, instant, dit, whole in rows:
        details = loads(dit)
        chain = UUID(details["chaîne"]) if "chaîne" in details else None
        told = _breaks_of(details)
        standing = [one for one in told if one.chain not in judged]
        if standing and chain not in judged:
            oldest = instant
            if fresh := [one for one in standing if one not in breaks]:
                breaks += fresh
                count += max(details.get("ruptures", 0) - len(told), 0) + len(fresh)
        if whole:
            alert = Alert(oldest, tuple(breaks), count) if oldest else None
            return Verdict(instant, details.get("écritures", 0), alert)
        if details["sous"] != WEB or chain not in (None, PLATFORM_CHAIN):
            judged.add(chain)
    return Verdict(None, 0, Alert(oldest, tuple(breaks), count) if oldest else None)


def _breaks_of(details: dict[str, Any]) -> list[Break]:
    """Name the breaks of a verdict; one that names none but is not sound says at least that."""
    found = [
        Break(
            UUID(one["chaîne"]) if "chaîne" in one else None,
            one.get("n°"),
            one["genre"],
            one["dit"],
        )
        for one in details.get("trouvé", [])
    ]
    if not found and details["résultat"] == "rompue":
        words = "Le détail est dans le journal du serveur."
        return [Break(None, None, "inconnu", words)]
    return found


@transaction.atomic
def record_verdict(report: EvidenceReport, *, by: Any = None, chain: UUID | None = None) -> None:
    """Write what a verification found, and tell those who must know when the alert changes.

    chain: the one that was verified, None for everything.
    """
    before = read_verdict().alert
    named = report.breaks[:TOLD]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.verdict_inscrire(%s, %s, %s, %s, %s,"
            " %s::uuid[], %s::bigint[], %s::text[], %s::text[])",
            [
                actor_label(by, VERIFIED), canonical_json(describe_actor(by)), chain,
                report.entries, len(report.breaks),
                [found.chain for found in named], [found.seq for found in named],
                [found.kind for found in named], [found.words for found in named],
            ],
        )  # fmt: skip
        (seq,) = cursor.fetchone()
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


def _known(alert: Alert | None) -> tuple[Break, ...]:
    return alert.breaks if alert else ()
