"""The clock of the story: office hours, working days, never the present."""

import doctest
from datetime import datetime, timedelta

import pytest

from procurement.demo import edition, horloge, recit, temps
from procurement.demo.horloge import PARIS, Backwards, Horloge, is_worked


# A Sunday at night, the Monday after Easter, a Tuesday at noon, New Year's Eve.
DAYS = [
    datetime(2026, 11, 22, 23, 59, tzinfo=PARIS),
    datetime(2027, 3, 29, 0, 1, tzinfo=PARIS),
    datetime(2027, 6, 15, 12, 0, tzinfo=PARIS),
    datetime(2027, 12, 31, 9, 0, tzinfo=PARIS),
]


@pytest.mark.parametrize("module", [edition, horloge, recit, temps], ids=lambda m: m.__name__)
def test_doctests(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_a_story_lives_in_office_hours_of_working_days(now):
    told = []
    clock = Horloge(now, told.append)
    clock.begin(40, "x")
    for _ in range(400):
        clock.wait(2, 11)
    assert told == sorted(told)
    assert len({instant.date() for instant in told}) > 3
    for instant in told:
        assert is_worked(instant.date())
        assert (8, 40) <= (instant.hour, instant.minute) <= (17, 50)
        assert not (12, 30) <= (instant.hour, instant.minute) <= (13, 45)
        assert instant < now


def test_it_never_goes_back_nor_reaches_the_present():
    clock = Horloge(DAYS[2])
    clock.begin(3, "x")
    with pytest.raises(Backwards, match="comes before"):
        clock.go(4)
    clock.go(1)
    with pytest.raises(Backwards, match="after the seeding"):
        [clock.wait(200, 300) for _ in range(9)]
    assert clock.instant < DAYS[2]


def test_without_a_clock_nothing_moves():
    horloge.wait()
    horloge.go(3)
    assert abs(horloge.today() - datetime.now(PARIS).date()) <= timedelta(days=1)
