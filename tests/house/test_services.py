"""The servers of the tests are the real ones, with the rights of production."""

import pytest
from django.db import connection

from tests.services import services


def scalar(sql: str):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_ordinary_tests_run_as_the_web_role_and_not_as_the_owner(db):
    assert scalar("SELECT current_user") == "app_web"
    assert scalar("SELECT pg_has_role('procurement_owner', 'usage')") is False
    assert (
        scalar("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        is False
    )


def test_the_tables_belong_to_the_role_without_login(db):
    owners = (
        "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables WHERE schemaname = 'public'"
    )
    assert scalar(owners) == "procurement_owner"


def test_a_cloned_database_is_another_one_and_disappears(cloned_database):
    assert scalar("SELECT current_database()") == cloned_database != services.database


def test_valkey_answers_only_with_its_password():
    assert services.valkey.answers()
    right, services.valkey.password = services.valkey.password, "wrong"
    try:
        assert not services.valkey.answers()
    finally:
        services.valkey.password = right


def test_the_site_is_served_as_in_production(live_server_process, worker):
    assert services.valkey.ask("LLEN celery") == ":0"
    assert live_server_process.child.process.poll() is None
    assert worker.child.process.poll() is None


@pytest.mark.browser
def test_the_browser_opens_the_site(page):
    page.expected_errors.append("404")
    assert page.goto("/nowhere/").status == 404
