"""G01: what the roles of the application may not do, whatever they try."""

# ruff: noqa: S608, PT012 - statements made of the names above
import psycopg2
import pytest

from procurement.audit.services import verify_evidence


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
    *(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1" for table in EVIDENCE),
    "INSERT INTO chaine_tete VALUES (gen_random_uuid(), 0, '')",
    "INSERT INTO refus_groupe VALUES ('x', now(), now(), 1)",
    "INSERT INTO reversion_revision (date_created, comment) VALUES (now(), 'x')",
    "INSERT INTO sceau (instant, racine, n, tetes, publication) VALUES (now(), '', 0, '{}', '')",
    "INSERT INTO recu SELECT gen_random_uuid(), now(), chaine, seq, empreinte, '{}' FROM journal LIMIT 1",
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
# Tried beyond the list. None of these may pass, nor leave anything behind.
BEYOND = [
    "SET LOCAL ROLE pg_write_all_data",
    "SET ROLE app_sauvegarde",
    "SET SESSION AUTHORIZATION app_migrate",
    "ALTER ROLE current_user SET session_replication_role = replica",
    "ALTER ROLE procurement_owner LOGIN PASSWORD 'x'",
    "ALTER ROLE app_migrate PASSWORD 'x'",
    "CREATE ROLE faux SUPERUSER",
    "GRANT pg_execute_server_program TO current_user",
    "COPY journal FROM STDIN",
    "COPY reversion_version FROM '/etc/hostname'",
    "COPY reversion_version (serialized_data) FROM PROGRAM 'echo x'",
    "COPY journal TO '/tmp/journal'",
    "MERGE INTO journal j USING journal k ON j.seq = k.seq WHEN MATCHED THEN UPDATE SET acteur = 'x'",
    "WITH gone AS (DELETE FROM journal RETURNING 1) SELECT count(*) FROM gone",
    "INSERT INTO chaine_tete SELECT * FROM chaine_tete ON CONFLICT (chaine) DO UPDATE SET seq = 0",
    "INSERT INTO reversion_version SELECT * FROM reversion_version ON CONFLICT (id) DO UPDATE SET format = 'x'",
    "SELECT * FROM journal FOR UPDATE",
    "SELECT * FROM reversion_version FOR NO KEY UPDATE",
    "LOCK TABLE journal IN ACCESS EXCLUSIVE MODE",
    "SELECT setval('reversion_revision_id_seq', 1)",
    "SELECT nextval('reversion_revision_id_seq')",
    "SELECT setval(pg_get_serial_sequence('reversion_version', 'id'), 1)",
    "ALTER SEQUENCE reversion_version_id_seq RESTART",
    "INSERT INTO reversion_revision (id, date_created, comment) VALUES (-1, now(), 'x')",
    "INSERT INTO reversion_revision (id, date_created, comment) VALUES (2147483647, now(), 'x')",
    "CREATE VIEW journal_faux AS SELECT * FROM journal",
    "CREATE TEMP VIEW journal AS SELECT 1",
    "CREATE MATERIALIZED VIEW faux AS SELECT * FROM journal",
    "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
    "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
    "CREATE OPERATOR public.|| (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = byteacat)",
    "CREATE CAST (text AS bytea) WITHOUT FUNCTION",
    "CREATE DOMAIN public.uuid AS text",
    "CREATE TYPE pg_temp.uuid AS (a int)",
    "CREATE RULE muette AS ON INSERT TO journal DO INSTEAD NOTHING",
    "CREATE RULE muette AS ON UPDATE TO reversion_version DO INSTEAD NOTHING",
    "CREATE TRIGGER tait BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION preuve_instant()",
    "CREATE POLICY tout ON journal USING (true)",
    "CREATE EVENT TRIGGER tout ON ddl_command_end EXECUTE FUNCTION preuve_refuser()",
    "CREATE EXTENSION dblink",
    "CREATE LANGUAGE plperlu",
    "CREATE FUNCTION public.c() RETURNS int LANGUAGE c AS 'libc', 'system'",
    "CREATE PUBLICATION tout FOR ALL TABLES",
    "CREATE SUBSCRIPTION faux CONNECTION 'host=x' PUBLICATION y",
    "CREATE INDEX tait ON journal ((1 / 0))",
    "ALTER FUNCTION journal_ajouter SET search_path = pg_temp",
    "ALTER FUNCTION preuve_caviardage SECURITY DEFINER",
    "ALTER TABLE journal ADD COLUMN vu int",
    "ALTER TABLE journal RENAME TO ancien",
    "ALTER TABLE reversion_version ALTER serialized_data SET DEFAULT 'x'",
    "ALTER TABLE reversion_version DETACH PARTITION journal",
    "ALTER TABLE journal INHERIT reversion_version",
    "ALTER TRIGGER preuve_figee ON journal RENAME TO x",
    "ALTER SCHEMA public RENAME TO ancien",
    "ALTER DEFAULT PRIVILEGES FOR ROLE procurement_owner GRANT ALL ON TABLES TO current_user",
    "COMMENT ON TRIGGER preuve_figee ON journal IS 'x'",
    "SECURITY LABEL ON TABLE journal IS 'x'",
    "CLUSTER journal USING journal_pkey",
    "REINDEX TABLE journal",
    "INSERT INTO pg_catalog.pg_trigger SELECT * FROM pg_trigger LIMIT 1",
    "DELETE FROM pg_catalog.pg_depend",
    "UPDATE pg_proc SET prosrc = 'SELECT 1' WHERE proname = 'journal_ajouter'",
    "UPDATE pg_authid SET rolsuper = true",
    "SELECT pg_read_file('pg_hba.conf')",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "SELECT pg_create_logical_replication_slot('x', 'pgoutput')",
    "SELECT pg_replication_origin_create('x')",
    "SELECT lo_export(lo_creat(-1), '/tmp/x')",
    "SELECT lo_import('/etc/passwd')",
    "SET session_preload_libraries = 'x'",
    "SET local_preload_libraries = 'x'; LOAD '/tmp/x.so'",
    "SET zero_damaged_pages = on",
    "SET ignore_checksum_failure = on",
    "SET allow_system_table_mods = on",
    "SET default_table_access_method = 'faux'",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "SELECT set_config('role', 'procurement_owner', false)",
    "DO $$ BEGIN PERFORM set_config('role', 'app_migrate', true); END $$",
    "DO $$ BEGIN EXECUTE 'ALTER TABLE journal DISABLE TRIGGER USER'; END $$",
    "SELECT journal_ajouter(gen_random_uuid(), 'x', 'x', 'x', NULL, NULL, '{}')",
    "SELECT journal_refuser(gen_random_uuid(), 'x', 'x', '{}', 0)",
    "SELECT journal_refus_vider(gen_random_uuid(), true)",
    "DO $$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; UPDATE reversion_version SET format = 'x'; END $$",
]


def what_passes(histoire, role: str, statements) -> list[str]:
    """Statements that a role may run, played one by one."""
    passed = []
    connection = histoire.connect(role)
    # Only a warning without the right to give: what counts is that the statements below fail.
    connection.cursor().execute("GRANT ALL ON journal TO current_user")
    for statement in statements:
        with connection.cursor() as cursor:
            try:
                cursor.execute(statement)
            except psycopg2.Error:
                continue
            passed.append(statement)
    return passed


@pytest.mark.parametrize("role", ["app_web", "app_worker"])
def test_the_application_cannot_rewrite(histoire, role):
    assert what_passes(histoire, role, (*EVERYWHERE, *BEYOND)) == []


@pytest.mark.parametrize("role", ["app_web", "app_worker"])
def test_positive_control_without_its_guard_each_rewriting_passes(histoire, role):
    """A right given, the trigger taken away: the same statements go through, and are seen to."""
    updates = [f"UPDATE {table} SET {COLUMN[table]}" for table in EVIDENCE]
    deletes = [f"DELETE FROM {table}" for table in ("refus_groupe", "sceau", "recu", "journal")]
    with histoire.connect("postgres").cursor() as owner:
        for table in EVIDENCE:
            owner.execute(f"GRANT ALL ON {table} TO {role}")
    held = [
        updates[EVIDENCE.index(each)]
        for each in ("journal", "reversion_revision", "reversion_version")
    ]
    assert what_passes(histoire, role, held) == [], "its trigger still refuses"
    with histoire.connect("postgres").cursor() as owner:
        for table in EVIDENCE:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    assert what_passes(histoire, role, updates) == updates
    assert what_passes(histoire, role, deletes) == deletes
    assert not verify_evidence().ok


CHANGE = "UPDATE public.organisations_direction SET sigle = 'FAUX'"
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
    "SET search_path = ''",
    "SET search_path = information_schema, pg_temp",
    "SET default_transaction_isolation = 'serializable'",
    "SET default_transaction_isolation = 'read uncommitted'",
    "SET synchronous_commit = off",
    "SET plan_cache_mode = force_custom_plan",
    "SET enable_indexscan = off",
    "SET jit = off",
    "SET datestyle = 'SQL, DMY'",
    "SET intervalstyle = 'sql_standard'",
    "SET bytea_output = 'escape'",
    "SET xmloption = document",
    "SET quote_all_identifiers = on",
    "SET extra_float_digits = -15",
    "SET client_min_messages = error",
    "SET lc_numeric = 'C'",
    "SET plpgsql.check_asserts = off",
    "SELECT pg_advisory_lock(hashtext('procurement.audit'))",
    "SELECT pg_export_snapshot()",
    "LISTEN tout",
    "DISCARD PLANS",
]


@pytest.mark.parametrize("guc", GUCS)
def test_no_setting_opens_a_door(histoire, guc):
    connection = histoire.connect("app_web")
    with connection.cursor() as cursor:
        cursor.execute(guc)
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute(CHANGE)
    connection.autocommit = False
    with connection.cursor() as cursor:
        cursor.execute(guc)
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute(CHANGE)
            connection.commit()
    connection.rollback()


@pytest.mark.parametrize("guarded", ["prepared", "its cursor kept", "half of it undone"])
def test_no_shape_of_transaction_escapes_the_judgement(histoire, guarded):
    """What is judged at commit is judged however the commit comes."""
    shapes = {
        "prepared": (CHANGE, "PREPARE TRANSACTION 'attend'"),
        "its cursor kept": ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", CHANGE, "COMMIT AND CHAIN"),
        "half of it undone": ("SAVEPOINT a", CHANGE, "SAVEPOINT b", "ROLLBACK TO b", "COMMIT"),
    }
    web = histoire.connect("app_web")
    with web.cursor() as cursor:
        cursor.execute("BEGIN")
        with pytest.raises(psycopg2.Error):
            for statement in shapes[guarded]:
                cursor.execute(statement)
        cursor.execute("ROLLBACK")
        cursor.execute("SELECT count(*) FROM organisations_direction WHERE sigle = 'FAUX'")
        assert cursor.fetchone() == (0,)


def test_positive_control_the_owner_without_triggers_rewrites(histoire):
    """The same statements pass once the guards are gone: they are what refuses."""
    histoire.force("UPDATE journal SET acteur = 'x'", "DELETE FROM organisations_direction")


def test_positive_control_without_its_trigger_the_same_change_passes(histoire):
    """What the settings and the shapes of transactions are judged on."""
    with histoire.connect("postgres").cursor() as owner:
        owner.execute("ALTER TABLE organisations_direction DISABLE TRIGGER preuve_ligne")
    web = histoire.connect("app_web")
    with web.cursor() as cursor:
        cursor.execute(CHANGE)
        assert cursor.rowcount == 1


def test_even_a_superuser_in_replica_mode_meets_the_triggers(histoire):
    with histoire.connect("postgres").cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in ("journal", "reversion_revision", "reversion_version"):
            for statement in (f"UPDATE {table} SET {COLUMN[table]}", f"DELETE FROM {table}",
                              f"TRUNCATE {table} CASCADE"):  # fmt: skip
                with pytest.raises(psycopg2.errors.RestrictViolation):
                    cursor.execute(statement)
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute(CHANGE)
