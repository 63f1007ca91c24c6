"""Playing one cell of the table of rights: a scene made once, an act looked at then undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import override_settings
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from tests.services import services
from tests.support.client import Browser, plain
from tests.support.droits import (
    Row,
    address,
)
from tests.support.payloads import PAYLOADS
from tests.support.scene import Scene, make_scene
from tests.support.served import connected_to


QUIET_TABLES = frozenset(
    {
        "journal",
        "chaine_tete",
        "refus_groupe",
        "django_session",
        "usersessions_usersession",
        "cache",
    }
)
"""What a refusal may write: its own event, and what any request does."""


@pytest.fixture(autouse=True, scope="module")
def stored_files() -> Iterator[Path]:
    """The files of the scene live as long as it does."""
    with services.empty_site() as site, override_settings(MEDIA_ROOT=site / "media"):
        yield site / "media"


@pytest.fixture(scope="module")
def scene(stored_files, django_db_blocker) -> Iterator[Scene]:
    with services.cloned() as name, connected_to(name, django_db_blocker):
        yield make_scene()


@pytest.fixture(autouse=True)
def without_second_factor(settings):
    """It is asked before anything else, and has its own tests."""
    settings.DEMO = True


@contextmanager
def undone(*, outermost: bool = False) -> Iterator[None]:
    """Do, look, and undo."""
    block = transaction.Atomic(using=None, savepoint=True, durable=False)
    # As in a TestCase: events that have a transaction of their own join this one, to be seen.
    block._from_testcase = outermost
    with block:
        yield
        transaction.set_rollback(True)


def written_tables() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        )
        return dict(cursor.fetchall())


def play(scene: Scene, row: Row, actor: str, pk: UUID | None) -> tuple[Browser, object]:
    browser = scene.browser(actor)
    ask = getattr(browser, row.method.lower())
    extra = PAYLOADS[row.envoi](scene, actor) if row.method == "POST" else {}
    answer = ask(address(row.route, pk), **extra)
    if extra.get("content_type") == "application/json" and answer.status_code >= 400:
        assert answer["Content-Type"] == "application/json"
    return answer


def check_cell(scene: Scene, row: Row, actor: str) -> str:
    """Play one cell. Returns what is wrong, or ""."""
    wanted, pk = row.expected[actor], scene.objets.get(row.objet)
    before = written_tables()
    scene.oracle.way = str(row)
    answer = play(scene, row, actor, pk)
    leaks = scene.oracle.take_leaks()
    status = answer.status_code
    if status != wanted:
        leaks.insert(0, f"{status}, not {wanted}")
    if leaks:
        return "; ".join(leaks)
    if status >= 400:
        written = {t for t, n in written_tables().items() if n != before.get(t, 0)}
        if written - QUIET_TABLES:
            return f"refused, but wrote in {sorted(written - QUIET_TABLES)}"
    if status in (403, 404) and pk:
        return check_refusal(scene, row, actor, pk, answer)
    if status < 400:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return follow_up(scene, row, actor) if row.method == "POST" and status == 302 else ""


def follow_up(scene: Scene, row: Row, actor: str) -> str:
    """Do the work that a change has asked for, and search the mails, the files and the log."""
    asked = Job.objects.filter(statut="en_file").exclude(pk=scene.objets["travail"])
    for job in asked.exclude(pk__in=scene.queued):
        run_job(job.pk)
        browser = scene.browser(actor)
        for route in ("jobs:job_detail", "documents:job_download"):
            browser.get(reverse(route, args=[job.pk]))
    scene.oracle.read_mails(mail.outbox)
    mail.outbox.clear()
    return "; ".join(scene.oracle.take_leaks())


def check_refusal(scene: Scene, row: Row, actor: str, pk: UUID, answer) -> str:
    acting = f"acheteur:{scene.people[actor].pk}"
    event = list_entries(PLATFORM_CHAIN, acteur=acting, limit=1)[0]
    if (event.action, event.corps["details"]["action"]) != ("access:action:refused", row.action):
        return f"no event for this refusal (the last one is {event.action})"
    if not event.objet.endswith(f":{pk}"):
        return f"the event names {event.objet}"
    if answer.status_code == 404:
        random = play(scene, row, actor, uuid4())
        if plain(answer) != plain(random):
            return "its 404 differs from the one of a random identifier"
    elif "secret" in answer.content.decode():
        return "its 403 says something of the object"
    return ""
