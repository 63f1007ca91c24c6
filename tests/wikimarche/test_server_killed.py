"""kill -9 of the web server while people type: what was acknowledged is there, once. X01."""

import os
import random
import signal
import time

import pytest

from tests.support.equipe import make_equipe
from tests.support.faults import ROUND, lost_or_doubled, start_crowd
from tests.support.process import answers


pytestmark = pytest.mark.timeout(900)


def test_the_oracle_sees_a_loss_and_a_double():
    """Positive control: an oracle never seen to fail is not one."""
    acknowledged = [{"mot": "an1"}, {"mot": "an2"}, {"mot": "an3"}]
    assert lost_or_doubled(acknowledged, "an1 an2 an3 ") == []
    assert lost_or_doubled(acknowledged, "an1 an3 an3 ") == ["an2", "an3"]


@pytest.mark.attaque("X01")
@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.lent)])
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(
    live_server_process, tmp_path, kills, alone
):
    crowd = start_crowd(live_server_process.url, make_equipe(), tmp_path, count=8)
    chance, recoveries = random.Random(1), []  # noqa: S311
    for _ in range(kills):
        crowd.wait_saved()
        time.sleep(chance.uniform(0, 0.5))
        os.kill(live_server_process.pid, signal.SIGKILL)
        killed = time.monotonic()
        live_server_process.child.process.wait(10)
        gone = time.monotonic() + 0.2
        live_server_process.start(lambda: answers(live_server_process.url))
        recoveries.append(crowd.first_after(killed, gone=gone))
    crowd.stop()
    crowd.tell(kills=kills, recoveries=sorted(round(one, 2) for one in recoveries))
    assert crowd.faults == []
    assert len(crowd.acknowledged) >= ROUND * kills
    assert crowd.resent, "no save was cut off"
    assert crowd.judge() == []
    if alone:  # starting Python again is most of it
        assert max(recoveries) < 10


@pytest.mark.attaque("X01")
def test_the_oracle_sees_a_server_that_answers_before_it_has_committed(hasty_server, tmp_path):
    """Positive control: told « enregistré », then killed; what was not kept is named."""
    equipe = make_equipe()
    crowd = start_crowd(hasty_server.url, equipe, tmp_path, count=2)
    crowd.wait_saved()
    os.kill(hasty_server.pid, signal.SIGKILL)
    hasty_server.child.process.wait(10)
    for typist in crowd.typists:
        typist.patience = 0
    crowd.stop()
    assert crowd.acknowledged
    assert any(fault.startswith("lost or doubled") for fault in crowd.judge())


@pytest.fixture
def hasty_server(live_server_process):
    """The same server, with the lie of tests/support/unsafe_site.py."""
    live_server_process.stop()
    live_server_process.child.argv = [
        argument.replace("procurement.asgi", "tests.support.unsafe_site")
        for argument in live_server_process.child.argv
    ]
    live_server_process.child.env["UNSAFE"] = "early"
    live_server_process.start(lambda: answers(live_server_process.url))
    return live_server_process
