"""The clock of the web server goes two hours ahead, then two hours back, while people type. X12."""

import itertools
import time
from pathlib import Path

import pytest
from django.db import connection
from reversion.models import Revision

from procurement.audit.selectors import list_entries
from procurement.marches.domain.variables import say_hour
from procurement.marches.models import Participation
from tests.procurement.accounts.factories import UserFactory
from tests.support.client import Browser
from tests.support.equipe import words
from tests.support.faults import ask, start_crowd
from wikimarche.models import Version


pytestmark = [pytest.mark.attaque("X12"), pytest.mark.timeout(600)]


class Clock:
    """What a process believes the time is, changed while it runs."""

    LIBRARY = "faketime/libfaketimeMT.so.1"

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib").glob(f"*/{self.LIBRARY}"))
        if not found:
            pytest.skip("no libfaketime here: apt-get install -y --no-install-recommends faketime")
        self.file = folder / "horloge"
        self.variables = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        self.set("+0")

    def set(self, offset: str) -> None:
        fresh = self.file.with_suffix(".neuve")
        fresh.write_text(f"{offset}\n")
        fresh.replace(self.file)


@pytest.fixture
def clock(tmp_path) -> Clock:
    return Clock(tmp_path)


def database_now():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def told_by_another_clock(instants, begun, ended) -> list[str]:
    """Instants that the clock of the database has not given, or not in this order."""
    wrong = [f"{at} not from {begun} to {ended}" for at in instants if not begun <= at <= ended]
    pairs = itertools.pairwise(instants)
    return wrong + [f"{later} after {at}" for at, later in pairs if later < at]


def test_every_instant_that_counts_is_the_database_s(own_site, equipe, tmp_path, clock):
    begun = database_now()
    known = len(list_entries(equipe.marche.pk))
    person = equipe.person("observateur")
    with own_site.serving(**clock.variables) as web:
        crowd = start_crowd(web.url, equipe, tmp_path, count=2)
        for offset in ("+2h", "-2h", "+2h"):
            clock.set(offset)
            crowd.wait_saved()
        crowd.stop()
        typist = crowd.typists[0]
        before = database_now()
        commit = words("fin ", base=typist.base, prev=typist.prev)
        typist.sent.append(commit["id"])
        answer = typist._save(commit)
        after = database_now()
        session = typist.session
        assert ask(web.url, f"/pieces/{equipe.piece.pk}/versions/", session=session)[0] == 200
    assert crowd.faults == []
    assert crowd.judge() == []
    assert answer["instant"] in {say_hour(before), say_hour(after)}, "« Enregistré à … »"
    assert Participation.objects.filter(user=person, is_active=True).exists()

    ended = database_now()
    entries = sorted(list_entries(equipe.marche.pk), key=lambda entry: entry.seq)[known:]
    assert len(entries) > 30
    assert told_by_another_clock([entry.instant for entry in entries], begun, ended) == []
    versions = Version.objects.filter(piece=equipe.piece, instant__gte=begun).order_by("numero")
    instants = list(versions.values_list("instant", flat=True))
    assert len(instants) > 30
    assert told_by_another_clock(instants, begun, ended) == []

    # Positive control: what the web server itself dates, which is shown nowhere, is seen to be wrong.
    revisions = Revision.objects.filter(pk__in=versions.values("revision")).order_by("pk")
    assert told_by_another_clock(
        list(revisions.values_list("date_created", flat=True)), begun, ended
    )


def page_of_the_platform(web, session) -> str:
    """Read it once what was seen before is forgotten."""
    time.sleep(5.5)
    status, page, _seconds = ask(web.url, "/plateforme/", session=session)
    assert status == 200
    return " ".join(page.split())


def test_an_offset_of_more_than_two_seconds_is_told_to_who_runs_the_platform(
    own_site, equipe, clock
):
    administrator = UserFactory(without_password=True, is_administrateur=True)
    session = Browser(administrator).cookies["seance"].value
    told = "Écart avec l’horloge de la base\u202f: {}\u00a0s."
    with own_site.serving(**clock.variables) as web:
        # Control: the same server, whose clock agrees, alerts nobody.
        agreed = page_of_the_platform(web, session)
        assert "plus de deux secondes" not in agreed
        for offset in ("+3s", "-3s"):
            clock.set(offset)
            page = page_of_the_platform(web, session)
            assert " ".join(told.format("3,0").split()) in page.replace("2,9", "3,0")
            assert "plus de deux secondes" in page
            assert ask(web.url, "/sante/")[0] == 200, (
                "people still write: the hour is the database's"
            )
