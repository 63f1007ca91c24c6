"""`check --deploy` as an operator runs it: nothing to say of a platform that follows UPGRADE.md."""

import re

import pytest

from tests.services import services


@pytest.fixture
def deployed(clamd, run_manage):
    """Run it as on a server: behind a proxy that ends TLS, with mail, an antivirus and its own roles."""

    def check(**others):
        variables = {
            "PUBLIC_URL": "https://marches.region.example",
            "DEMO": "off",
            "TRUSTED_PROXIES": "1",
            "EMAIL_URL": "smtp://127.0.0.1:25",
            "EMAIL_FROM": "marches@region.example",
            "CLAMAV_URL": clamd.url,
            "UNSCANNED_FILES": "refuser",
            "LOG_FORMAT": "json",
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
        ({"PUBLIC_URL": "http://marches.region.example"}, "https"),
    ],
)
def test_what_is_not_as_said_is_named(deployed, wrong, told):
    """Positive control: one thing otherwise, and the command fails with its name."""
    if wrong.get("DATABASE_URL"):
        wrong = {"DATABASE_URL": services.postgres.url("app_migrate", services.database)}
    done = deployed(**wrong)
    assert done.returncode != 0
    assert told.lower() in done.stderr.lower()
