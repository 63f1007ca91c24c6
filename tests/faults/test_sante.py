"""The health journal while something breaks: a minute says no more than what was, and none is lost with the queue."""

import itertools
import signal
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings as site_settings
from django.db import connection

from procurement.audit.selectors import database_now
from procurement.operations.models import MinuteSante
from procurement.operations.selectors import read_journal
from procurement.operations.services import MinuteWriter, sign_life
from tests.support.faults import DEAD, ask, send_all, wait_gone


pytestmark = pytest.mark.timeout(600)
MINUTE = timedelta(minutes=1)
JOURNAL = ("--lifespan=on",)


@pytest.fixture(autouse=True)
def ours(own_site, settings, tmp_path):
    """This process looks at the same servers as the site, and finds no minute that another set aside."""
    settings.DATA_DIR, settings.REDIS_URL = tmp_path, own_site.valkey.url


@pytest.fixture
def writer(own_site) -> MinuteWriter:
    """The thread of the site, whose next look is a minute later: four minutes have to be lived.

    The first is written within five minutes of what it tells, however slow the machine.
    """
    while database_now().second > 30:
        time.sleep(0.2)
    start = database_now().replace(second=5) - 4 * MINUTE
    shifts = itertools.count()
    return MinuteWriter(bool, clock=lambda: start + next(shifts) * MINUTE)


def refuse_writes(own_site, *, refused: bool) -> None:
    """Have the database read and write no more, as an administrator or a standby does."""
    word = "on" if refused else "off"
    own_site.postgres.sql(
        f'ALTER DATABASE "{own_site.database}" SET default_transaction_read_only = {word}'
    )
    own_site.drop_connections()
    connection.close()


def told() -> list[tuple[str, list[str]]]:
    """State of each minute, and what was wrong."""
    return [(row.etat, sorted(row.constats)) for row in MinuteSante.objects.all()]


def wait_minutes(count: int) -> None:
    limit = time.monotonic() + DEAD
    while MinuteSante.objects.count() < count and time.monotonic() < limit:
        time.sleep(0.05)
    assert MinuteSante.objects.count() >= count


def test_a_base_that_only_reads_is_down_for_the_probes_and_in_the_journal(own_site, writer):
    sign_life()
    writer.write()
    with own_site.serving() as web:
        assert ask(web.url, "/sante/")[0] == 200
    refuse_writes(own_site, refused=True)
    with own_site.serving() as web:
        assert ask(web.url, "/sante/")[0] == 503
        assert ask(web.url, "/sante/vie/")[0] == 200
    writer.write()
    assert told() == [("en_marche", [])]
    refuse_writes(own_site, refused=False)
    writer.write()
    assert told() == [("en_marche", []), ("en_panne", ["base"]), ("en_marche", [])]


def test_valkey_and_the_worker_dead_are_three_minutes_that_say_so_and_no_gap(own_site, writer):
    sign_life()
    writer.write()
    pid = own_site.valkey.child.process.pid
    send_all(pid, signal.SIGKILL)
    own_site.valkey.child.process.wait(10)
    wait_gone([pid])
    for _ in range(3):
        writer.write()
    own_site.valkey.start(own_site.valkey.port)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE cache_key LIKE '%signe_de_vie'")
    writer.write()
    assert told() == [
        ("en_marche", []), *[("degradee", ["valkey"])] * 3, ("degradee", ["travailleur"]),
    ]  # fmt: skip
    journal = read_journal(MinuteSante.objects.last().minute + 2 * MINUTE)
    assert (journal.proved, journal.expected) == (5, 5)


def test_the_base_killed_is_a_minute_down_and_the_thread_goes_on(own_site, writer):
    sign_life()
    writer.write()
    own_site.kill_postgres()
    writer.write()
    own_site.restart_postgres()
    writer.write()
    assert told() == [("en_marche", []), ("en_panne", ["base"]), ("en_marche", [])]


def test_the_served_site_writes_its_minutes_and_nobody_writes_them_for_it(own_site):
    """Killed, it is a gap, although the base and all that the worker does are well."""
    with own_site.serving(options=JOURNAL) as web:
        wait_minutes(1)
        row = MinuteSante.objects.get()
        assert row.mesures["web"].keys() == {"attente_ms"}
        send_all(web.pid, signal.SIGKILL)
        wait_gone([web.pid])
    for each in site_settings.CELERY_BEAT_SCHEDULE.values():
        if each["task"].startswith("operations.") and each["task"] != "operations.purge_minutes":
            current_app.tasks[each["task"]]()
    assert "operations.note_minute" not in current_app.tasks
    assert MinuteSante.objects.count() == 1
    journal = read_journal(row.minute + 5 * MINUTE)
    assert next((run.etat, run.minutes) for run in journal.troubles) == ("non_prouve", 3)


def test_two_processes_and_a_reload_write_their_minutes_without_harm(own_site, tmp_path):
    """Each notes the minute as it starts, and ends it before it stops: the second finds it there, and sets nothing aside."""
    site = {"options": JOURNAL, "DATA_DIR": str(tmp_path)}
    with own_site.serving(**site), own_site.serving(**site):
        wait_minutes(1)
    with own_site.serving(**site) as again:
        ask(again.url, "/sante/")
    aside = tmp_path / "sante-en-attente.jsonl"
    assert not aside.exists() or not aside.read_text(), "a minute already there is no outage"


def test_a_site_served_without_its_life_span_writes_nothing(own_site):
    """Positive control of the tests themselves: those of others are not disturbed by a minute that passes."""
    with own_site.serving() as web:
        ask(web.url, "/sante/")
        assert ask(web.url, "/sante/")[0] == 200
    assert not MinuteSante.objects.exists()
