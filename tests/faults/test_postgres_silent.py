"""Postgres frozen in place, then its connections dropped, while people type. X03, X04."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings

from procurement.operations.services.patience import speaks
from tests.support.client import Browser
from tests.support.faults import DEAD, ask, start_crowd


pytestmark = pytest.mark.timeout(900)


@pytest.mark.attaque("X03")
@pytest.mark.parametrize("seconds", [9, pytest.param(30, marks=pytest.mark.lent)])
def test_people_are_told_soon_and_all_goes_on_when_it_wakes(
    own_site, equipe, tmp_path, seconds, alone
):
    page = f"/pieces/{equipe.piece.pk}/"
    with own_site.serving() as web:
        crowd = start_crowd(web.url, equipe, tmp_path)
        session = crowd.typists[0].session
        crowd.wait_saved()
        with own_site.held(own_site.postgres.child.process.pid):
            frozen = time.monotonic()
            first = ask(web.url, page, session=session)
            probe = ask(web.url, "/sante/")
            assert ask(web.url, "/sante/vie/")[0] == 200
            time.sleep(max(0, frozen + seconds - time.monotonic()))
            known = ask(web.url, page, session=session)
        woken = time.monotonic()
        recovery = crowd.first_after(woken)
        crowd.stop()
    crowd.tell(first_told=round(first[2], 1), then=round(known[2], 2), recovery=round(recovery, 2))
    for status, body, lasted in (first, known):
        assert status == 503
        assert "Ce que vous avez écrit" in body or "ce que vous avez écrit" in body
        assert lasted < DEAD, "it was told while Postgres slept"
    assert known[2] < settings.DATABASE_PATIENCE, "once it is known, nobody waits"
    assert probe[0] == 503
    assert crowd.faults == []
    assert crowd.judge() == []
    if alone:
        assert max(first[2], probe[2], crowd.slowest, recovery) < 10
        assert known[2] < 1


@pytest.mark.attaque("X03")
def test_without_patience_people_wait_as_long_as_it_sleeps(own_site, equipe):
    """Positive control: the same freeze with the guard off."""
    session = Browser(equipe.gestionnaire).cookies["seance"].value
    with own_site.serving(DATABASE_PATIENCE="0") as web, ThreadPoolExecutor(24) as crowd:
        # Every thread of the server holds its connection: a new one has a time-out of its own.
        for _ in range(3):
            answers = crowd.map(lambda _: ask(web.url, session=session)[0], range(24))
            assert set(answers) == {200}
        pid, begun = own_site.postgres.child.process.pid, time.monotonic()
        told = []
        with own_site.held(pid):
            waiting = threading.Thread(target=lambda: told.append(ask(web.url, session=session)))
            waiting.start()
            waiting.join(10.5)
            assert told == [], "it was answered while Postgres slept"
        waiting.join(30)
    assert (told[0][0], time.monotonic() - begun > 10) == (200, True)


@pytest.mark.attaque("X03")
def test_a_server_that_lives_a_dead_one_and_a_frozen_one_are_told_apart(own_site):
    address = {"HOST": "127.0.0.1", "PORT": own_site.postgres.port}
    assert speaks(address)
    assert speaks({"HOST": "127.0.0.1", "PORT": 1}), "a refusal is an answer"
    with own_site.held(own_site.postgres.child.process.pid):
        assert not speaks(address)


@pytest.mark.attaque("X04")
@pytest.mark.parametrize("drops", [4, pytest.param(30, marks=pytest.mark.lent)])
def test_dropped_connections_lose_nothing(own_site, equipe, tmp_path, drops):
    with own_site.serving() as web:
        crowd = start_crowd(web.url, equipe, tmp_path)
        for _ in range(drops):
            crowd.wait_saved()
            own_site.drop_connections()
            time.sleep(1 if drops < 10 else 2)
        crowd.stop()
    assert crowd.faults == []
    assert crowd.resent <= drops * len(crowd.typists), "more than one failure a drop and a client"
    assert crowd.judge() == []


def failures_after_a_drop(own_site, session, **served) -> int:
    """Pages that fail, asked one after the other, once every idle connection was dropped."""
    with own_site.serving(**served) as web:
        pages = [ask(web.url, session=session)[0] for _ in range(12)]
        assert set(pages) == {200}
        own_site.drop_connections()
        pages = [ask(web.url, session=session)[0] for _ in range(12)]
        return sum(status != 200 for status in pages)


@pytest.mark.attaque("X04")
def test_a_connection_dropped_while_nobody_used_it_fails_nobody(own_site, equipe):
    session = Browser(equipe.gestionnaire).cookies["seance"].value
    assert failures_after_a_drop(own_site, session) == 0
    # Positive control: without asking whether a connection still stands, people see it.
    unsafe = {"application": "tests.support.unsafe_site:application", "UNSAFE": "health"}
    assert failures_after_a_drop(own_site, session, **unsafe) > 0
