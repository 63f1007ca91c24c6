"""A pièce whose drawing holds the child of a real worker as long as it is allowed to, while people work (F02)."""

import contextlib
import os
import signal
import time

import psutil
import pytest

from procurement.jobs.models import Job
from tests.services import services
from tests.support.client import Browser
from tests.support.equipe import make_equipe
from tests.support.faults import ask, pids_under
from tests.support.process import Process
from tests.wikimarche.domain.factories import doc, p
from tests.wikimarche.factories import ArticleFactory, PieceFactory
from wikimarche.enums import FormatExport
from wikimarche.services import ask_export


pytestmark = [pytest.mark.attaque("F02"), pytest.mark.timeout(600)]

WORDS = "Le titulaire nettoie les locaux du bâtiment. "
ALLOWED = 1 << 30
"""Memory in use by a drawing."""


@contextlib.contextmanager
def working(database: str, *, app: str = "procurement", **variables: str):
    """One real worker, alone on its queue; what it started goes with it."""
    services.valkey.flush()
    argv = ["celery", "-A", app, "worker", "--concurrency=1", "--without-gossip",
            "--without-mingle", "--loglevel=INFO"]  # fmt: skip
    worker = Process("worker", argv, services.environment(database, role="app_worker", **variables))
    worker.start(lambda: b" ready." in worker.log.read_bytes())
    try:
        yield worker
    finally:
        for pid in pids_under(worker.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        worker.child.process.wait(10)


def endless_piece(equipe):
    """Ten articles as long as an article may be: within every bound, and many seconds of layout."""
    piece = PieceFactory(marche=equipe.marche)
    for rank in range(10):
        corps = doc(*(p(WORDS * 50, id=f"b{rank}{number:07}") for number in range(88)))
        ArticleFactory(piece=piece, corps=corps)
    return piece


class Fight:
    """What was seen while a job was drawn. held: seconds of its child. answered: pages read meanwhile."""

    def __init__(self, job: Job, worker: Process) -> None:
        self.job, self.worker = job, worker
        self.held, self.answered, self.memory = 0.0, 0, 0
        self.began: float | None = None

    def drawing(self) -> list[psutil.Process]:
        found = []
        for one in psutil.Process(self.worker.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if any("draw_pdf" in word for word in one.cmdline()):
                    found.append(one)
        return found

    def watch(self, url: str, session: str, *, seconds: float, hang: bool) -> None:
        """Read pages until the job ends, or its child has been at work for so long.

        hang: the child is stopped where it stands, however fast the machine draws.
        """
        limit = time.monotonic() + seconds + 200
        while self.job.statut in ("en_file", "en_cours") and time.monotonic() < limit:
            at_work = self.drawing()
            if at_work:
                if hang and self.began is None:
                    for one in at_work:
                        one.suspend()
                self.began = self.began or time.monotonic()
                self.held = time.monotonic() - self.began
                for one in at_work:
                    with contextlib.suppress(psutil.Error):
                        self.memory = max(self.memory, one.memory_info().rss)
                if self.held > seconds:
                    return
            assert ask(url, "/marches/", session=session)[0] == 200
            self.answered += bool(at_work)
            self.job.refresh_from_db()


@pytest.fixture
def fight(live_server_process, cloned_database):
    @contextlib.contextmanager
    def start(*, seconds: float, hang: bool = False, **options):
        equipe = make_equipe()
        session = Browser(equipe.person()).cookies["seance"].value
        with working(cloned_database, **options) as worker:
            job = ask_export(
                by=equipe.gestionnaire, piece=endless_piece(equipe), format=FormatExport.PDF
            )
            fight = Fight(job, worker)
            fight.watch(live_server_process.url, session, seconds=seconds, hang=hang)
            fight.equipe = equipe
            yield fight

    return start


HASTY = {"app": "tests.support.hasty_worker", "DELAY": "5"}


@pytest.mark.parametrize(
    ("delay", "options"),
    [
        pytest.param(5, HASTY, id="five_seconds"),
        pytest.param(60, {"hang": True}, id="as_it_is", marks=pytest.mark.lent),
    ],
)
def test_people_work_while_it_is_drawn_then_it_says_why_and_the_next_is_drawn(
    fight, delay, options
):
    with fight(seconds=600, **options) as seen:
        assert (seen.job.statut, seen.job.tentatives) == ("echec", 1)
        assert seen.job.raison == (
            f"Le traitement a dépassé le temps permis ({delay} s) et a été arrêté."
        )
        assert seen.held > delay / 2, "it was at work, and not refused beforehand"
        assert seen.answered >= 3
        assert 0 < seen.memory < ALLOWED
        assert seen.drawing() == []
        by, piece = seen.equipe.gestionnaire, seen.equipe.piece
        second = ask_export(by=by, piece=piece, format=FormatExport.MD)
        limit = time.monotonic() + 100
        while second.statut in ("en_file", "en_cours") and time.monotonic() < limit:
            time.sleep(0.2)
            second.refresh_from_db()
        assert second.statut == "fait"
        assert seen.worker.child.process.poll() is None


def test_without_a_delay_it_is_still_at_it(fight):
    """Positive control: the same pièce, nearly twice the delay of the test above."""
    with fight(seconds=9, app=HASTY["app"], DELAY="3600") as seen:
        assert seen.job.statut == "en_cours"
        assert seen.held > 9
        assert seen.drawing()
