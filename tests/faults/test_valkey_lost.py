"""Valkey killed, emptied, full, silent, or behind another password: nothing acknowledged depends on it. X10, X03."""

import http.client
import random
import signal
import threading
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from celery import Celery
from django.utils import timezone

from procurement.jobs.models import Job
from tests.procurement.accounts.factories import PASSWORD, UserFactory
from tests.procurement.accounts.test_attaque_d import Caller
from tests.support.client import Browser
from tests.support.faults import DEAD, TOKEN, ask, send_all, start_crowd, wait_gone
from tests.support.process import Process


pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def web(own_site):
    with own_site.serving() as web:
        yield web


def kill(own_site):
    pid = own_site.valkey.child.process.pid
    send_all(pid, signal.SIGKILL)
    own_site.valkey.child.process.wait(10)
    wait_gone([pid])


def fill(own_site):
    own_site.valkey.ask("CONFIG SET maxmemory 1")


def lock(own_site):
    own_site.valkey.ask("CONFIG SET requirepass un-autre-mot-de-passe")


def silence(own_site):
    send_all(own_site.valkey.child.process.pid, signal.SIGSTOP)


def mend(own_site):
    """Whatever was done to it."""
    valkey = own_site.valkey
    if valkey.child.process.poll() is None:
        send_all(valkey.child.process.pid, signal.SIGCONT)
        kill(own_site)
    port = valkey.port
    valkey.start(port)
    assert valkey.port == port


def is_lost(own_site) -> bool:
    """Whether a bell can no longer ring: the fault is a real one."""
    return own_site.valkey.ask("LPUSH essai 1")[:1] != ":"


def ask_export(url, piece, session) -> tuple[int, float]:
    """Ask for a file as the page does."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=DEAD)
    connection.request(
        "POST", f"/pieces/{piece.pk}/exporter/", f"format=md&csrfmiddlewaretoken={TOKEN}",
        {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"seance={session}; csrf={TOKEN}"},
    )  # fmt: skip
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - begun


def signs_in(url: str, user) -> bool:
    """Show a password, then read one's own page."""
    caller = Caller(url)
    assert not caller.is_in
    assert caller.try_to(user.email, PASSWORD) == 302
    return caller.is_in


@pytest.mark.attaque("X10")
def test_a_sign_in_that_counts_its_tries_in_it_is_seen_to_fail(own_site):
    """Positive control: the cache in Valkey, where most sites have it."""
    user, late = UserFactory(), UserFactory()
    unsafe = {"application": "tests.support.unsafe_site:application", "UNSAFE": "limits"}
    with own_site.serving(**unsafe) as web:
        assert signs_in(web.url, user)
        try:
            kill(own_site)
            assert Caller(web.url).try_to(late.email, PASSWORD) == 500
        finally:
            mend(own_site)


@pytest.mark.attaque("X10")
@pytest.mark.parametrize(
    "fault",
    [kill, fill, lock, silence, pytest.param(silence, marks=pytest.mark.lent, id="silence_alone")],
)
def test_people_write_read_and_ask_and_the_work_is_done_later(
    own_site, equipe, web, tmp_path, fault, alone
):
    crowd = start_crowd(web.url, equipe, tmp_path, count=2)
    session = crowd.typists[0].session
    late = UserFactory()
    crowd.wait_saved()
    try:
        fault(own_site)
        assert is_lost(own_site)
        lost = time.monotonic()
        crowd.wait_saved(since=lost)
        assert ask(web.url, f"/pieces/{equipe.piece.pk}/", session=session)[0] == 200
        assert ask(web.url, "/sante/")[0] == 200, "it is no condition of writing"
        assert signs_in(web.url, late), "neither the password nor the session asks for it"
        status, seconds = ask_export(web.url, equipe.piece, session)
        assert status == 302, "nobody waits for the bell: it was answered while the fault lasted"
        assert crowd.resent == 0, "no save has felt it"
        assert is_lost(own_site)
    finally:
        mend(own_site)
        crowd.stop()
    assert crowd.faults == []
    assert crowd.judge() == []
    if alone:
        assert max(seconds, crowd.slowest) < 10
    job = Job.objects.get(kind="wikimarche:export_piece")
    assert job.statut == "en_file"
    _finish(own_site, job)


@pytest.mark.attaque("X03")
def test_without_patience_who_asks_waits_as_long_as_it_sleeps(own_site, equipe):
    """Positive control: the same freeze with the guard off."""
    session = Browser(equipe.gestionnaire).cookies["seance"].value
    unsafe = {"application": "tests.support.unsafe_site:application", "UNSAFE": "bell"}
    with own_site.serving(**unsafe) as web:
        told = []
        try:
            silence(own_site)
            waiting = threading.Thread(
                target=lambda: told.append(ask_export(web.url, equipe.piece, session))
            )
            waiting.start()
            waiting.join(10.5)
            assert told == [], "it was answered while Valkey slept"
        finally:
            mend(own_site)
        waiting.join(DEAD)
        assert told[0][0] == 302


@pytest.mark.attaque("X10")
@pytest.mark.lent
def test_twenty_kills_of_it_are_felt_by_nobody_who_writes(own_site, equipe, web, tmp_path):
    crowd, chance = start_crowd(web.url, equipe, tmp_path), random.Random(10)  # noqa: S311
    for _ in range(20):
        crowd.wait_saved()
        time.sleep(chance.uniform(0, 0.3))
        kill(own_site)
        crowd.wait_saved()
        mend(own_site)
    crowd.stop()
    crowd.tell(killed="valkey", kills=20, slowest=round(crowd.slowest, 2))
    assert crowd.faults == []
    assert crowd.resent == 0, "a save has felt it"
    assert crowd.judge() == []


def _finish(own_site, job):
    """Valkey is back: beat rings again, and a worker of these servers does the work."""
    worker = Process(
        "worker",
        ["celery", "-A", "procurement", "worker", "--concurrency=1", "--without-gossip",
         "--without-mingle", "--loglevel=INFO"],
        own_site.environment(role="app_worker"),
    )  # fmt: skip
    try:
        worker.start(lambda: b" ready." in worker.log.read_bytes())
        limit = time.monotonic() + DEAD
        # Old enough for the sweeper, and beat rings for the sweeper.
        Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
        with Celery("essais", broker=own_site.valkey.url, set_as_current=False) as bell:
            bell.send_task("jobs.sweep")
        while job.statut not in ("fait", "echec") and time.monotonic() < limit:
            time.sleep(0.2)
            job.refresh_from_db()
    finally:
        worker.stop()
    assert (job.statut, job.raison) == ("fait", "")


@pytest.mark.attaque("X10")
def test_a_queue_emptied_is_rung_again(own_site, equipe, web):
    """FLUSHALL with a job that waits: its row is the truth."""
    session = Browser(equipe.gestionnaire).cookies["seance"].value
    assert ask_export(web.url, equipe.piece, session)[0] == 302
    assert own_site.valkey.ask("LLEN celery") == ":1"
    own_site.valkey.flush()
    assert own_site.valkey.ask("LLEN celery") == ":0"
    job = Job.objects.get(kind="wikimarche:export_piece")
    _finish(own_site, job)
