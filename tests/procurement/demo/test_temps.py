"""Nobody antedates an entry: the story does, once, on an empty journal of the demonstration, and says so."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.utils import timezone

from procurement.audit.services import PLATFORM_CHAIN, record_event, recording, verify_evidence
from procurement.demo import temps
from procurement.demo.temps import TOLD, edition_held, mark_told, story_time
from procurement.organisations.models import Organisation
from tests.support.chaines import open_chain


SAYS_TIME = "SELECT current_user, session_user"


def definitions() -> list[str]:
    return [statement for statement, _ in temps._definitions()]


def instants(chain=PLATFORM_CHAIN) -> list:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT instant, action FROM journal WHERE chaine = %s ORDER BY seq", [chain]
        )
        return cursor.fetchall()


def note(chain=PLATFORM_CHAIN) -> None:
    record_event(by=None, tag="audit:row:noted", chain=chain, objet="x")


@pytest.fixture
def demo(settings):
    settings.DEMO = True


def test_the_story_is_told_in_the_past_and_owns_up(cloned_database, demo):
    before, chain = definitions(), uuid4()
    assert len(before) > 5
    with story_time() as clock:
        clock.begin(30, "x")
        organisation = Organisation(nom="Région Exemple", type="collectif")
        with recording(by=None, tag="organisations:organisation:created", obj=organisation):
            organisation.save()
        clock.go(10)
        open_chain(organisation, chain)
        assert timezone.now() == clock.instant
    assert definitions() == before
    assert timezone.now() - instants()[0][0] > timedelta(days=35)
    for each in (PLATFORM_CHAIN, chain):
        (told, _), (true, action) = instants(each)
        assert action == TOLD
        assert told < true
        assert abs(timezone.now() - true) < timedelta(minutes=2)
    with connection.cursor() as cursor:
        cursor.execute(SAYS_TIME)
        assert set(cursor.fetchone()) == {"app_web"}
        cursor.execute("SELECT corps FROM journal WHERE action = %s AND chaine = %s", [TOLD, chain])
        assert json.loads(cursor.fetchone()[0])["details"]["lignes"] == 1
    report = verify_evidence()
    assert report.ok, report.breaks


@pytest.mark.attaque("G01")
def test_no_setting_moves_the_clock_of_the_database(cloned_database):
    """What the story sets means nothing to the functions that stand outside its transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('demo.instant', '2020-01-01T00:00:00+00:00', false)")
        note()
    ((instant, _),) = instants()
    assert abs(timezone.now() - instant) < timedelta(minutes=2)
    assert not any("demo.instant" in statement for statement in definitions())


@pytest.mark.attaque("G01")
def test_the_role_of_the_site_cannot_replace_a_clock(cloned_database):
    for statement, is_ours in temps._definitions():
        assert not is_ours
        with (
            pytest.raises((ProgrammingError, InternalError)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(temps._told(statement))
    note()
    assert timezone.now() - instants()[0][0] < timedelta(minutes=2)


@pytest.mark.attaque("G01")
@pytest.mark.parametrize("missing", ["DEMO", "DATABASE_OWNER_URL", "empty journal", "owner"])
def test_one_condition_missing_and_the_present_is_told(cloned_database, settings, demo, missing):
    if missing == "empty journal":
        note()
    elif missing == "owner":
        settings.DATABASE_OWNER_URL = _address()
    else:
        setattr(settings, missing, "" if missing == "DATABASE_OWNER_URL" else False)
    before = definitions()
    with story_time() as clock:
        assert clock is None
        note()
    assert definitions() == before
    assert all(timezone.now() - instant < timedelta(minutes=2) for instant, _ in instants())


def _address() -> str:
    mine = connection.settings_dict
    return f"postgres://{mine['USER']}:{mine['PASSWORD']}@{mine['HOST']}:{mine['PORT']}/x"


def test_an_interrupted_story_leaves_nothing(cloned_database, demo):
    before = definitions()

    def interrupted():
        with story_time() as clock:
            clock.begin(30, "x")
            note()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert instants() == []
    assert definitions() == before
    note()
    assert timezone.now() - instants()[0][0] < timedelta(minutes=2)


def test_functions_that_do_not_come_back_stop_the_commit(cloned_database, demo, monkeypatch):
    class Kept(list):
        """Two definitions that are never found equal."""

        __hash__ = None

        def __ne__(self, other):
            return True

    real = temps._definitions
    monkeypatch.setattr(temps, "_definitions", lambda: Kept(real()))
    with pytest.raises(temps.NotPutBack), story_time():
        note()
    monkeypatch.undo()
    assert instants() == []


def test_nobody_else_sees_a_clock_that_believes_the_story(cloned_database, demo):
    other = connection.copy()
    try:
        with story_time() as clock:
            clock.begin(30, "x")
            with other.cursor() as cursor:
                cursor.execute(temps._FUNCTIONS)
                assert not any("demo.instant" in row[0] for row in cursor.fetchall())
            note()
    finally:
        other.close()


def test_the_edition_that_a_database_holds(cloned_database, monkeypatch):
    assert edition_held() == 1
    monkeypatch.setattr(temps, "EDITION", 12)
    mark_told()
    assert edition_held() == 12
