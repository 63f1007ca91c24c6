"""Security floors: no lock may hold a version that a known flaw reaches."""

import json
import re

import pytest

from tests.services import ROOT


FLOORS = {
    # CVE-2026-33034, CVE-2026-5766 (limits of a body), CVE-2025-64459 (connector injection).
    "django": "5.2.19",
    # OAuth state (65.16.1); X-Forwarded-For believed (65.14.2); limits reset by a sign-in (65.8.1).
    "django-allauth": "65.16.1",
    # CVE-2026-55073: style sheets and metadata went round the fetcher; CVE-2025-68616, CVE-2026-49452.
    "weasyprint": "70.0",
    # The seventeen CVEs of 2026 on exotic decoders.
    "pillow": "12.3.0",
    # CVE-2025-11849: outside images of a document were read.
    "mammoth": "1.11.0",
    # GHSA-c8x8-7fp4-3x9w: scripts that came in by a paste.
    "prosemirror-view": "1.42.3",
    # GHSA-cp6q-959q-f8rh: attributes named __proto__.
    "@tiptap/core": "3.30.5",
    # Mutation XSS, mended several times; the last number is not kept here.
    "dompurify": "3.4.13",
    # CVE-2025-8101: prototype pollution.
    "linkifyjs": "4.3.2",
}
INSTALLED = ("django", "django-allauth", "weasyprint", "pillow", "prosemirror-view")
LOCKS = ("requirements.lock", "requirements-dev.lock", "frontend/package-lock.json")


def read_lock(text: str) -> list[tuple[str, str]]:
    """(package, version) of each line, or of each entry of npm's, nested ones too."""
    if text.lstrip().startswith("{"):
        return [
            (path.rpartition("node_modules/")[2], entry["version"])
            for path, entry in json.loads(text)["packages"].items()
            if path
        ]
    return [
        (name.lower().replace("_", "-"), version)
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE)
    ]


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:4])


def under_a_floor(text: str) -> list[str]:
    return [
        f"{name} {version} < {FLOORS[name]}"
        for name, version in read_lock(text)
        if name in FLOORS and number(version) < number(FLOORS[name])
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_stands_under_a_floor(lock):
    """Repair: raise the version, then ./wm lock (or npm install in frontend/)."""
    assert under_a_floor((ROOT / lock).read_text()) == []


def test_each_floor_that_matters_is_met_by_a_package_found():
    """A package renamed or read badly would pass for being absent."""
    found = {name for lock in LOCKS for name, _ in read_lock((ROOT / lock).read_text())}
    assert set(INSTALLED) <= found


@pytest.mark.parametrize("lock", LOCKS)
def test_an_old_version_is_seen(lock):
    """Positive control."""
    text = (ROOT / lock).read_text()
    if lock.endswith(".json"):
        packages = json.loads(text)
        packages["packages"]["node_modules/x/node_modules/dompurify"] = {"version": "3.4.12"}
        assert under_a_floor(json.dumps(packages)) == ["dompurify 3.4.12 < 3.4.13"]
    else:
        old = re.sub(r"(?m)^django==\S+", "django==5.2.18", text)
        assert under_a_floor(old) == ["django 5.2.18 < 5.2.19"]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_package_is_installed_by_its_fingerprint(lock):
    text = (ROOT / lock).read_text()
    if lock.endswith(".json"):
        entries = [entry for path, entry in json.loads(text)["packages"].items() if path]
        assert all(entry.get("integrity") or entry.get("link") for entry in entries)
    else:
        assert len(read_lock(text)) == len(re.findall(r"(?m)^\S+==.*\\\n\s+--hash=sha256:", text))


def test_a_link_to_redis_is_not_closed_by_its_library():
    """redis 8 closes an idle link after five seconds unless its time is said."""
    versions = dict(read_lock((ROOT / "requirements.lock").read_text()))
    if number(versions["redis"]) >= (8,):
        assert "socket_timeout" in (ROOT / "procurement" / "settings.py").read_text()
