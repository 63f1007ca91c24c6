"""G03: no way around recording(), from the shell nor from SQL."""

# ruff: noqa: S608, PT012, SIM117 - a refusal comes with the commit, hence whole blocks
import uuid

import psycopg2
import pytest
import reversion
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from reversion.models import Revision, Version

from procurement.accounts.services import deactivate_user
from procurement.audit.services import (
    PLATFORM_CHAIN,
    RecordingError,
    record_event,
    recording,
    verify_evidence,
)
from procurement.organisations.models import Direction
from tests.procurement.audit.conftest import make_user


pytestmark = pytest.mark.attaque("G03")
TAG = "organisations:direction:edited"


def state(histoire):
    histoire.direction.refresh_from_db()
    return histoire.direction.sigle, Version.objects.count(), Revision.objects.count()


@pytest.fixture
def unchanged(histoire):
    before = state(histoire)
    yield histoire
    assert state(histoire) == before
    assert verify_evidence().ok


def test_save_outside_a_block(unchanged):
    unchanged.direction.sigle = "FAUX"
    with pytest.raises(IntegrityError, match="n’a pas sa ligne au journal"):
        unchanged.direction.save()


def test_update_outside_a_block(unchanged):
    with pytest.raises(IntegrityError):
        Direction.objects.update(sigle="FAUX")


def test_update_inside_a_block(unchanged):
    with (
        pytest.raises(IntegrityError),
        recording(by=unchanged.ana, tag=TAG, obj=unchanged.direction),
    ):
        Direction.objects.filter(pk=unchanged.direction.pk).update(sigle="FAUX")


def test_update_after_a_save_in_the_same_block(unchanged):
    with (
        pytest.raises(IntegrityError, match="sigle"),
        recording(by=unchanged.ana, tag=TAG, obj=unchanged.direction),
    ):
        unchanged.direction.sigle = "VRAI"
        unchanged.direction.save()
        Direction.objects.filter(pk=unchanged.direction.pk).update(sigle="FAUX")


def test_update_after_the_block_in_the_same_transaction(unchanged):
    with pytest.raises(IntegrityError, match="sigle"), transaction.atomic():
        unchanged.edit(sigle="VRAI")
        Direction.objects.filter(pk=unchanged.direction.pk).update(sigle="FAUX")


def test_update_once_the_constraints_are_immediate(unchanged):
    with pytest.raises(IntegrityError), transaction.atomic():
        unchanged.edit(sigle="VRAI")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        Direction.objects.filter(pk=unchanged.direction.pk).update(sigle="FAUX")


def test_bulk_create_and_bulk_update(unchanged):
    new = Direction(organisation=unchanged.organisation, nom="Fausse")
    with pytest.raises(IntegrityError):
        Direction.objects.bulk_create([new])
    unchanged.direction.sigle = "FAUX"
    with pytest.raises(IntegrityError):
        Direction.objects.bulk_update([unchanged.direction], ["sigle"])


def test_an_event_naming_the_object_is_no_evidence(unchanged):
    with pytest.raises(IntegrityError), transaction.atomic():
        Direction.objects.filter(pk=unchanged.direction.pk).update(sigle="FAUX")
        objet = f"organisations_direction:{unchanged.direction.pk}"
        record_event(by=unchanged.ana, tag=TAG, chain=PLATFORM_CHAIN, objet=objet)


def test_reversion_outside_recording(unchanged):
    with pytest.raises(RecordingError), reversion.create_revision():
        unchanged.direction.save()


def forged_version(cursor, histoire, *, revision: str, author: object, objet: str = "") -> None:
    """Write a version by SQL and journal it, as somebody who stole the password would."""
    cursor.execute(
        "INSERT INTO reversion_version (revision_id, object_id, content_type_id, db, format,"
        f" serialized_data, object_repr) SELECT {revision}, object_id, content_type_id, db, format,"
        " replace(serialized_data, 'Achats', 'Faux'), object_repr FROM reversion_version"
        " WHERE object_id = %s ORDER BY id DESC LIMIT 1 RETURNING id",
        [str(histoire.direction.pk)],
    )
    version = cursor.fetchone()[0]
    cursor.execute("SELECT comment FROM reversion_revision ORDER BY id DESC LIMIT 1")
    operation = cursor.fetchone()[0]
    cursor.execute(
        "SELECT journal_ajouter(%s::uuid, %s, %s, %s, %s::uuid, %s, '{}')",
        [str(PLATFORM_CHAIN), f"acheteur:{author}", TAG,
         objet or f"organisations_direction:{histoire.direction.pk}", operation, version],
    )  # fmt: skip


NEW_REVISION = (
    "INSERT INTO reversion_revision (date_created, comment, user_id)"
    " VALUES (now(), gen_random_uuid()::text, %s)"
)
LAST = "(SELECT max(id) FROM reversion_revision)"


def test_a_version_without_journal(unchanged):
    with pytest.raises(psycopg2.errors.RestrictViolation, match="n’a pas sa ligne"):
        unchanged.connect("app_web").cursor().execute(
            "INSERT INTO reversion_version (revision_id, object_id, content_type_id, db, format,"
            " serialized_data, object_repr) SELECT 1, gen_random_uuid()::text, content_type_id, db,"
            " format, serialized_data, object_repr FROM reversion_version LIMIT 1"
        )


def test_a_version_slipped_into_an_old_revision(unchanged):
    """It would change what the tender said then."""
    web = unchanged.connect("app_web")
    web.autocommit = False
    with web.cursor() as cursor:
        cursor.execute(NEW_REVISION, [str(unchanged.ana.pk)])
        # Revision 1 has a version of the direction: the organisation's own revision is the target.
        with pytest.raises(psycopg2.Error):
            forged_version(cursor, unchanged, revision="1", author=unchanged.ana.pk)
            web.commit()
    web.rollback()


def test_a_version_in_an_old_revision_where_the_object_had_none(histoire):
    other = Direction(organisation=histoire.organisation, nom="Juridique")
    with recording(by=histoire.ana, tag=TAG, obj=other):
        other.save()
    web = histoire.connect("app_web")
    web.autocommit = False
    with web.cursor() as cursor:
        # The last revision speaks of another direction and was committed before.
        with pytest.raises(psycopg2.errors.RestrictViolation, match="ne dit pas"):
            forged_version(cursor, histoire, revision=LAST, author=histoire.ana.pk)
            web.commit()
    web.rollback()


def test_a_version_under_another_name_than_its_journal(unchanged):
    web = unchanged.connect("app_web")
    web.autocommit = False
    stranger = make_user("Autre")
    with web.cursor() as cursor:
        cursor.execute(NEW_REVISION, [str(stranger.pk)])
        with pytest.raises(psycopg2.errors.RestrictViolation, match="ne dit pas"):
            forged_version(cursor, unchanged, revision=LAST, author=unchanged.ana.pk)
            web.commit()
    web.rollback()


def test_a_version_whose_journal_row_names_another_object(unchanged):
    web = unchanged.connect("app_web")
    web.autocommit = False
    with web.cursor() as cursor:
        cursor.execute(NEW_REVISION, [str(unchanged.ana.pk)])
        with pytest.raises(psycopg2.errors.RestrictViolation, match="ne dit pas"):
            forged_version(
                cursor, unchanged, revision=LAST, author=unchanged.ana.pk,
                objet=f"organisations_direction:{uuid.uuid4()}",
            )  # fmt: skip
            web.commit()
    web.rollback()


def test_an_identifier_does_not_change(unchanged):
    with pytest.raises(psycopg2.errors.RestrictViolation, match="identifiant"):
        unchanged.connect("app_web").cursor().execute(
            "UPDATE organisations_direction SET id = gen_random_uuid()"
        )


@pytest.mark.parametrize("what", ["direction", "organisation", "ana"])
def test_nothing_that_evidence_names_is_deleted(unchanged, what):
    with pytest.raises((ProgrammingError, IntegrityError)):
        getattr(unchanged, what).delete()


def test_deleting_a_person_does_not_erase_the_author(unchanged):
    stranger = make_user("Sans appartenance")
    with unchanged.connect("postgres").cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute("DELETE FROM accounts_user WHERE id = %s", [str(stranger.pk)])
    deactivate_user(by=None, user=unchanged.ana, motif="Départ")
    unchanged.ana.refresh_from_db()
    assert not unchanged.ana.is_active
    assert Revision.objects.latest("pk").user == unchanged.ana


def test_a_reversion_row_does_not_change(unchanged):
    version = Version.objects.latest("pk")
    version.serialized_data = "[]"
    with pytest.raises(ProgrammingError):
        version.save()
    with pytest.raises(ProgrammingError):
        Revision.objects.update(user=None)


def test_the_command_that_empties_the_history_refuses(unchanged):
    with pytest.raises(CommandError, match="font preuve"):
        call_command("deleterevisions", "--days=0")


CONTROLS = {
    "(b) and (c)": ("organisations_direction", "preuve_ligne"),
    "(a)": ("reversion_version", "preuve_version"),
    "(d)": ("organisations_direction", "preuve_garder"),
    "append-only": ("reversion_version", "preuve_figee"),
}


@pytest.mark.parametrize("rule", CONTROLS)
def test_positive_control_each_trigger_is_what_refuses(histoire, rule):
    """Without it the hole is open again, and the verification names what went through."""
    table, trigger = CONTROLS[rule]
    with histoire.connect("postgres").cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {trigger} ON {table}")
        if rule == "(b) and (c)":
            Direction.objects.update(sigle="FAUX")
        elif rule == "(a)":
            cursor.execute(
                "INSERT INTO reversion_version (revision_id, object_id, content_type_id, db,"
                " format, serialized_data, object_repr) SELECT 1, 'x', content_type_id, db, format,"
                " serialized_data, object_repr FROM reversion_version LIMIT 1"
            )
        elif rule == "(d)":
            cursor.execute("DELETE FROM organisations_direction")
        else:
            cursor.execute("UPDATE reversion_version SET serialized_data = '[]' WHERE id = 3")
    assert not verify_evidence().ok
