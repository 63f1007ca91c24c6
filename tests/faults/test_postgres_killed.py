"""kill -9 of Postgres while people type. X02."""

import random
import time

import pytest

from procurement.audit.checks import check_durability
from tests.support.faults import ROUND, ask, start_crowd


pytestmark = [pytest.mark.attaque("X02"), pytest.mark.timeout(900)]
SENTENCE = "Le service est interrompu"


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.lent)])
def test_nothing_acknowledged_is_lost_and_the_site_comes_back_alone(
    own_site, equipe, tmp_path, kills, alone
):
    chance, recoveries, told = random.Random(2), [], []  # noqa: S311
    with own_site.serving() as web:
        crowd = start_crowd(web.url, equipe, tmp_path, count=8)
        session = crowd.typists[0].session
        for _ in range(kills):
            crowd.wait_saved()
            time.sleep(chance.uniform(0, 0.5))
            own_site.kill_postgres()
            killed = time.monotonic()
            status, page, seconds = ask(web.url, f"/pieces/{equipe.piece.pk}/", session=session)
            assert (status, SENTENCE in page) == (503, True)
            told.append(seconds)
            assert ask(web.url, "/sante/vie/")[0] == 200
            gone = time.monotonic()
            own_site.restart_postgres()
            recoveries.append(crowd.first_after(killed, gone=gone))
        crowd.stop()
    crowd.tell(kills=kills, recoveries=sorted(round(one, 2) for one in recoveries), told=max(told))
    assert crowd.faults == []
    assert len(crowd.acknowledged) >= ROUND * kills
    assert crowd.resent, "no save was cut off"
    assert crowd.judge() == []
    if alone:
        assert max(recoveries) < 10
        assert max(told) < 2


def test_the_oracle_sees_what_a_hasty_postgres_loses(own_site, equipe, tmp_path):
    """Positive control: it answers before its log is on the disk, and what it forgot is named."""
    # The roles of the site ask for durability by themselves, whatever the server does.
    own_site.postgres.sql("ALTER ROLE app_web SET synchronous_commit = off")
    own_site.kill_postgres()
    own_site.restart_postgres(
        synchronous_commit="off", wal_writer_delay="10s", wal_writer_flush_after="1GB"
    )
    try:
        with own_site.serving() as web:
            crowd = start_crowd(web.url, equipe, tmp_path)
            crowd.wait_saved(5 * ROUND)
            own_site.kill_postgres()
            for typist in crowd.typists:
                typist.patience = 0
            crowd.stop()
            own_site.restart_postgres()
        # check --deploy says it before anything is lost, and again when all is well otherwise.
        assert [one.id for one in check_durability(None)] == ["audit.E003"]
        assert crowd.acknowledged
        assert any(fault.startswith("lost or doubled") for fault in crowd.judge())
    finally:
        own_site.postgres.sql("ALTER ROLE app_web SET synchronous_commit = on")
        own_site.kill_postgres()
        own_site.restart_postgres()
    assert check_durability(None) == []
