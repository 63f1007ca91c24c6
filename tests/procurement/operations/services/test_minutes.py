"""The health journal: one row a minute, gaps that stay gaps, an hour that can be checked later."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.operations.enums import EtatSante, Organe
from procurement.operations.models import MinuteSante
from procurement.operations.selectors import Constat, Sante, read_journal
from procurement.operations.services import keep_minute
from procurement.operations.services.minutes import HOUR_TAG, KEPT, digest
from tests.services import services


WELL = Sante((Constat(Organe.BASE, EtatSante.EN_MARCHE, "La base répond."),))
SLOW = Sante((Constat(Organe.VALKEY, EtatSante.DEGRADEE, "Valkey ne répond pas."),))
NOON = datetime(2026, 11, 22, 12, 0, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def nothing_set_aside(settings, tmp_path):
    """Minutes that another site set aside are not ours."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def as_worker(cloned_database):
    """The worker writes it: its role, and no other, may purge."""
    settings = connection.settings_dict
    user, password = settings["USER"], settings["PASSWORD"]
    connection.close()
    settings |= {"USER": "app_worker", "PASSWORD": services.postgres.secrets["app_worker"]}
    yield
    connection.close()
    settings |= {"USER": user, "PASSWORD": password}


def test_a_minute_is_noted_once_with_what_was_wrong(as_worker):
    keep_minute(WELL, NOON)
    keep_minute(SLOW, NOON + timedelta(seconds=30))
    keep_minute(SLOW, NOON + MINUTE)
    first, second = MinuteSante.objects.all()
    assert (first.etat, first.constats) == ("en_marche", {})
    assert second.constats == {"valkey": {"etat": "degradee", "mots": "Valkey ne répond pas."}}
    assert second.version == "0.1.0"


def test_gaps_are_told_as_gaps_and_nothing_was_due_before_the_first_minute(as_worker):
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


def test_while_the_base_is_away_minutes_wait_in_a_file(as_worker, settings, tmp_path):
    settings.DATA_DIR = tmp_path
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
    assert not waiting.exists()
    assert list(MinuteSante.objects.values_list("etat", flat=True)) == [
        "en_marche", "en_panne", "en_marche",
    ]  # fmt: skip


def test_what_is_older_than_thirteen_months_is_purged(as_worker):
    keep_minute(WELL, NOON - KEPT - MINUTE)
    keep_minute(WELL, NOON)
    assert [row.minute for row in MinuteSante.objects.all()] == [NOON.replace(second=0)]


def test_each_hour_ended_has_its_hash_in_the_chain_once(as_worker):
    for shift in range(3):
        keep_minute(SLOW, NOON + shift * MINUTE)
    assert list_entries(PLATFORM_CHAIN, action=HOUR_TAG) == []
    keep_minute(WELL, NOON + 61 * MINUTE)
    keep_minute(WELL, NOON + 62 * MINUTE)
    [told] = list_entries(PLATFORM_CHAIN, action=HOUR_TAG)
    rows = MinuteSante.objects.filter(minute__lt=NOON + 60 * MINUTE)
    assert told.corps["details"] == {
        "heure": NOON.replace(second=0).isoformat(), "minutes": 3, "empreinte": digest(rows),
    }  # fmt: skip
    # Positive control: one state rewritten by who owns the base, and the hash says so.
    altered = list(rows)
    altered[1].etat = "en_marche"
    assert digest(altered) != told.corps["details"]["empreinte"]


def test_nobody_changes_a_minute_and_the_site_removes_none(cloned_database, connect_as):
    statements = {
        "app_web": ("UPDATE operations_minutesante SET etat = 'en_marche'", "DELETE FROM operations_minutesante"),
        "app_worker": ("UPDATE operations_minutesante SET etat = 'en_marche'",),
    }  # fmt: skip
    for role, refused in statements.items():
        for statement in refused:
            with (
                pytest.raises(Exception, match="permission denied"),
                connect_as(role).cursor() as at,
            ):
                at.execute(statement)
    with connect_as("app_worker").cursor() as at:
        at.execute("DELETE FROM operations_minutesante")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        MinuteSante.objects.all().delete()
