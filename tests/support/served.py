"""The site started as ./wm does, once for the run, and attacked over real HTTP by every test that carries a case.

`base` is the database of a test: one transaction rolled back for an ordinary one, that of this site
for an attack of the families A, B and C, whose requests all leave by a socket. Nothing is undone there, so each test makes its
own people and its own marché, as strangers do on a real platform.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from django.db import connections

from tests.services import services, wm
from tests.support.client import Browser
from tests.support.equipe import Equipe, make_equipe
from tests.support.process import Process, answers


IN_PROCESS = {"C02"}
"""Cases whose tests take something away from the site as it runs: its antivirus."""


@contextmanager
def connected_to(name: str, django_db_blocker) -> Iterator[str]:
    """Point every connection of this process to a database, where commits are real."""
    settings = connections.settings["default"]
    ordinary = settings["NAME"]
    with django_db_blocker.unblock():
        connections["default"].close()
        settings["NAME"] = name
        try:
            yield name
        finally:
            connections["default"].close()
            settings["NAME"] = ordinary


class Served:
    """url: its address. folder: its files. heard: status and address of what it answered in a test."""

    def __init__(self, database: str, folder: Path) -> None:
        self.database, self.folder = database, folder
        port = wm.free_port(services.valkey.port + 10)
        self.url = f"http://127.0.0.1:{port}"
        options = {"PUBLIC_URL": self.url, "DATA_DIR": str(folder), "DEMO": "on"}
        environment = services.environment(database, **options)
        self.process = Process("web", [*wm.WEB, f"--port={port}"], environment)
        self.heard: list[tuple[int, str]] = []

    def browse(self, user=None, **options) -> Browser:
        """Open the browser of a person, or of nobody."""
        return Browser(user, url=self.url, heard=self.heard, **options)

    def memory(self) -> int:
        """Resident memory of the server and of its children, in bytes."""
        process = psutil.Process(self.process.pid)
        return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])

    def work(self) -> float:
        """Seconds of processor that it has worked, with its children: others make it wait, not work."""
        return sum(psutil.Process(self.process.pid).cpu_times()[:4])

    @contextmanager
    def beside(self, application: str, **options: str) -> Iterator[str]:
        """Serve another application on the same database meanwhile. Yields its address."""
        port = wm.free_port(services.valkey.port + 10)
        url = f"http://127.0.0.1:{port}"
        own = {"PUBLIC_URL": url, "DATA_DIR": str(self.folder), "DEMO": "on", **options}
        argv = ["uvicorn", application, f"--port={port}", "--no-proxy-headers"]
        process = Process("beside", argv, services.environment(self.database, **own))
        process.start(lambda: answers(url))
        try:
            yield url
        finally:
            process.stop()

    @contextmanager
    def working(self, *, seconds: float, memory: int = 0) -> Iterator[None]:
        """What is asked in the block costs the server no more than that."""
        worked, held = self.work(), self.memory()
        yield
        assert self.work() - worked <= seconds
        if memory:
            assert self.memory() - held <= memory


@pytest.fixture(scope="session")
def served_site() -> Iterator[Served]:
    """One server for all of them: each leaves it as able to answer as it was."""
    with services.cloned() as name:
        site = Served(name, services.make_folder())
        site.process.start(lambda: answers(site.url))
        yield site
        site.process.stop()


@pytest.fixture
def served(served_site, stored_files, settings, django_db_blocker) -> Iterator[Served]:
    """The same, for one test: it never answers 500, and answers ordinary people afterwards."""
    settings.DEMO = True
    settings.MEDIA_ROOT = served_site.folder / "media"
    served_site.heard.clear()
    with connected_to(served_site.database, django_db_blocker):
        yield served_site
        visitor = Browser(url=served_site.url)
        assert visitor.get("/sante/").status_code == 200
    assert [each for each in served_site.heard if each[0] >= 500] == []


@pytest.fixture
def base(request: pytest.FixtureRequest, settings) -> Served | None:
    """The database of the test: its own, that of the served site for an attack, or one transaction.

    The second factor has its own tests.
    """
    settings.DEMO = True
    own = "cloned_database" in request.fixturenames
    cases = {marker.args[0] for marker in request.node.iter_markers("attaque")}
    if not own and any(case[0] in "ABC" for case in cases - IN_PROCESS):
        return request.getfixturevalue("served")
    request.getfixturevalue("cloned_database" if own else "db")
    return None


@pytest.fixture
def browse(base) -> Callable[..., Browser]:
    """Open a browser for a person, `browse(user)`, or for nobody, `browse()`."""
    return base.browse if base else Browser


@pytest.fixture
def equipe(base, browse) -> Equipe:
    """A team and its pièce, in the database of the test."""
    return make_equipe(browse)
