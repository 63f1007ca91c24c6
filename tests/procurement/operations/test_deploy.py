"""`check --deploy` as an operator runs it: nothing to say of a platform that follows UPGRADE.md."""

import re

import pytest

from procurement.audit.checks import check_durability
from procurement.operations.checks import check_connections_do_not_leak
from procurement.operations.selectors import read_versions


async def plain_asgi(scope, receive, send):
    """What get_asgi_application() gives, as far as the check sees."""


@pytest.fixture
def deployed(own_site, clamd, run_manage):
    """Run it as on a server: behind a proxy that ends TLS, with mail, an antivirus, its own roles, a durable base."""

    def check(**others):
        variables = own_site.environment() | {
            "PUBLIC_URL": "https://marches.region.example",
            "DEMO": "off",
            "TRUSTED_PROXIES": "1",
            "EMAIL_URL": "smtp://127.0.0.1:25",
            "EMAIL_FROM": "marches@region.example",
            "CLAMAV_URL": clamd.url,
            "UNSCANNED_FILES": "refuser",
            "LOG_FORMAT": "json",
            "LOG_COPY": "rsyslog://traces.region.example",
            **others,
        }
        return run_manage("check", "--deploy", "--fail-level=WARNING", variables=variables)

    return check


def test_a_platform_installed_as_said_has_nothing_to_mend(deployed):
    done = deployed()
    assert done.returncode == 0, done.stderr
    # The antivirus of the tests has signatures of its own, which have no date.
    assert re.findall(r"\((\w+\.\w+)\)", done.stdout + done.stderr) in ([], ["documents.I001"])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"DATABASE_URL": "owner"}, "rôle"),
        ({"DEMO": "on"}, "DEMO"),
        ({"DEBUG": "on"}, "DEBUG"),
        ({"TRUSTED_PROXIES": "0"}, "TRUSTED_PROXIES"),
        ({"CLAMAV_URL": ""}, "antivirus"),
        ({"LOG_COPY": ""}, "traces"),
        ({"PUBLIC_URL": "http://marches.region.example"}, "https"),
    ],
)
def test_what_is_not_as_said_is_named(own_site, deployed, wrong, told):
    """Positive control: one thing otherwise, and the command fails with its name."""
    if wrong.get("DATABASE_URL"):
        wrong = {"DATABASE_URL": own_site.postgres.url("app_migrate", own_site.database)}
    done = deployed(**wrong)
    assert done.returncode != 0
    assert told.lower() in done.stderr.lower()


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [("ROLE app_web", "off", 1), ("ROLE app_web", "local", 1), ("DATABASE {}", "off", 0)],
)
def test_a_base_that_acknowledges_before_its_disk_is_named(own_site, deployed, place, value, code):
    """Hastened for others, the base is not for the site: its roles ask for it themselves."""
    place = place.format(f'"{own_site.database}"')
    own_site.postgres.sql(f"ALTER {place} SET synchronous_commit = {value}")
    try:
        done = deployed()
    finally:
        own_site.postgres.sql("ALTER ROLE app_web SET synchronous_commit = on")
    assert done.returncode == code, done.stderr
    assert ("audit.E003" in done.stderr) == bool(code)


def test_a_base_that_does_not_wait_for_its_disk_at_all_is_named(own_site):
    own_site.kill_postgres()
    own_site.restart_postgres(fsync="off", full_page_writes="off")
    try:
        found = [one.msg for one in check_durability(None)]
        assert len(found) == 2
        assert "fsync vaut" in found[0]
        assert dict(read_versions())["Ce que Postgres garantit"].startswith("fsync off")
    finally:
        own_site.kill_postgres()
        own_site.restart_postgres()
    assert check_durability(None) == []


def test_asgi_with_connections_that_persist_is_named(settings):
    """The application of the project gives HTTP to WSGI; another one must keep no connection."""
    assert check_connections_do_not_leak(None) == []
    settings.ASGI_APPLICATION = "tests.procurement.operations.test_deploy.plain_asgi"
    assert [one.id for one in check_connections_do_not_leak(None)] == ["operations.E001"]
    settings.DATABASES["default"]["CONN_MAX_AGE"], kept = (
        0,
        settings.DATABASES["default"]["CONN_MAX_AGE"],
    )
    try:
        assert check_connections_do_not_leak(None) == []
    finally:
        settings.DATABASES["default"]["CONN_MAX_AGE"] = kept
