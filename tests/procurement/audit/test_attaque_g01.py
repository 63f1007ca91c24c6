"""G01: what the roles of the application may not do, whatever they try."""

# ruff: noqa: S608, PT012 - statements made of the names above
import psycopg2
import pytest


pytestmark = pytest.mark.attaque("G01")

EVIDENCE = ("journal", "chaine_tete", "reversion_revision", "reversion_version", "sceau", "recu",
            "refus_groupe")  # fmt: skip
COLUMN = {"journal": "acteur = 'x'", "chaine_tete": "seq = 99", "sceau": "n = 1",
          "reversion_revision": "comment = 'x'", "reversion_version": "serialized_data = 'x'",
          "recu": "contenu = 'x'", "refus_groupe": "nombre = 0"}  # fmt: skip
EVERYWHERE = [
    *(f"UPDATE {table} SET {COLUMN[table]}" for table in EVIDENCE),
    *(f"DELETE FROM {table}" for table in EVIDENCE),
    *(f"TRUNCATE {table} CASCADE" for table in EVIDENCE),
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in EVIDENCE),
    *(f"ALTER TABLE {table} OWNER TO current_user" for table in EVIDENCE),
    *(f"DROP TABLE {table} CASCADE" for table in EVIDENCE),
    "INSERT INTO journal SELECT * FROM journal LIMIT 1",
    "INSERT INTO chaine_tete VALUES (gen_random_uuid(), 0, '')",
    "INSERT INTO refus_groupe VALUES ('x', now(), now(), 1)",
    "DROP TRIGGER preuve_figee ON journal",
    "DROP TRIGGER preuve_ligne ON organisations_direction",
    "ALTER TABLE organisations_direction DISABLE TRIGGER preuve_ligne",
    "DROP FUNCTION preuve_ligne() CASCADE",
    "CREATE OR REPLACE FUNCTION preuve_ligne() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "ALTER FUNCTION journal_ajouter_lot OWNER TO current_user",
    "DROP FUNCTION preuve_annexe() CASCADE",
    "CREATE OR REPLACE FUNCTION preuve_annexe() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE OR REPLACE FUNCTION preuve_caviardage(uuid, bigint, oid) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "DELETE FROM organisations_direction",
    "TRUNCATE organisations_direction CASCADE",
    "DELETE FROM accounts_user",
    "TRUNCATE accounts_user CASCADE",
    "SET ROLE procurement_owner",
    "SET ROLE app_migrate",
    "SET SESSION AUTHORIZATION postgres",
    "SET session_replication_role = replica",
    "ALTER SYSTEM SET fsync = off",
    "ALTER ROLE current_user SUPERUSER",
    "GRANT procurement_owner TO current_user",
    "CREATE TABLE journal2 (a int)",
    "CREATE TEMP TABLE journal (a int)",
    "CREATE SCHEMA faux",
    "COPY journal FROM PROGRAM 'true'",
    "UPDATE django_content_type SET model = 'x'",
    "DELETE FROM django_migrations",
    "UPDATE pg_trigger SET tgenabled = 'D'",
    "ALTER DATABASE postgres SET session_replication_role = replica",
]


@pytest.mark.parametrize("role", ["app_web", "app_worker"])
def test_the_application_cannot_rewrite(histoire, role):
    passed = []
    connection = histoire.connect(role)
    # Only a warning without the right to give: what counts is that the statements below fail.
    connection.cursor().execute("GRANT ALL ON journal TO current_user")
    for statement in EVERYWHERE:
        with connection.cursor() as cursor:
            try:
                cursor.execute(statement)
            except psycopg2.Error:
                continue
            passed.append(statement)
    assert passed == []


GUCS = [
    "SET search_path = pg_temp, public",
    "SET constraint_exclusion = off",
    "SET row_security = off",
    "SET default_transaction_deferrable = on",
    "SET check_function_bodies = off",
    "SET transform_null_equals = on",
    "SET standard_conforming_strings = off",
    "SET timezone = 'Pacific/Kiritimati'",
    "SET \"procurement.bypass\" = 'on'",
    "SET \"pgtrigger.ignore\" = 'organisations.Direction:preuve_ligne'",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "SET CONSTRAINTS ALL DEFERRED",
]


@pytest.mark.parametrize("guc", GUCS)
def test_no_setting_opens_a_door(histoire, guc):
    connection = histoire.connect("app_web")
    with connection.cursor() as cursor:
        cursor.execute(guc)
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute("UPDATE organisations_direction SET sigle = 'FAUX'")
    connection.autocommit = False
    with connection.cursor() as cursor:
        cursor.execute(guc)
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute("UPDATE organisations_direction SET sigle = 'FAUX'")
            connection.commit()
    connection.rollback()


def test_positive_control_the_owner_without_triggers_rewrites(histoire):
    """The same statements pass once the guards are gone: they are what refuses."""
    histoire.force("UPDATE journal SET acteur = 'x'", "DELETE FROM organisations_direction")


def test_even_a_superuser_in_replica_mode_meets_the_triggers(histoire):
    with histoire.connect("postgres").cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in ("journal", "reversion_revision", "reversion_version"):
            for statement in (f"UPDATE {table} SET {COLUMN[table]}", f"DELETE FROM {table}",
                              f"TRUNCATE {table} CASCADE"):  # fmt: skip
                with pytest.raises(psycopg2.errors.RestrictViolation):
                    cursor.execute(statement)
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute("UPDATE organisations_direction SET sigle = 'FAUX'")
