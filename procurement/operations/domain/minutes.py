"""Minutes put side by side: runs of the same state, hours, gaps. A minute without a row is a gap."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
AT_ONCE = datetime.timedelta(minutes=5)
"""After its minute, how long a row may say what was seen; noted later, it can only say « en panne »."""
GAP = "non_prouve"
BEFORE = "avant"
"""Before the first minute ever noted: nothing was to be noted."""

MARKS = {"en_marche": (0, 12), "degradee": (4, 8), "en_panne": (8, 4), GAP: (5, 1)}
WORDS = {
    "en_panne": "en panne",
    "degradee": "dégradée",
    GAP: "non prouvée",
    "en_marche": "en marche",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Minutes that follow each other in one state, the last one not included."""

    start: datetime.datetime
    end: datetime.datetime
    etat: str
    mots: tuple[str, ...] = ()

    @property
    def y(self) -> int:
        """Where its mark begins, from the top: its height tells the state without its colour."""
        return MARKS.get(self.etat, (12, 0))[0]

    @property
    def hauteur(self) -> int:
        """Height of its mark, out of twelve; 0 where nothing was due."""
        return MARKS.get(self.etat, (12, 0))[1]

    @property
    def minutes(self) -> int:
        """How long it lasted."""
        return round((self.end - self.start) / MINUTE)


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour and its runs; x of a run is its first minute, from 0 to 59."""

    start: datetime.datetime
    runs: tuple[tuple[int, Run], ...]

    @property
    def resume(self) -> str:
        """The hour in words: what was wrong, or that all was well.

        >>> Hour(datetime.datetime(2026, 11, 22), ((0, Run(*[datetime.datetime(2026, 11, 22)] * 2, GAP)),)).resume
        'avant le début du journal'
        """
        told: list[str] = []
        for etat, words in WORDS.items():
            count = sum(run.minutes for _, run in self.runs if run.etat == etat)
            if count and (etat != "en_marche" or not told):
                told.append(f"{count} min {words}")
        return ", ".join(told) or "avant le début du journal"


def runs(
    seen: Mapping[datetime.datetime, tuple[str, Sequence[str]]],
    since: datetime.datetime,
    until: datetime.datetime,
    first: datetime.datetime | None,
) -> list[Run]:
    """Runs of a window, in the order of time.

    seen: minute → its state and what was wrong. first: the first minute ever noted.

    >>> noon = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
    >>> found = runs({noon: ("en_marche", ()), noon + 2 * MINUTE: ("en_panne", ("Base",))},
    ...              noon - MINUTE, noon + 3 * MINUTE, noon)
    >>> [(run.etat, run.minutes) for run in found]
    [('avant', 1), ('en_marche', 1), ('non_prouve', 1), ('en_panne', 1)]
    """
    found: list[Run] = []
    minute = since
    while minute < until:
        nothing = BEFORE if first is None or minute < first else GAP
        etat, words = seen.get(minute, (nothing, ()))
        last = found[-1] if found else None
        if last and (last.etat, last.mots) == (etat, tuple(words)):
            found[-1] = Run(last.start, minute + MINUTE, etat, last.mots)
        else:
            found.append(Run(minute, minute + MINUTE, etat, tuple(words)))
        minute += MINUTE
    return found


def hours(found: Sequence[Run]) -> Iterator[Hour]:
    """The same runs cut at each hour.

    >>> noon = datetime.datetime(2026, 11, 22, 12, 30, tzinfo=datetime.UTC)
    >>> [(hour.start.hour, [(x, run.minutes) for x, run in hour.runs])
    ...  for hour in hours([Run(noon, noon + 45 * MINUTE, "en_marche")])]
    [(12, [(30, 30)]), (13, [(0, 15)])]
    """
    cut: dict[datetime.datetime, list[tuple[int, Run]]] = {}
    for run in found:
        start = run.start
        while start < run.end:
            hour = start.replace(minute=0)
            end = min(run.end, hour + HOUR)
            cut.setdefault(hour, []).append((start.minute, Run(start, end, run.etat, run.mots)))
            start = end
    for hour in sorted(cut):
        yield Hour(hour, tuple(cut[hour]))
