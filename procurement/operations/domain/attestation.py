"""What a period was, hour by hour: counted from the minutes noted, and nothing else."""

import datetime
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from procurement.operations.domain.minutes import GAP, HOUR, MINUTE, Run, hours, runs


LONGEST = datetime.timedelta(days=31)
"""A month: what a reader can go through, and a file can hold."""
STATES = ("en_marche", "degradee", "en_panne", GAP)


def period_before(limite: datetime.datetime) -> tuple[datetime.datetime, datetime.datetime]:
    """Return the whole hours that hold the hour before a deadline.

    >>> since, until = period_before(datetime.datetime(2026, 3, 12, 11, 30))
    >>> f"{since:%H:%M} {until:%H:%M}"
    '10:00 12:00'
    >>> since, until = period_before(datetime.datetime(2026, 3, 12, 12))
    >>> f"{since:%H:%M} {until:%H:%M}"
    '11:00 12:00'
    """
    since = (limite - HOUR).replace(minute=0, second=0, microsecond=0)
    return since, since + HOUR * (1 if limite == since + HOUR else 2)


@dataclass(frozen=True, slots=True)
class HourRow:
    """One hour of the table. minutes: in the order of STATES. empreinte: of its minutes, as noted.

    scellee: the hash that the journal of the platform has kept of this hour; "" when it kept none.
    """

    start: datetime.datetime
    minutes: tuple[int, int, int, int]
    empreinte: str
    scellee: str
    suites: tuple[tuple[int, Run], ...]

    @property
    def concorde(self) -> bool:
        """Tell whether the minutes are those that the journal sealed."""
        return bool(self.scellee) and self.scellee == self.empreinte

    @property
    def end(self) -> datetime.datetime:
        """The end of the hour, not included."""
        return self.start + HOUR


@dataclass(frozen=True, slots=True)
class Attestation:
    """A period: its hours, and the runs where the platform was not proved to be « en marche ».

    late: minutes noted afterwards, which can only say « en panne ».
    """

    since: datetime.datetime
    until: datetime.datetime
    hours: tuple[HourRow, ...]
    incidents: tuple[Run, ...]
    late: int = 0

    @property
    def expected(self) -> int:
        """Minutes of the period."""
        return round((self.until - self.since) / MINUTE)

    @property
    def counts(self) -> dict[str, int]:
        """Minutes of each state; they add up to what was expected."""
        return {
            state: sum(row.minutes[rank] for row in self.hours) for rank, state in enumerate(STATES)
        }

    @property
    def available(self) -> int:
        """Minutes in which people are proved to have been able to write: « en marche » or « dégradée »."""
        return self.counts["en_marche"] + self.counts["degradee"]

    @property
    def empreinte(self) -> str:
        """SHA-256 of the table of hours: the same rows give the same hash, on any day."""
        table = [[row.start.isoformat(), *row.minutes, row.empreinte] for row in self.hours]
        return sha256(json.dumps(table, separators=(",", ":")).encode()).hexdigest()

    def told(self) -> dict[str, object]:
        """Everything the attestation says, for a program; the table of hours hashes to empreinte."""
        return {
            "depuis": self.since.isoformat(),
            "jusqua": self.until.isoformat(),
            "attendues": self.expected,
            **self.counts,
            "apres_coup": self.late,
            "concordent": sum(row.concorde for row in self.hours),
            "heures": len(self.hours),
            "empreinte": self.empreinte,
            "table": [
                {
                    "heure": row.start.isoformat(),
                    **dict(zip(STATES, row.minutes, strict=True)),
                    "empreinte": row.empreinte,
                    "scellee": row.scellee,
                    "concorde": row.concorde,
                }
                for row in self.hours
            ],
            "incidents": [
                {
                    "de": run.start.isoformat(),
                    "a": run.end.isoformat(),
                    "etat": run.etat,
                    "mots": list(run.mots),
                }
                for run in self.incidents
            ],
        }


def attest(
    seen: Mapping[datetime.datetime, tuple[str, Sequence[str]]],
    since: datetime.datetime,
    until: datetime.datetime,
    *,
    digests: Mapping[datetime.datetime, str],
    sealed: Mapping[datetime.datetime, str],
    late: int = 0,
) -> Attestation:
    """Count a period of whole hours. A minute without a row is « non_prouve », whenever the journal began.

    seen: minute → its state and what was wrong. digests, sealed: hour → hash of its minutes, and the
    one that the journal kept. late: how many of these minutes were noted afterwards.

    >>> noon = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
    >>> found = attest({noon: ("en_marche", ())}, noon, noon + HOUR, digests={}, sealed={})
    >>> found.expected, found.available, found.counts["non_prouve"]
    (60, 1, 59)
    >>> [(run.etat, run.minutes) for run in found.incidents]
    [('non_prouve', 59)]
    """
    found = runs(seen, since, until, since)
    rows = []
    for hour in hours(found):
        counted = Counter[str]()
        for _, run in hour.runs:
            counted[run.etat] += run.minutes
        one, two, three, four = (counted[state] for state in STATES)
        rows.append(
            HourRow(
                hour.start,
                (one, two, three, four),
                digests.get(hour.start, ""),
                sealed.get(hour.start, ""),
                hour.runs,
            )
        )
    incidents = tuple(run for run in found if run.etat != "en_marche")
    return Attestation(since, until, tuple(rows), incidents, late)
