"""Fixtures of every test: the database, the real server, the real worker, the real browser.

An ordinary test asks for `db`: one transaction, rolled back, as app_web. A test that needs real
commits asks for `cloned_database` (`flush`, hence `transactional_db`, is refused by the triggers).
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.services import Clamd, services, wm
from tests.support.process import Process, answers
from tests.support.required import missing


if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytest_plugins = ["tests.support.plugin", "tests.support.served", "tests.support.thrift"]


MATRIX = "tests/house/test_rights"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark « base » what asks a database something: what another Postgres may answer otherwise.

    ATTAQUE=ABC keeps the attacks of these families and the table of rights, and nothing else.
    """
    families = os.environ.get("ATTAQUE", "")
    if families:
        items[:] = [item for item in items if is_attack(item, families)]
    for item in items:
        asks = {"base", "db", "cloned_database", "scene"} & set(item.fixturenames)
        if asks or item.get_closest_marker("django_db"):
            item.add_marker("base")


def is_attack(item: pytest.Function, families: str) -> bool:
    """Whether a test plays a case of these families, or a cell of the table of rights."""
    cases = [marker.args[0] for marker in item.iter_markers("attaque")]
    return any(case[0] in families for case in cases) or item.nodeid.startswith(MATRIX)


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """No other test database: tests.services has already cloned the migrated template.

    Migrations are read now: those that a test reads first while it stands for the clock would keep
    its clock as the default of their columns, and differ from the models in the tests that follow.
    """
    MigrationLoader(None)


@pytest.fixture(autouse=True)
def light_passwords(request: pytest.FixtureRequest, settings: object) -> None:
    """Hash passwords cheaply, except where a test measures what signing in costs."""
    if "same_time" not in request.fixturenames:
        settings.PASSWORD_HASHERS = ["tests.support.hashers.LightArgon2"]


@pytest.fixture(autouse=True)
def stored_files(settings: object) -> Iterator[Path]:
    """No file at first: what another test has stored is neither found nor thrown away."""
    with services.empty_site() as site:
        settings.MEDIA_ROOT = site / "media"
        yield settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def no_alert(request: pytest.FixtureRequest) -> Iterator[None]:
    """No page asks whether an alert stands, so that queries are counted the same at any hour."""
    from procurement.marches.selectors.alerts import lately  # noqa: PLC0415 - Django is not ready at import

    lately.hold(None)
    yield
    lately.forget()


@pytest.fixture
def cloned_database(django_db_blocker) -> Iterator[str]:
    """A database of its own, where commits are real; every connection points to it."""
    from tests.support.served import connected_to  # noqa: PLC0415 - Django is not ready at import

    with services.cloned() as name, connected_to(name, django_db_blocker):
        yield name


@pytest.fixture
def site_options() -> dict[str, str]:
    """Variables of the site that a test wants otherwise: it has a fixture of the same name."""
    return {}


@pytest.fixture
def live_server_process(cloned_database, site_options) -> Iterator[Process]:
    """The ASGI application under uvicorn; `.pid` is there to be killed, `.url` to be visited."""
    port = wm.free_port(services.valkey.port + 10)
    url = f"http://127.0.0.1:{port}"
    process = Process(
        "web",
        [*wm.WEB, f"--port={port}"],
        services.environment(cloned_database, PUBLIC_URL=url, **site_options),
    )
    process.url = url
    process.start(lambda: answers(url))
    yield process
    process.stop()


@pytest.fixture
def live_server_url(live_server_process) -> str:
    """Address of the site, served as in production on the cloned database."""
    return live_server_process.url


@pytest.fixture
def worker(cloned_database) -> Iterator[Process]:
    """A real Celery worker on the cloned database, with an empty queue."""
    services.valkey.flush()
    options = ["--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=INFO"]
    process = Process(
        "worker",
        ["celery", "-A", "procurement", "worker", *options],
        services.environment(cloned_database, role="app_worker"),
    )
    process.start(lambda: b" ready." in process.log.read_bytes())
    yield process
    process.stop()


@pytest.fixture(scope="session")
def clamd_process() -> Iterator[Clamd]:
    """A real clamd for the whole session; a test that kills it starts it again."""
    if not Clamd.PROGRAM.exists():
        missing("CLAMD", "no clamd here: apt-get install -y --no-install-recommends clamav-daemon")
    clamd = Clamd(services.data / "clamd")
    clamd.start()
    yield clamd
    clamd.stop()


@pytest.fixture
def clamd(clamd_process, settings) -> Clamd:
    """The site under a real antivirus, in this process."""
    if not clamd_process.answers():
        clamd_process.start()
    settings.CLAMAV_URL = clamd_process.url
    settings.UNSCANNED_FILES = "refuser"
    return clamd_process


@pytest.fixture(scope="session")
def own_servers():
    """A durable Postgres and a Valkey that no other test uses, made once: a test may break them."""
    from tests.support.faults import OwnSite  # noqa: PLC0415 - Django is not ready at import

    site = OwnSite(services.data / "pannes")
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
def own_site(own_servers, django_db_blocker):
    """The same with a new database; servers that a test has left down or altered start again."""
    with django_db_blocker.unblock(), own_servers.fresh() as site:
        yield site


# ── Browser ─────────────────────────────────────────────────────────────────────────────────────

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LARGE, SMALL = (1280, 800), (390, 844)
LENTEUR = float(os.environ.get("WM_LENTEUR") or 1)
"""How many times slower the pages work: a way to look for the tests that count on a quick machine."""


def slow_down(chromium: "Browser") -> None:
    """Slow every page of the contexts that this browser will open."""
    plain = chromium.new_context

    def slow_page(page: "Page") -> None:
        rate = {"rate": LENTEUR}
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", rate)

    def new_context(**options: object) -> "BrowserContext":
        context = plain(**options)
        context.on("page", slow_page)
        return context

    chromium.new_context = new_context


@pytest.fixture(scope="session")
def browser():
    """One real Chromium for the whole process."""
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing: apt-get install -y chromium libatomic1")
    # Playwright keeps an event loop in this thread; Django's own calls are still synchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only the browser process loads it

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if LENTEUR > 1:
            slow_down(chromium)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser, live_server_url) -> Iterator[Callable]:
    """Open pages, each as another person: `new_page()`, `new_page(SMALL)`, `new_page(javascript=False)`.

    The test fails if any of them reported a breach of the CSP, an error in the console, an
    exception, an answer of 500, or asked another host for anything. Expected lines of the console
    are declared: `page.expected_errors.append("403")`.
    """
    contexts, faults = [], []

    def open_page(size: tuple[int, int] = LARGE, *, javascript: bool = True, **options):
        context = browser.new_context(
            base_url=live_server_url,
            viewport={"width": size[0], "height": size[1]},
            locale="fr-FR",
            timezone_id="Europe/Paris",
            java_script_enabled=javascript,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.expected_errors = []

        def hear(kind: str, text: str) -> None:
            if not any(expected in text for expected in page.expected_errors):
                faults.append(f"{kind}: {text}")

        def see_console(message) -> None:
            if message.type == "error":
                hear("console", f"{message.text} ({message.location.get('url', '')})")

        def see_request(request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme not in ("data", "blob", "about") and (
                parts.netloc != urlsplit(live_server_url).netloc
            ):
                hear("other host", request.url)

        def see_response(response) -> None:
            if response.status >= 500:
                hear("server error", f"{response.status} {response.url}")

        page.on("console", see_console)
        page.on("pageerror", lambda error: hear("exception", str(error)))
        page.on("request", see_request)
        page.on("response", see_response)
        page.set_default_timeout(10_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_page):
    """One page at 1280×800."""
    return new_page()


@pytest.fixture
def open_as(new_page, live_server_url) -> Callable:
    """Open an address as a person: `open_as(person, "/marches/")`, then as `new_page`."""
    from tests.support.client import give_session  # noqa: PLC0415 - Django is not ready at import

    def open_page(person, address: str, *size, **options):
        page = new_page(*size, **options)
        give_session(page, live_server_url, person)
        page.goto(address)
        return page

    return open_page


@pytest.fixture(scope="session")
def run_manage() -> Callable[..., subprocess.CompletedProcess]:
    """Run a management command in its own process, as ./wm does; standard output is kept clean."""

    def run(
        *args: str, database: str | None = None, variables: dict | None = None, **options
    ) -> subprocess.CompletedProcess:
        own = services.environment(database or services.database, **(variables or {}))
        env = {**os.environ, **own}
        return subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *args],
            env=env, cwd=wm.ROOT, check=False, capture_output=True, text=True, **options,
        )  # fmt: skip

    return run
