from datetime import UTC, datetime

import pytest
from django.core.checks import ERROR

from procurement.documents import checks


def test_this_machine_has_pango():
    assert checks.check_libraries(None) == []


def test_missing_library_is_named_with_its_package(monkeypatch):
    """Positive control: a library that nobody has."""
    monkeypatch.setitem(checks.LIBRARIES, "libabsente.so.9", "libabsente9")
    (error,) = checks.check_libraries(None)
    assert error.id == "documents.E001"
    assert error.hint.endswith("apt-get install -y --no-install-recommends libabsente9")


def test_open_doors_are_said(monkeypatch):
    monkeypatch.setattr(checks, "report_doors", lambda: {"network": "", "files": ""})
    found = checks.check_doors(None)
    assert [one.id for one in found] == ["documents.E005", "documents.E006"]
    assert all(one.level >= ERROR for one in found)


def ids(found):
    return [message.id for message in found]


def test_a_server_without_antivirus_is_warned(settings):
    settings.DEMO, settings.CLAMAV_URL, settings.UNSCANNED_FILES = False, "", "refuser"
    (warning,) = checks.check_scanner(None)
    assert warning.id == "documents.W003"
    assert "gardés fermés" in warning.msg
    settings.UNSCANNED_FILES = "accepter"
    assert "ouverts sans analyse" in checks.check_scanner(None)[0].msg


def test_the_demonstration_needs_no_antivirus(settings):
    settings.DEMO, settings.CLAMAV_URL = True, ""
    assert checks.check_scanner(None) == []


def test_an_antivirus_that_is_down_is_said(settings):
    settings.CLAMAV_URL = "unix:///nowhere/clamd"
    assert ids(checks.check_scanner(None)) == ["documents.W004"]


def test_a_real_antivirus_takes_our_largest_document(clamd):
    """Its local signatures have no date, which is said without being a fault."""
    assert ids(checks.check_scanner(None)) == ["documents.I001"]


def test_an_antivirus_that_takes_less_is_said(clamd, monkeypatch):
    monkeypatch.setattr(checks, "LARGEST", (25 << 20) + 1)
    assert ids(checks.check_scanner(None)) == ["documents.I001", "documents.W006"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("ClamAV 1.4.6/27812/Sun Nov  1 08:00:00 2020", ["documents.W005"]),
        (f"ClamAV 1.4.6/27812/{datetime.now(UTC):%a %b %d %H:%M:%S %Y}", []),
        ("ClamAV 1.4.6", ["documents.I001"]),
    ],
    # The second at which each process reads this file is in no name: they share one list of tests.
    ids=["old", "of today", "without a date"],
)
def test_old_signatures_are_said(version, expected):
    assert ids(checks._check_signatures(version)) == expected


def test_settings_that_mean_nothing_are_refused(settings):
    settings.CLAMAV_URL, settings.UNSCANNED_FILES = "clamd:3310", "oui"
    assert ids(checks.check_scanner_settings(None)) == ["documents.E003", "documents.E004"]
