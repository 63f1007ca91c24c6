"""Breaking the platform, and an oracle outside it: what each client was answered, on a disk, flushed.

*Acknowledged ⊆ present*, *present ⊆ sent*, *each once*, *numbers without a hole*, *chains verify*.

Nothing here depends on how busy the machine is: a fault comes after saves that are counted, what a
person is told is asked while the fault lasts, and seconds are judged where docs/testing.md says.
"""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connections

from procurement.audit.services import verify_evidence
from tests.services import services, wm
from tests.support.client import TOKEN, Browser
from tests.support.equipe import Equipe, commits_url, text_of, words
from tests.support.process import Process, answers
from wikimarche.models import Article, Commit, Version


DEAD = 180
"""Seconds without an answer after which a site is dead, however busy the machine: no promise."""
ROUND = 10
"""Saves acknowledged between two faults, at least."""


# ── The oracle ──────────────────────────────────────────────────────────────────────────────────


class Ledger:
    """What one client was answered: a line a fact, on the disk before it goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **fact: object) -> None:
        """Keep a fact, and the instant of its answer (a)."""
        with self.path.open("a") as out:
            out.write(json.dumps({**fact, "a": time.monotonic()}) + "\n")
            out.flush()
            os.fsync(out.fileno())

    def read(self) -> list[dict]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [json.loads(line) for line in lines]


class Typist(threading.Thread):
    """Types words without end on one article; a save cut off is sent again, the same."""

    def __init__(
        self, url: str, article: Article, session: str, ledger: Ledger, *, patience: float = DEAD
    ) -> None:
        super().__init__(daemon=True)
        self.host, self.path = urlsplit(url).netloc, commits_url(article)
        self.session, self.ledger, self.patience = session, ledger, patience
        self.over = threading.Event()
        self.base, self.prev = 0, None
        self.sent: list[str] = []
        self.faults: list[object] = []
        self.resent, self.slowest = 0, 0.0
        self.instants: list[float] = []

    def run(self) -> None:
        while not self.over.is_set():
            word = f"{self.name}n{len(self.sent):04d}"
            commit = words(f"{word} ", base=self.base, prev=self.prev)
            self.sent.append(commit["id"])
            begun = time.monotonic()
            answer = self._save(commit)
            if answer is None:
                return
            if answer["dropped"]:
                self.faults.append(answer)
            self.ledger.write(mot=word, id=commit["id"], numero=answer["numero"], de=begun)
            self.instants.append(time.monotonic())
            self.base, self.prev = answer["numero"], commit["id"]

    def _save(self, commit: dict) -> dict | None:
        first = time.monotonic()
        while time.monotonic() < first + self.patience:
            begun = time.monotonic()
            connection = http.client.HTTPConnection(self.host, timeout=DEAD)
            try:
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
                self.slowest = max(self.slowest, time.monotonic() - begun)
                connection.close()
            self.resent += 1
            time.sleep(0.05)
        self.faults.append(f"no answer in {self.patience} s")
        return None


@dataclass
class Crowd:
    """Several people who type at once in the two articles of a team."""

    equipe: Equipe
    typists: list[Typist] = field(default_factory=list)

    @property
    def acknowledged(self) -> list[dict]:
        return [row for typist in self.typists for row in typist.ledger.read()]

    @property
    def faults(self) -> list[object]:
        """What a client saw that it must never see; a resent save is no fault."""
        return [fault for typist in self.typists for fault in typist.faults]

    @property
    def resent(self) -> int:
        return sum(typist.resent for typist in self.typists)

    @property
    def slowest(self) -> float:
        """Seconds of the request that lasted longest."""
        return max(typist.slowest for typist in self.typists)

    def wait_saved(self, count: int = ROUND, *, since: float | None = None) -> float:
        """Wait until this many saves more were acknowledged; say when (monotonic) the last was.

        since: what was answered before this instant does not count. A fault that follows comes
        among people who type, on a machine of any speed.
        """
        since = time.monotonic() if since is None else since
        limit = time.monotonic() + DEAD
        while time.monotonic() < limit:
            later = [at for typist in self.typists for at in typist.instants if at > since]
            if len(later) >= count:
                return sorted(later)[count - 1]
            time.sleep(0.02)
        raise AssertionError(f"the site is dead: nothing acknowledged for {DEAD} s; {self.faults}")

    def first_after(self, instant: float, *, gone: float = 0) -> float:
        """Seconds from an instant (monotonic) to the next acknowledged save; waits for it.

        gone: what was answered before this instant came from the server that was killed.
        """
        return self.wait_saved(1, since=max(instant, gone)) - instant

    def stop(self) -> None:
        for typist in self.typists:
            typist.over.set()
        for typist in self.typists:
            typist.join(DEAD)
            assert not typist.is_alive(), "a person still waits for an answer"

    def tell(self, **figures: object) -> None:
        """Say what was measured, for docs/performances.md; pytest -s shows it."""
        told = {"acknowledged": len(self.acknowledged), "sent_again": self.resent, **figures}
        sys.stdout.write(f"\n{json.dumps(told)}\n")

    def judge(self) -> list[str]:
        """Compare what people were told with what the base holds. Empty: nothing to say."""
        return judge(
            self.equipe, self.acknowledged, {pk for typist in self.typists for pk in typist.sent}
        )


def start_crowd(url: str, equipe: Equipe, folder: Path, count: int = 4) -> Crowd:
    """Start typing."""
    crowd, articles = Crowd(equipe), [equipe.article, equipe.second]
    for rank in range(count):
        session = Browser(equipe.person("editeur", f"p{rank}")).cookies["seance"].value
        ledger = Ledger(folder / f"{rank}.jsonl")
        typist = Typist(url, articles[rank % 2], session, ledger)
        typist.name = "abcdefgh"[rank]
        crowd.typists.append(typist)
    for typist in crowd.typists:
        typist.start()
    return crowd


def lost_or_doubled(acknowledged: list[dict], text: str) -> list[str]:
    """Words acknowledged that are not in the text exactly once."""
    return [row["mot"] for row in acknowledged if text.count(f"{row['mot']} ") != 1]


def judge(equipe: Equipe, acknowledged: list[dict], sent: set[str]) -> list[str]:
    """Every way in which the base contradicts the ledgers."""
    found = []
    text = " ".join(text_of(article) for article in (equipe.article, equipe.second))
    found += [f"lost or doubled: {word}" for word in lost_or_doubled(acknowledged, f"{text} ")]
    commits = Commit.objects.filter(article__piece=equipe.piece)
    stored = {str(pk): numero for pk, numero in commits.values_list("pk", "numero")}
    found += [
        f"acknowledged as no. {row['numero']}, stored as {stored.get(row['id'])}: {row['id']}"
        for row in acknowledged
        if stored.get(row["id"]) != row["numero"]
    ]
    found += [f"stored and never sent: {pk}" for pk in stored.keys() - sent]
    numbers = Version.objects.filter(piece=equipe.piece).order_by("numero")
    numbers = list(numbers.values_list("numero", flat=True))
    if numbers != list(range(1, len(stored) + 3)):
        found.append(f"versions are not one a save: {len(stored)} saves, numbers {numbers[-3:]}")
    report = verify_evidence(chain=equipe.marche.pk)
    return found + [f"evidence: {one}" for one in report.breaks]


KEPT_APART = (
    "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
    """mount -t tmpfs -o size="$1",mode=700 tmpfs /mnt && cp -a "$0/." /mnt &&
    mount --move /mnt "$0" && echo ready && exec sleep infinity""",
)  # fmt: skip
"""Put a copy of a folder over itself, on a file system of this many bytes, as long as this process lives."""


class SmallDisk:
    """A disk that fills up: what takes all the room is one file, taken away again."""

    def __init__(self, folder: Path) -> None:
        self.balloon = folder / "reste"

    def fill(self) -> None:
        """Leave not one page."""
        with self.balloon.open("ab", buffering=0) as out, contextlib.suppress(OSError):
            while out.write(bytes(1 << 16)):
                pass

    def make_room(self) -> None:
        self.balloon.unlink(missing_ok=True)


# ── Servers that a test may break ───────────────────────────────────────────────────────────────


def pids_under(pid: int) -> list[int]:
    """A process and all that it started, itself first."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in children.read_text().split():
                found += pids_under(int(child))
    return found


def send_all(pid: int, number: signal.Signals) -> None:
    """Signal a process and all that it started."""
    for each in pids_under(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, number)


def wait_gone(pids: list[int]) -> None:
    """Wait until none of them lives any more."""
    limit = time.monotonic() + DEAD
    while any(wm.started_at(pid) for pid in pids) and time.monotonic() < limit:
        time.sleep(0.02)


class OwnSite:
    """A Postgres, a Valkey and a site of their own: nobody else's tests suffer.

    Durable as in production, unless a test takes a guarantee away to see it missed.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secrets = services.postgres.secrets
        self.postgres = wm.Postgres(folder, secrets)
        self.postgres.settings = {**self.postgres.settings, "max_wal_size": "256MB"}
        self.valkey = wm.Valkey(folder, secrets)
        self.first = services.valkey.port + 25
        self.web: Process | None = None
        self.database = ""

    def start(self) -> None:
        """Start the servers, and copy the migrated database of the tests into them."""
        self.postgres.start(self.first)
        self.valkey.start(self.first)
        source = (
            f"host=127.0.0.1 port={services.postgres.port} user=postgres dbname={services.template}"
        )
        dump = services.postgres._run("pg_dump", "-d", source)
        assert dump.returncode == 0, dump.stderr
        self.postgres.create_database("modele")
        self.postgres.sql(dump.stdout, "modele")

    def stop(self) -> None:
        for child in (self.valkey.child, self.postgres.child):
            if child and child.process:
                send_all(child.process.pid, signal.SIGCONT)
                child.stop()

    def restart_postgres(self, **settings: str) -> None:
        """Start it again at the same place, after a kill or with other settings."""
        kept, port = self.postgres.settings, self.postgres.port
        self.postgres.settings = {**kept, **settings}
        try:
            self.postgres.start(port)
        finally:
            self.postgres.settings = kept
        assert self.postgres.port == port

    def kill_postgres(self) -> None:
        """kill -9 of the server and of all its processes."""
        connections["default"].close()
        pids = pids_under(self.postgres.child.process.pid)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.postgres.child.process.wait(10)
        wait_gone(pids)

    def drop_connections(self) -> None:
        """End every connection of the site, as a fail-over or an administrator does."""
        connections["default"].close()
        self.postgres.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'app_%'"
        )

    @contextlib.contextmanager
    def small_disk(self, spare: int = 24 << 20) -> Iterator["SmallDisk | None"]:
        """Put the data of Postgres on a disk of their own with little to spare; None: no such thing here.

        A file system in a namespace: nobody else sees it, and it is gone at the end with all it
        holds. The data are then those of before.
        """
        self._stop_postgres()
        data, prefix = self.postgres.data, self.postgres.prefix
        held = sum(path.stat().st_blocks * 512 for path in data.rglob("*"))
        keeper = subprocess.Popen(  # noqa: S603
            [*KEPT_APART, str(data), str(held + spare)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            if keeper.stdout.readline() != "ready\n":
                self.restart_postgres()
                yield None
                return
            inside = ["nsenter", f"--target={keeper.pid}", "--user", "--mount"]
            self.postgres.prefix = [*inside, "--preserve-credentials", *prefix]
            self.restart_postgres()
            try:
                yield SmallDisk(Path(f"/proc/{keeper.pid}/root{data}"))
            finally:
                self._stop_postgres()
                self.postgres.prefix = prefix
                self.restart_postgres()
        finally:
            keeper.kill()
            keeper.wait(10)
            keeper.stdout.close()

    def _stop_postgres(self) -> None:
        connections["default"].close()
        self.postgres.child.stop()

    @contextlib.contextmanager
    def held(self, pid: int) -> Iterator[None]:
        """Stop a server and all its processes in place, as a frozen machine; let them go at the end."""
        send_all(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            send_all(pid, signal.SIGCONT)

    def environment(self, **others: str) -> dict[str, str]:
        role = others.pop("role", "app_web")
        return services.environment(
            self.database,
            DATABASE_URL=self.postgres.url(role, self.database),
            DATABASE_OWNER_URL=self.postgres.url("app_migrate", self.database),
            DATABASE_BACKUP_URL=self.postgres.url("app_sauvegarde", self.database),
            REDIS_URL=self.valkey.url,
            **others,
        )

    @contextlib.contextmanager
    def serving(
        self,
        application: str = "procurement.asgi:application",
        prefix: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
        **variables: str,
    ) -> Iterator[Process]:
        """The site under uvicorn, on these servers. prefix: what it is started by; options: those of uvicorn."""
        port = wm.free_port(self.first + 10)
        url = f"http://127.0.0.1:{port}"
        process = Process(
            "web",
            ["uvicorn", application, f"--port={port}", "--no-proxy-headers", *options],
            self.environment(**{"PUBLIC_URL": url, "DEMO": "1", **variables}),
        )
        process.url = url
        process.child.argv = [*prefix, *process.child.argv]
        process.start(lambda: answers(url))
        try:
            yield process
        finally:
            send_all(process.pid, signal.SIGCONT)
            process.stop()

    @contextlib.contextmanager
    def fresh(self, template: str = "modele") -> Iterator["OwnSite"]:
        """Lend a new database, to which the connections of this process point meanwhile."""
        outer, self.database = self.database, f"essai_{time.monotonic_ns()}"
        self.postgres.create_database(self.database, template=template)
        base = connections.settings["default"]
        before = {key: base[key] for key in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
        connections["default"].close()
        base |= {
            "NAME": self.database, "HOST": "127.0.0.1", "PORT": self.postgres.port,
            "USER": "app_web", "PASSWORD": self.postgres.secrets["app_web"],
        }  # fmt: skip
        try:
            yield self
        finally:
            connections["default"].close()
            base |= before
            with contextlib.suppress(wm.Refused):
                self.postgres.sql(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
            self.database = outer


def ask(url: str, path: str = "/", *, session: str = "", **headers: str) -> tuple[int, str, float]:
    """GET a page as a browser. Returns the status (0: no answer), the body and the seconds."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=DEAD)
    try:
        connection.request("GET", path, headers={"Cookie": f"seance={session}", **headers})
        response = connection.getresponse()
        return response.status, response.read().decode(), time.monotonic() - begun
    except (OSError, http.client.HTTPException):
        return 0, "", time.monotonic() - begun
    finally:
        connection.close()
