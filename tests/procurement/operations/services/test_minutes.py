"""The health journal: one row a minute, gaps that stay gaps, an hour that can be checked later."""

import json
import threading
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from django.db import Error, connection

from procurement.audit.selectors import database_now, list_entries
from procurement.audit.services import PLATFORM_CHAIN, record_event
from procurement.operations.enums import EtatSante, Organe
from procurement.operations.models import MinuteSante
from procurement.operations.selectors import Constat, Sante, read_journal
from procurement.operations.services import (
    MinuteWriter,
    keep_minute,
    minutes,
    purge_minutes,
    read_attestation,
)
from procurement.operations.services.minutes import (
    AT_A_TIME,
    HOUR_TAG,
    KEPT,
    LOOKED_BACK,
    UNWRITTEN,
    digest,
)
from procurement.operations.services.writer import SHORTEST


WELL = Sante((Constat(Organe.BASE, EtatSante.EN_MARCHE, "La base répond."),))
SLOW = Sante((Constat(Organe.VALKEY, EtatSante.DEGRADEE, "Valkey ne répond pas."),))
# Long enough ago for a stop of two days to have ended.
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=20, microsecond=0) - timedelta(days=5)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def nothing_set_aside(settings, tmp_path):
    """Minutes that another site set aside are not ours."""
    settings.DATA_DIR = tmp_path


def test_a_minute_is_noted_once_with_what_was_wrong(lived):
    keep_minute(WELL, NOON)
    keep_minute(SLOW, NOON + timedelta(seconds=30))
    keep_minute(SLOW, NOON + MINUTE)
    first, second = MinuteSante.objects.all()
    assert (first.etat, first.constats) == ("en_marche", {})
    assert second.constats == {"valkey": {"etat": "degradee", "mots": "Valkey ne répond pas."}}
    assert second.version == "0.1.0"


def test_gaps_are_told_as_gaps_and_nothing_was_due_before_the_first_minute(lived):
    for shift in (0, 1, 4, 5):
        keep_minute(WELL, NOON + shift * MINUTE)
    journal = read_journal(NOON + 8 * MINUTE)
    assert [(run.etat, run.minutes) for run in journal.troubles] == [
        ("non_prouve", 1), ("non_prouve", 2),
    ]  # fmt: skip
    assert (journal.proved, journal.expected) == (4, 7)
    # Positive control: filled, the same window has no gap.
    for shift in (2, 3, 6):
        keep_minute(WELL, NOON + shift * MINUTE)
    assert read_journal(NOON + 8 * MINUTE).troubles == ()


def test_while_the_base_is_away_minutes_wait_in_a_file(lived, tmp_path):
    keep_minute(WELL, NOON)
    port, connection.settings_dict["PORT"] = connection.settings_dict["PORT"], 1
    connection.close()
    down = Sante((Constat(Organe.BASE, EtatSante.EN_PANNE, "La base ne répond pas."),))
    keep_minute(down, NOON + MINUTE)
    connection.settings_dict["PORT"] = port
    connection.close()
    waiting = tmp_path / "sante-en-attente.jsonl"
    assert json.loads(waiting.read_text())["etat"] == "en_panne"
    waiting.write_text(waiting.read_text() + '{"minute": "2026-11')  # cut by a crash
    keep_minute(WELL, NOON + 2 * MINUTE)
    assert waiting.read_text() == ""
    assert list(MinuteSante.objects.values_list("etat", flat=True)) == [
        "en_marche", "en_panne", "en_marche",
    ]  # fmt: skip


@contextmanager
def base_away():
    """Nobody listens where the base was."""
    port, connection.settings_dict["PORT"] = connection.settings_dict["PORT"], 1
    connection.close()
    try:
        yield
    finally:
        connection.settings_dict["PORT"] = port
        connection.close()


def test_a_minute_that_could_not_be_written_was_not_up(lived):
    """Seen well a second before: what counts is that nothing could be written."""
    keep_minute(WELL, NOON)
    with base_away():
        assert keep_minute(WELL, NOON + MINUTE).etat == "en_panne"
    keep_minute(WELL, NOON + 2 * MINUTE)
    told = [(row.etat, row.constats) for row in MinuteSante.objects.all()]
    down = {"base": {"etat": "en_panne", "mots": UNWRITTEN}}
    assert told == [("en_marche", {}), ("en_panne", down), ("en_marche", {})]


def test_what_is_older_than_thirteen_months_is_purged_by_the_worker(lived, as_worker):
    old = database_now() - KEPT - MINUTE
    keep_minute(WELL, old)
    keep_minute(WELL, old + 2 * MINUTE)
    with as_worker():
        assert purge_minutes() == 1
    assert MinuteSante.objects.get().minute == (old + 2 * MINUTE).replace(second=0, microsecond=0)


def sealed():
    return [
        entry.corps["details"] for entry in reversed(list_entries(PLATFORM_CHAIN, action=HOUR_TAG))
    ]


def test_each_hour_ended_has_its_hash_in_the_chain_once(lived):
    for shift in range(3):
        keep_minute(SLOW, NOON + shift * MINUTE)
    keep_minute(WELL, NOON + 60 * MINUTE)
    assert sealed() == [], "another process may still write the last minute of the hour"
    keep_minute(WELL, NOON + 61 * MINUTE)
    keep_minute(WELL, NOON + 62 * MINUTE)
    [told] = sealed()
    rows = MinuteSante.objects.filter(minute__lt=NOON + 59 * MINUTE)
    assert told == {
        "heure": NOON.replace(second=0).isoformat(), "minutes": 3, "empreinte": digest(rows),
    }  # fmt: skip
    # Positive control: one state rewritten by who owns the base, and the hash says so.
    altered = list(rows)
    altered[1].etat = "en_marche"
    assert digest(altered) != told["empreinte"]


def test_an_hour_that_nobody_noted_is_sealed_as_empty_and_cannot_be_filled(lived):
    hour, noon = timedelta(hours=1), NOON.replace(second=0)
    keep_minute(WELL, NOON)
    keep_minute(WELL, NOON + 4 * hour + MINUTE)
    assert [told["minutes"] for told in sealed()] == [1, 0, 0, 0]
    assert [told["heure"] for told in sealed()][1] == (noon + hour).isoformat()
    found = read_attestation(noon, noon + 4 * hour)
    assert [(row.minutes[3], row.concorde) for row in found.hours] == [
        (59, True), (60, True), (60, True), (60, True),
    ]  # fmt: skip
    # Filled afterwards, it is told; and a file found too late fills nothing.
    MinuteSante.objects.create(minute=noon + hour, etat="en_marche", version="0.1.0")
    assert [row.concorde for row in read_attestation(noon, noon + 4 * hour).hours] == [
        True, False, True, True,
    ]  # fmt: skip
    with base_away():
        keep_minute(WELL, NOON + 2 * hour)
    keep_minute(WELL, NOON + 4 * hour + 2 * MINUTE)
    assert not MinuteSante.objects.filter(minute=noon + 2 * hour).exists()


def test_the_hours_of_a_long_stop_are_sealed_by_parts(lived):
    hour = timedelta(hours=1)
    keep_minute(WELL, NOON)
    later = NOON + (AT_A_TIME + 5) * hour + MINUTE
    keep_minute(WELL, later)
    assert len(list_entries(PLATFORM_CHAIN, action=HOUR_TAG)) == AT_A_TIME
    keep_minute(WELL, later + MINUTE)
    assert len(list_entries(PLATFORM_CHAIN, action=HOUR_TAG)) == AT_A_TIME + 5


def test_what_was_measured_is_kept_of_a_healthy_minute_and_sealed_with_it(lived):
    base = Constat(Organe.BASE, EtatSante.EN_MARCHE, "Bien.", mesures={"ecriture_ms": 1.5})
    keep_minute(Sante((base,)), NOON)
    [row] = MinuteSante.objects.all()
    assert (row.constats, row.mesures) == ({}, {"base": {"ecriture_ms": 1.5}})
    before = digest([row])
    row.mesures = {}
    assert digest([row]) != before


# ── The thread of the web process ───────────────────────────────────────────────────────────────


def test_a_site_that_takes_no_request_any_more_is_not_up(lived):
    """The thread that writes lives on while those that serve people are all held."""

    def hung(seconds):
        raise TimeoutError

    MinuteWriter(hung).write()
    row = MinuteSante.objects.get()
    assert (row.etat, row.constats["web"]["etat"]) == ("en_panne", "en_panne")


def test_the_next_minute_is_written_once_it_has_begun(lived):
    instant = NOON.replace(second=58)
    wait = MinuteWriter(bool, clock=lambda: instant).write()
    assert SHORTEST <= wait <= 3, "a second after it begins"
    wait = MinuteWriter(bool, clock=lambda: NOON.replace(second=0) + MINUTE).write()
    assert 50 < wait <= 61
    assert [row.minute.minute for row in MinuteSante.objects.all()] == [0, 1]
    # Measured in this very minute: nothing is told twice, by another process or by a reload.
    MinuteWriter(bool, clock=lambda: NOON).write()
    assert MinuteSante.objects.count() == 2
    assert {"lecture_ms", "ecriture_ms"} <= MinuteSante.objects.first().mesures["base"].keys()


def test_a_thread_that_failed_once_writes_the_next_minute_and_holds_no_line(lived, caplog):
    instants = iter([ZeroDivisionError, NOON, NOON + MINUTE])

    def clock():
        instant = next(instants)
        if instant is ZeroDivisionError:
            raise instant
        return instant

    writer = MinuteWriter(bool, clock=clock)
    for _ in range(3):
        assert writer.write() >= SHORTEST
        assert connection.connection is None
    assert MinuteSante.objects.count() == 2
    assert "is not written" in caplog.text


def test_stopped_it_writes_no_more(lived):
    writer = MinuteWriter(bool)
    writer.start()
    limit = time.monotonic() + 60
    while not MinuteSante.objects.exists() and time.monotonic() < limit:
        time.sleep(0.02)
    writer.stop()
    assert MinuteSante.objects.exists()
    assert "minutes" not in [thread.name for thread in threading.enumerate()]


ADDED = (
    "INSERT INTO operations_minutesante (minute, etat, constats, mesures, version, written_at)"
    " VALUES (%s, 'en_marche', '{}', '{}', '0.1.0', %s)"
)
REFUSED = [
    ("app_web", "UPDATE operations_minutesante SET etat = 'en_marche'", "permission denied"),
    ("app_web", "DELETE FROM operations_minutesante", "permission denied"),
    ("app_web", "TRUNCATE operations_minutesante", "permission denied"),
    ("app_worker", "UPDATE operations_minutesante SET etat = 'en_marche'", "permission denied"),
    ("app_worker", "TRUNCATE operations_minutesante", "permission denied"),
    ("app_worker", ADDED.replace("%s", "now()"), "permission denied"),
    ("app_worker", "DELETE FROM operations_minutesante", "DELETE refusé"),
    ("postgres", "DELETE FROM operations_minutesante", "DELETE refusé"),
    ("postgres", "UPDATE operations_minutesante SET etat = 'en_marche'", "UPDATE refusé"),
    ("postgres", "TRUNCATE operations_minutesante", "TRUNCATE refusé"),
]


@pytest.mark.parametrize(("role", "statement", "why"), REFUSED)
def test_the_site_adds_minutes_and_nobody_changes_or_removes_a_young_one(
    lived, connect_as, role, statement, why
):
    keep_minute(SLOW, database_now() - KEPT + 5 * MINUTE)
    with connect_as(role).cursor() as at, pytest.raises(psycopg2.Error, match=why):
        at.execute(statement)
    assert [row.etat for row in MinuteSante.objects.all()] == ["degradee"]


@pytest.mark.parametrize("shift", [timedelta(days=-30), timedelta(days=30)])
def test_a_minute_was_written_when_the_base_says_whatever_the_site_says(
    cloned_database, connect_as, shift
):
    before = database_now()
    with connect_as("app_web").cursor() as at:
        at.execute(ADDED, [before, before + shift])
    assert before <= MinuteSante.objects.get().written_at <= database_now()


# ── Noted at once, or as a breakdown ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("shift", "etat", "why"),
    [
        (MINUTE, "en_marche", "à venir"),
        (30 * MINUTE, "en_panne", "à venir"),
        (-6 * MINUTE, "en_marche", "trop tard"),
        (-6 * MINUTE, "degradee", "trop tard"),
        (timedelta(days=-30), "en_marche", "trop tard"),
        (-4 * MINUTE, "en_marche", ""),
        (-6 * MINUTE, "en_panne", ""),
        (timedelta(days=-30), "en_panne", ""),
    ],
)
def test_nobody_notes_what_is_to_come_nor_afterwards_that_all_was_well(
    cloned_database, connect_as, shift, etat, why
):
    """With the password of the site: a gap is filled as a breakdown, or stays a gap."""
    statement = ADDED.replace("'en_marche'", f"'{etat}'")
    for role in ("app_web", "postgres"):
        minute = database_now() + shift - (role == "postgres") * timedelta(seconds=1)
        with connect_as(role).cursor() as at:
            if why:
                with pytest.raises(psycopg2.Error, match=why):
                    at.execute(statement, [minute, minute])
            else:
                at.execute(statement, [minute, minute])
    assert MinuteSante.objects.filter(etat=etat).count() == (0 if why else 2)


def test_a_base_that_comes_back_takes_the_breakdown_and_leaves_out_what_is_to_come(
    cloned_database, caplog
):
    """Noted in a file at the clock of a machine that was wrong; the next minutes are written all the same."""
    now = database_now()
    with base_away():
        keep_minute(WELL, now - 20 * MINUTE)
        keep_minute(WELL, now + 20 * MINUTE)
    keep_minute(WELL, now)
    assert [row.etat for row in MinuteSante.objects.all()] == ["en_panne", "en_marche"]
    assert MinuteSante.objects.last().minute <= now
    assert "1 minutes to come" in caplog.text


def test_minutes_of_a_file_are_not_added_to_an_hour_that_another_process_seals(
    lived, at_once, monkeypatch
):
    """The first has read which hours are sealed; the second must not seal one before it has added its own."""
    keep_minute(WELL, NOON)
    with base_away():
        keep_minute(WELL, NOON + 2 * MINUTE)
    read, other = threading.Event(), threading.Event()

    def first():
        def still_open(rows):
            kept = found(rows)
            read.set()
            waited(other)
            return kept

        found = minutes._still_open
        monkeypatch.setattr(minutes, "_still_open", still_open)
        keep_minute(WELL, NOON + 58 * MINUTE)

    def second():
        read.wait(20)
        monkeypatch.undo()
        keep_minute(WELL, NOON + 61 * MINUTE)
        other.set()

    assert at_once(first, second) == [None, None]
    keep_minute(WELL, NOON + 62 * MINUTE)
    noon = NOON.replace(second=0)
    (row,) = read_attestation(noon, noon + timedelta(hours=1)).hours
    assert (row.scellee != "", row.concorde) == (True, True)


def waited(other: threading.Event) -> None:
    """Return once the other process is done, or waits for us."""
    with closing(connection.copy()) as beside, beside.cursor() as cursor:
        while not other.wait(0.05):
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return


@pytest.mark.parametrize(
    "corps",
    [
        {"heure": "2999-01-01T00:00:00+00:00", "empreinte": "x"},
        {"heure": "demain"},
        {"heure": "9999-12-31T23:00:00+00:00", "empreinte": "x"},
        {"heure": f"{NOON:%Y-%m-%d}T21:00:00+00:30", "empreinte": "x"},
        {"heure": f"{NOON:%Y-%m-%d}T12:34:00+00:00", "empreinte": "x"},
        {"heure": None},
        {},
    ],
)
def test_a_line_that_says_nonsense_of_an_hour_stops_no_seal(lived, corps):
    """Anyone with the password of the site may write it; a line redacted says as little."""
    keep_minute(WELL, NOON)
    keep_minute(WELL, NOON + 61 * MINUTE)
    for _ in range(LOOKED_BACK + 1):
        record_event(by=None, tag=HOUR_TAG, chain=PLATFORM_CHAIN, objet="x", details=corps)
    before = len(list_entries(PLATFORM_CHAIN, action=HOUR_TAG))
    keep_minute(WELL, NOON + 121 * MINUTE)
    said = list_entries(PLATFORM_CHAIN, action=HOUR_TAG)
    assert len(said) == before + 1
    assert said[0].corps["details"]["heure"] == f"{NOON:%Y-%m-%d}T13:00:00+00:00"


def test_many_lines_of_nonsense_are_passed_over_in_a_few_queries(
    lived, django_assert_max_num_queries
):
    keep_minute(WELL, NOON)
    keep_minute(WELL, NOON + 61 * MINUTE)
    for _ in range(20 * LOOKED_BACK):
        record_event(by=None, tag=HOUR_TAG, chain=PLATFORM_CHAIN, objet="x", details={})
    end = NOON.replace(second=0) + timedelta(hours=1)
    with django_assert_max_num_queries(6):
        assert minutes._sealed_until(end + MINUTE) == end


def test_each_hour_of_a_long_stop_is_sealed_by_itself(lived, monkeypatch):
    """Who has a minute to write waits for one of them at most; what is sealed before a fault stays sealed."""
    keep_minute(WELL, NOON)
    sealed, write = [], minutes._seal

    def seal(start, rows):
        if len(sealed) == 2:
            raise Error("The base is away.")
        sealed.append(start)
        write(start, rows)

    monkeypatch.setattr(minutes, "_seal", seal)
    keep_minute(WELL, NOON + timedelta(hours=5, minutes=1))
    assert len(list_entries(PLATFORM_CHAIN, action=HOUR_TAG)) == 2
