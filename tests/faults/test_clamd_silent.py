"""The antivirus frozen in place, then killed, while people send images over HTTP. X03.

The oracle stands outside: each client keeps, on a disk, what it was answered and the SHA-256 of what
it sent; rows, bytes on the disk and what a colleague is served are compared with it afterwards.
"""

import hashlib
import http.client
import json
import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from procurement.documents.services import sweep_analyses
from procurement.documents.services.files import path_of
from tests.procurement.documents.builders import png
from tests.support.client import Browser
from tests.support.equipe import make_equipe
from tests.support.faults import DEAD, TOKEN, Ledger
from tests.support.process import answers
from wikimarche.models import Image


pytestmark = [pytest.mark.attaque("X03"), pytest.mark.timeout(600)]


@pytest.fixture
def site_options(clamd):
    return {"DEMO": "1", "CLAMAV_URL": clamd.url, "UNSCANNED_FILES": "refuser"}


@contextmanager
def frozen(clamd):
    os.kill(clamd.child.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(clamd.child.process.pid, signal.SIGCONT)


def send_image(url, path, session, content) -> tuple[int, dict, float]:
    """POST an image as the editor does. Returns the status (0: no answer), what is told, seconds."""
    mark, begun = uuid4().hex, time.monotonic()
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="fichier"; filename="plan.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={mark}",
        "Cookie": f"seance={session}; csrf={TOKEN}",
        "X-CSRFToken": TOKEN,
    }
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=DEAD)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        said = response.read()
        told = json.loads(said) if response.status == 200 else {}
        return response.status, told, time.monotonic() - begun
    except (OSError, http.client.HTTPException):
        return 0, {}, time.monotonic() - begun
    finally:
        connection.close()


def see(url, session, pk) -> tuple[int, bytes]:
    """Ask for an image as a page of a colleague does."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=DEAD)
    try:
        connection.request("GET", f"/images/{pk}/", headers={"Cookie": f"seance={session}"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@dataclass
class Senders:
    """People who send one image each, at once; each its own ledger."""

    url: str
    path: str
    sessions: list[str]
    folder: object
    told: list[tuple[int, dict, float]] = field(default_factory=list)

    def send(self, size: int) -> None:
        """One image each, none like another; what was acknowledged is kept in its ledger."""

        def one(rank: int) -> None:
            content = png(40 + rank, size)
            answer = send_image(self.url, self.path, self.sessions[rank], content)
            self.told.append(answer)
            if answer[0] == 200:
                sha256 = hashlib.sha256(content).hexdigest()
                Ledger(self.folder / f"{rank}.jsonl").write(id=answer[1]["id"], sha256=sha256)

        threads = [threading.Thread(target=one, args=(rank,)) for rank in range(len(self.sessions))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEAD)

    @property
    def acknowledged(self) -> list[dict]:
        ranks = range(len(self.sessions))
        return [row for rank in ranks for row in Ledger(self.folder / f"{rank}.jsonl").read()]

    def judge(self, reader: str) -> list[str]:
        """Every way in which the site contradicts the ledgers. reader: the session of a colleague."""
        kept = {
            str(pk): sha256 for pk, sha256 in Image.objects.values_list("pk", "fichier__sha256")
        }
        found = []
        for row in self.acknowledged:
            if kept.pop(row["id"], None) != row["sha256"]:
                found.append(f"lost: {row['id']}")
            elif hashlib.sha256(path_of(row["sha256"]).read_bytes()).hexdigest() != row["sha256"]:
                found.append(f"altered: {row['id']}")
            elif hashlib.sha256(see(self.url, reader, row["id"])[1]).hexdigest() != row["sha256"]:
                found.append(f"not served: {row['id']}")
        return found + [f"kept and never acknowledged: {pk}" for pk in kept]


@pytest.fixture
def equipe(live_server_process, settings):
    settings.DEMO = True
    return make_equipe()


@pytest.fixture
def senders(live_server_process, equipe, tmp_path) -> Senders:
    sessions = [
        Browser(equipe.person("editeur", f"p{rank}")).cookies["seance"].value for rank in range(3)
    ]
    path = f"/pieces/{equipe.piece.pk}/images/"
    return Senders(live_server_process.url, path, sessions, tmp_path)


@pytest.fixture
def reader(equipe) -> str:
    return Browser(equipe.person("observateur")).cookies["seance"].value


def restart(process, unsafe: str) -> None:
    """The same server, with one guarantee of tests/support/unsafe_site.py taken away."""
    process.stop()
    process.child.argv = [
        argument.replace("procurement.asgi", "tests.support.unsafe_site")
        for argument in process.child.argv
    ]
    process.child.env["UNSAFE"] = unsafe
    process.start(lambda: answers(process.url))


def test_who_sends_is_answered_nothing_is_lost_and_nobody_reads_it_before(
    clamd, senders, reader, alone
):
    senders.send(20)
    with frozen(clamd):
        senders.send(30)
        waiting = [told for status, told, _ in senders.told if "avis" in told]
        assert len(waiting) == len(senders.sessions), "it was answered while the antivirus slept"
        for told in waiting:
            assert see(senders.url, reader, told["id"])[0] == 409
    # Killed while it works: what it has not judged waits as well.
    with frozen(clamd):
        killing = threading.Timer(0.5, clamd.child.process.kill)
        killing.start()
        senders.send(35)
        killing.join()
    clamd.child.process.wait(10)
    clamd.start()
    sweep_analyses()
    senders.send(40)
    assert {status for status, _, _ in senders.told} == {200}
    assert len(senders.acknowledged) == 4 * len(senders.sessions)
    assert senders.judge(reader) == []
    if alone:
        assert max(seconds for _, _, seconds in senders.told) < 10


def test_the_oracle_sees_an_image_acknowledged_and_thrown_away(
    clamd, senders, reader, live_server_process
):
    """Positive control: a site that says « gardée » of what the antivirus has not judged, and is not."""
    restart(live_server_process, "forget")
    with frozen(clamd):
        senders.send(30)
    sweep_analyses()
    assert len(senders.acknowledged) == len(senders.sessions)
    assert [fault.partition(":")[0] for fault in senders.judge(reader)] == ["lost"] * 3


def test_without_patience_who_sends_waits_as_long_as_it_sleeps(clamd, senders, live_server_process):
    """Positive control: the same freeze with the guard off."""
    restart(live_server_process, "patience")
    with frozen(clamd):
        waiting = threading.Thread(target=senders.send, args=(30,))
        waiting.start()
        waiting.join(12)
        assert senders.told == [], "it was answered while the antivirus slept"
    waiting.join(DEAD)
    assert [status for status, _, _ in senders.told] == [200] * 3
