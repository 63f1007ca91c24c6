"""The clock of the web server goes two hours ahead, then two hours back, while people type. X12."""

import itertools
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import DateTimeField, Value
from django.utils import timezone
from reversion.models import Revision

from procurement.access.services import AccessRefused
from procurement.audit.selectors import list_entries
from procurement.jobs.models import Job
from procurement.jobs.services import enqueue, run as running, run_job, sweep_jobs
from procurement.marches.models import Participation
from procurement.marches.selectors import people
from procurement.marches.services import accept_invitation, invitations
from procurement.operations.services import note_minute
from procurement.ui.typographie import format_heure
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import InvitationFactory
from tests.support.client import Browser
from tests.support.equipe import words
from tests.support.faults import ask, start_crowd
from tests.support.required import missing
from tests.wikimarche.factories import ArticleFactory
from wikimarche.models import Version


pytestmark = [pytest.mark.attaque("X12"), pytest.mark.timeout(600)]


class Clock:
    """What a process believes the time is, changed while it runs."""

    LIBRARY = "faketime/libfaketimeMT.so.1"

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib").glob(f"*/{self.LIBRARY}"))
        if not found:
            missing(
                "FALSE_CLOCK",
                "no libfaketime here: apt-get install -y --no-install-recommends faketime",
            )
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
    assert answer["instant"] in {format_heure(before), format_heure(after)}, "« Enregistré à … »"
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


# ── What an instant decides ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def wrong_clock(monkeypatch):
    """What this process believes the time is: `wrong_clock(hours=-2)`."""
    right = timezone.now

    def set_clock(**offset):
        monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(**offset))

    return set_clock


def web_now():
    """The clock of the web server, where the site asks that of the database: the guard removed."""
    return Value(timezone.now(), DateTimeField())


@pytest.fixture
def expired(db, monkeypatch):
    """An invitation that ended an hour ago, its person, and the secret of its link."""
    monkeypatch.setattr(invitations, "VALIDITY", timedelta(hours=-1))
    ana = UserFactory(without_password=True)
    invitation = InvitationFactory(email=ana.email)
    jeton = invitations.renew_jeton(by=invitation.invited_by, invitation=invitation)
    return invitation, ana, jeton


def test_a_clock_two_hours_late_lets_nobody_in(expired, wrong_clock):
    invitation, ana, jeton = expired
    wrong_clock(hours=-2)
    assert people.find_invitation(jeton) is None
    with pytest.raises(AccessRefused, match="a expiré"):
        accept_invitation(by=ana, invitation=invitation)
    assert not Participation.objects.filter(user=ana).exists()


def test_by_the_clock_of_the_server_they_would_come_in(expired, wrong_clock, monkeypatch):
    """Positive control."""
    invitation, ana, jeton = expired
    wrong_clock(hours=-2)
    monkeypatch.setattr(people, "Now", web_now)
    monkeypatch.setattr(invitations, "Now", web_now)
    assert people.find_invitation(jeton) == invitation
    assert accept_invitation(by=ana, invitation=invitation).user == ana


@pytest.mark.parametrize("hours", [-2, 2])
def test_an_invitation_is_dated_by_the_database(db, wrong_clock, hours):
    begun = database_now()
    wrong_clock(hours=hours)
    invitation = InvitationFactory()
    assert begun <= invitation.expire_le - invitations.VALIDITY <= database_now()
    ana = UserFactory(without_password=True, email=invitation.email)
    accept_invitation(by=ana, invitation=invitation)
    invitation.refresh_from_db()
    assert begun <= invitation.acceptee_le <= database_now()


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_row_is_born_at_the_hour_of_the_database(db, wrong_clock, hours):
    """A marché, who works on it, its pièces, their articles, a job: what the journal keeps of them."""
    begun = database_now()
    wrong_clock(hours=hours)
    article = ArticleFactory()
    piece = article.piece
    invitation = InvitationFactory(marche=piece.marche)
    job = enqueue("wikimarche:export_piece", by=invitation.invited_by, titre="x")
    born = [
        article, piece, piece.marche, piece.marche.organisation, invitation, invitation.invited_by,
        *Participation.objects.filter(marche=piece.marche), job,
    ]  # fmt: skip
    instants = sorted(row.created_at for row in born)
    assert told_by_another_clock(instants, begun, database_now()) == []


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_minute_of_health_is_that_of_the_database(cloned_database, wrong_clock, hours):
    begun = database_now() - timedelta(minutes=1)
    wrong_clock(hours=hours)
    assert begun <= note_minute().minute <= database_now()


@pytest.fixture
def at_work(cloned_database, monkeypatch):
    """Look at a job from inside its work, once its lease was renewed: `at_work(look)`."""
    monkeypatch.setattr(running, "HEARTBEAT", 0.05)

    def play(look):
        ana = UserFactory(without_password=True)
        job = enqueue("wikimarche:export_piece", by=ana, titre="x")
        seen = []

        class Kind:
            @staticmethod
            def run(job, progress):
                first = Job.objects.get(pk=job.pk).bail_jusqua
                while Job.objects.get(pk=job.pk).bail_jusqua == first:
                    time.sleep(0.02)
                seen.append(look(job))
                return {}

        monkeypatch.setattr(running, "kind_of", lambda kind: Kind)
        run_job(job.pk)
        return seen

    return play


def lease_and_sweep(job):
    """Whether the lease ends when it should by the database, and what a sweep does of it."""
    Job.objects.filter(pk=job.pk).update(tentatives=running.MAX_ATTEMPTS)
    bail = Job.objects.get(pk=job.pk).bail_jusqua
    held = timedelta(0) < bail - database_now() <= running.LEASE
    rung = sweep_jobs()
    return held, rung, Job.objects.get(pk=job.pk).statut


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_worker_whose_clock_is_wrong_keeps_its_lease_and_takes_nobody_s(
    at_work, wrong_clock, hours
):
    wrong_clock(hours=hours)
    assert at_work(lease_and_sweep) == [(True, 0, "en_cours")]


@pytest.mark.parametrize("hours", [-2, 2])
def test_by_its_own_clock_it_would_not(at_work, wrong_clock, monkeypatch, hours):
    """Positive control."""
    wrong_clock(hours=hours)
    monkeypatch.setattr(running, "Now", web_now)
    assert at_work(lease_and_sweep) != [(True, 0, "en_cours")]
