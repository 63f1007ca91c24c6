"""kill -9 of the web server while people type: what was acknowledged is there, once. X01.

The oracle is outside the system: each client writes down what it was answered, on disk, before it
goes on.
"""

import http.client
import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from procurement.audit.services import verify_evidence
from tests.support.client import Browser
from tests.support.equipe import commits_url, make_equipe, text_of, words
from wikimarche.models import Article, Commit, Version


CLIENTS = 4
TOKEN = "a" * 32


class Typist(threading.Thread):
    """Types words without end on one article; a save cut off is sent again, the same."""

    def __init__(self, url: str, article: Article, session: str, log: Path, over) -> None:
        super().__init__(daemon=True)
        self.host, self.path = urlsplit(url).netloc, commits_url(article)
        self.session, self.over, self.log = session, over, log.open("a")
        self.base, self.prev, self.sent, self.faults = 0, None, 0, []
        self.resent = 0

    def run(self) -> None:
        while not self.over.is_set():
            word = f"{self.name}n{self.sent:04d}"
            commit = words(f"{word} ", base=self.base, prev=self.prev)
            self.sent += 1
            answer = self._save(commit)
            if answer is None:
                return
            if answer["dropped"]:
                self.faults.append(answer)
            self.log.write(
                json.dumps({"mot": word, "id": commit["id"], "numero": answer["numero"]}) + "\n"
            )
            self.log.flush()
            os.fsync(self.log.fileno())
            self.base, self.prev = answer["numero"], commit["id"]
        self.log.close()

    def _save(self, commit: dict) -> dict | None:
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            try:
                connection = http.client.HTTPConnection(self.host, timeout=10)
                connection.request(
                    "POST", self.path, json.dumps(commit),
                    {
                        "Content-Type": "application/json", "X-CSRFToken": TOKEN,
                        "Cookie": f"seance={self.session}; csrf={TOKEN}",
                    },
                )  # fmt: skip
                response = connection.getresponse()
                body = response.read()
                if response.status == 200:
                    return json.loads(body)
                if response.status < 500:
                    self.faults.append((response.status, body[:300]))
                    return None
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            self.resent += 1
            time.sleep(0.05)
        self.faults.append("no answer for a minute")
        return None


def read_log(folder: Path) -> list[dict]:
    lines = [line for path in folder.glob("*.log") for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def lost_or_doubled(acknowledged: list[dict], text: str) -> list[str]:
    """Words acknowledged that are not in the text exactly once."""
    return [row["mot"] for row in acknowledged if text.count(f"{row['mot']} ") != 1]


def test_the_oracle_sees_a_loss_and_a_double():
    """Positive control: an oracle never seen to fail is not one."""
    acknowledged = [{"mot": "an1"}, {"mot": "an2"}, {"mot": "an3"}]
    assert lost_or_doubled(acknowledged, "an1 an2 an3 ") == []
    assert lost_or_doubled(acknowledged, "an1 an3 an3 ") == ["an2", "an3"]


@pytest.mark.attaque("X01")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.lent)])
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(
    live_server_process, tmp_path, kills
):
    equipe, over = make_equipe(), threading.Event()
    articles = [equipe.article, equipe.second]
    typists = []
    for rank in range(CLIENTS):
        session = Browser(equipe.person("editeur", f"p{rank}")).cookies["seance"].value
        typist = Typist(
            live_server_process.url, articles[rank % 2], session, tmp_path / f"{rank}.log", over
        )
        typist.name = f"{'abcd'[rank]}"
        typists.append(typist)
    for typist in typists:
        typist.start()
    chance = random.Random(1)  # noqa: S311
    for _ in range(kills):
        time.sleep(chance.uniform(0.3, 1.2))
        os.kill(live_server_process.pid, signal.SIGKILL)
        live_server_process.child.process.wait(10)
        live_server_process.start(lambda: answers(live_server_process.url))
    time.sleep(1)
    over.set()
    for typist in typists:
        typist.join(90)
    assert [typist.faults for typist in typists] == [[]] * CLIENTS
    acknowledged = read_log(tmp_path)
    text = " ".join(text_of(article) for article in articles)
    assert len(acknowledged) > 10 * kills
    assert sum(typist.resent for typist in typists) > 0, "no save was cut off"
    assert lost_or_doubled(acknowledged, f"{text} ") == []
    stored = dict(Commit.objects.values_list("pk", "numero"))
    assert {row["id"]: row["numero"] for row in acknowledged}.items() <= {
        str(pk): numero for pk, numero in stored.items()
    }.items()
    assert len(stored) == sum(typist.sent for typist in typists), "each once"
    numbers = Version.objects.filter(piece=equipe.piece).order_by("numero")
    assert list(numbers.values_list("numero", flat=True)) == list(range(1, len(stored) + 3))
    report = verify_evidence(chain=equipe.marche.pk)
    assert report.ok, report.breaks


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
