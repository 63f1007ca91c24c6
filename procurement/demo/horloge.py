"""The clock of the story: office hours of working days, counted from the day of the seeding.

Plain Python. Without a clock in force, a story is told in the present and nothing here acts.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo


PARIS = ZoneInfo("Europe/Paris")
MORNING, NOON, AFTERNOON, EVENING = time(8, 40), time(12, 25), time(13, 50), time(17, 50)
_FIXED = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
DAY = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday, Gregorian.

    >>> easter(2026).isoformat(), easter(2038).isoformat()
    ('2026-04-05', '2038-04-25')
    """
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    x = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * x) // 451
    month, day = divmod(h + x - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_worked(day: date) -> bool:
    """Tell whether offices are open.

    >>> is_worked(date(2026, 5, 14)), is_worked(date(2026, 5, 15)), is_worked(date(2026, 5, 16))
    (False, True, False)
    """
    moving = {easter(day.year) + n * DAY for n in (1, 39, 50)}
    return day.weekday() < 5 and (day.month, day.day) not in _FIXED and day not in moving


def worked_day(today: date, rank: int) -> date:
    """The nth working day after today, before it when negative; today itself is not counted.

    >>> worked_day(date(2026, 11, 22), -1).isoformat(), worked_day(date(2026, 11, 20), 1).isoformat()
    ('2026-11-20', '2026-11-23')
    """
    step, day = (DAY if rank > 0 else -DAY), today
    for _ in range(abs(rank)):
        day += step
        while not is_worked(day):
            day += step
    return day


# -- dates of a fiche ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Jour:
    """A date of a fiche: so many working days after the seeding, or before it.

    midi: the instant of noon, Paris time. mois: the first of the month that follows instead;
    1 to 12: of that very month (9: the 1st of September that follows).
    """

    rang: int
    midi: bool = False
    mois: int | None = None

    def on(self, today: date) -> date | datetime:
        """The date, for a seeding done today.

        >>> Jour(10, mois=9).on(date(2026, 11, 20)).isoformat()
        '2027-09-01'
        >>> Jour(10, mois=0).on(date(2026, 11, 20)).isoformat()
        '2027-01-01'
        """
        day = worked_day(today, self.rang)
        if self.midi:
            return datetime.combine(day, time(12), PARIS)
        if self.mois is not None:
            day = (day.replace(day=1) + 31 * DAY).replace(day=1)
            while self.mois and day.month != self.mois:
                day = (day + 31 * DAY).replace(day=1)
        return day


# -- the clock -----------------------------------------------------------------------------------


class Backwards(ValueError):
    """A story that would go back in time, or reach the present."""


class Horloge:
    """Where the story stands. tell: who is told each time it moves.

    Within one chain instants never go back: begin() opens another one.
    """

    def __init__(self, now: datetime, tell: Callable[[datetime], None] = lambda _: None) -> None:
        self.now = now.astimezone(PARIS)
        self.tell = tell
        self.instant = self.first = self.now
        self.chance = Random(0)  # noqa: S311 - the same story each time

    def begin(self, rank: int, seed: str) -> None:
        """Open a chain on a working day before the seeding."""
        self.chance = Random(seed)  # noqa: S311
        self._set(self._morning(rank))
        self.first = min(self.first, self.instant)

    def go(self, rank: int) -> None:
        """Come to the morning of a working day; the day one is in goes on."""
        there = self._morning(rank)
        if there.date() < self.instant.date():
            raise Backwards(f"{there:%d/%m/%Y} comes before {self.instant:%d/%m/%Y}.")
        self._set(max(there, self.instant))

    def wait(self, low: int, high: int) -> None:
        """Let so many minutes of office time pass, drawn between two numbers."""
        seconds = self.chance.randint(low * 60, high * 60)
        instant = self.instant + timedelta(
            seconds=seconds, milliseconds=self.chance.randrange(1000)
        )
        if NOON < instant.time() < AFTERNOON:
            instant = datetime.combine(instant.date(), AFTERNOON, PARIS) + self._some()
        elif instant.time() > EVENING or instant.date() > self.instant.date():
            day = self.instant.date() + DAY
            while not is_worked(day):
                day += DAY
            instant = datetime.combine(day, MORNING, PARIS) + self._some()
        self._set(instant)

    def _morning(self, rank: int) -> datetime:
        return datetime.combine(worked_day(self.now.date(), -rank), MORNING, PARIS) + self._some()

    def _some(self) -> timedelta:
        return timedelta(seconds=self.chance.randint(0, 2400), milliseconds=self.chance.randrange(1000))  # fmt: skip

    def _set(self, instant: datetime) -> None:
        if instant >= self.now:
            raise Backwards(f"The story reaches {instant}, after the seeding ({self.now}).")
        self.instant = instant
        self.tell(instant)


_current: ContextVar[Horloge | None] = ContextVar("horloge", default=None)


@contextmanager
def in_force(horloge: Horloge) -> Iterator[Horloge]:
    """Let the stories move this clock."""
    token = _current.set(horloge)
    try:
        yield horloge
    finally:
        _current.reset(token)


def today() -> date:
    """The day of the seeding, whatever the story says."""
    horloge = _current.get()
    return (horloge.now if horloge else datetime.now(PARIS)).date()


def begin(rank: int, seed: str) -> None:
    """Horloge.begin() of the clock in force, if any."""
    if horloge := _current.get():
        horloge.begin(rank, seed)


def go(rank: int) -> None:
    """Horloge.go() of the clock in force, if any."""
    if horloge := _current.get():
        horloge.go(rank)


def wait(low: int = 4, high: int = 45) -> None:
    """Horloge.wait() of the clock in force, if any."""
    if horloge := _current.get():
        horloge.wait(low, high)
