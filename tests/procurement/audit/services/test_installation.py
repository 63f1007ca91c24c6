"""Triggers and grants: installed once, exactly as declared, for every table."""

import pytest
from django.core.management import call_command
from django.db import connection

from procurement.audit.checks import check_roles
from procurement.audit.domain.roles import WEB, WORKER
from procurement.audit.selectors import roles_separated
from procurement.audit.services import installation
from tests.services import services


def rows(connection, sql, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@pytest.mark.parametrize("role", [WEB, WORKER])
def test_the_catalogue_of_privileges_is_the_declared_list(histoire, role):
    web = histoire.connect("app_web")
    tables = {
        name for (name,) in rows(web, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    }
    declared = {t: set(r) for t, r in installation.declared_rights(tables)[role].items()}
    found: dict[str, set] = {}
    for table in tables:
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
            ((has,),) = rows(
                web, "SELECT has_table_privilege(%s, %s, %s)", (role, f'public."{table}"', right)
            )
            if has:
                found.setdefault(table, set()).add(right)
    assert found == declared


@pytest.mark.parametrize("role", [WEB, WORKER])
def test_a_frozen_row_is_updated_column_by_column(histoire, role):
    web = histoire.connect("app_web")
    tables = {
        name for (name,) in rows(web, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    }
    declared = installation.declared_columns(tables)
    assert {"documents_storedfile", "wikimarche_image", "wikimarche_importation"} <= set(declared)
    for table, columns in declared.items():
        found = rows(
            web,
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND has_column_privilege(%s, attrelid, attnum, 'UPDATE')",
            (table, role),
        )
        assert {name for (name,) in found} == set(columns)


@pytest.mark.parametrize("role", [WEB, WORKER])
def test_the_database_alone_numbers_a_revision_and_a_version(histoire, role):
    """The past is read in the order of these numbers."""
    web = histoire.connect("app_web")
    declared = installation.declared_inserts({"reversion_revision", "reversion_version"})
    assert set(declared) == {"reversion_revision", "reversion_version"}
    for table, columns in declared.items():
        found = rows(
            web,
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND has_column_privilege(%s, attrelid, attnum, 'INSERT')",
            (table, role),
        )
        assert {name for (name,) in found} == set(columns)
        assert "id" not in columns


def test_every_trigger_fires_whatever_the_mode(histoire):
    web = histoire.connect("app_web")
    modes = rows(web, "SELECT DISTINCT tgenabled FROM pg_trigger WHERE tgname LIKE 'preuve%%'")
    assert modes == [("A",)]


def test_installing_again_changes_nothing(histoire):
    owner = histoire.connect("app_migrate")
    before = rows(owner, "SELECT oid, tgname FROM pg_trigger ORDER BY oid")
    environment = services.environment(histoire.database, role="app_migrate")
    services.run_manage("install_evidence", database=histoire.database, **environment)
    assert rows(owner, "SELECT oid, tgname FROM pg_trigger ORDER BY oid") == before


def test_a_trigger_taken_away_comes_back(histoire):
    admin = histoire.connect("postgres")
    admin.cursor().execute("DROP TRIGGER preuve_ligne ON organisations_direction")
    admin.cursor().execute("ALTER TABLE journal DISABLE TRIGGER preuve_figee")
    environment = services.environment(histoire.database, role="app_migrate")
    services.run_manage("install_evidence", database=histoire.database, **environment)
    test_every_trigger_fires_whatever_the_mode(histoire)
    assert rows(admin, "SELECT 1 FROM pg_trigger WHERE tgname = 'preuve_ligne'"
                " AND tgrelid = 'organisations_direction'::regclass") == [(1,)]  # fmt: skip


def test_functions_of_the_journal_run_as_their_owner_with_a_fixed_path(histoire):
    admin = histoire.connect("postgres")
    loose = rows(
        admin,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND (proname LIKE 'journal%%' OR proname LIKE 'preuve%%')"
        " AND NOT coalesce(proconfig::text LIKE '%%search_path%%', false)",
    )
    assert loose == []
    public = rows(
        admin,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND proname LIKE 'journal%%' AND (NOT prosecdef OR has_function_privilege('public', oid, 'EXECUTE'))",
    )
    assert public == []


def test_roles_are_separated_and_the_check_says_when_they_are_not(histoire):
    assert roles_separated()
    assert check_roles(None) == []
    settings = connection.settings_dict
    web = settings["USER"], settings["PASSWORD"]
    connection.close()
    settings["USER"], settings["PASSWORD"] = "app_migrate", services.postgres.secrets["app_migrate"]
    try:
        (error,) = check_roles(None)
        assert "Rôles non séparés" in error.msg
    finally:
        connection.close()
        settings["USER"], settings["PASSWORD"] = web


def test_roles_sql_names_every_role(capsys):
    call_command("roles_sql", "--base=autre")
    printed = capsys.readouterr().out
    assert 'ALTER DATABASE "autre" OWNER TO procurement_owner;' in printed
    for role in ("app_migrate", "app_web", "app_worker", "app_sauvegarde"):
        assert f"CREATE ROLE {role}" in printed
    for role in ("app_web", "app_worker"):
        assert f"ALTER ROLE {role} SET synchronous_commit = on;" in printed


def test_the_backup_role_reads_everything_and_writes_nothing(histoire):
    role = "app_sauvegarde"
    admin = histoire.connect("postgres")
    ((reads, writes),) = rows(
        admin,
        "SELECT bool_and(has_table_privilege(%s, oid, 'SELECT')),"
        " bool_or(has_table_privilege(%s, oid, 'INSERT')) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
        (role, role),
    )
    assert (reads, writes) == (True, False)
