"""No package is installed for nothing: each is a licence, a maintainer and a surface."""

import importlib.metadata
import re
import tomllib

import pytest

from tests.services import ROOT


WANTED = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
# Used by name, by another package, where no line of ours can show it.
BY_NAME = {
    "argon2-cffi": "the first of PASSWORD_HASHERS",
    "psycopg2-binary": "the database backend of Django",
    "redis": "the transport of Celery",
}
SOURCES = "\n".join(
    path.read_text()
    for folder in ("procurement", "wikimarche", "edossier", "impacts", "wm")
    for path in ([ROOT / folder] if (ROOT / folder).is_file() else (ROOT / folder).rglob("*.py"))
)


def modules_of(package: str) -> list[str]:
    wanted = re.sub(r"[-_.]+", "-", package).lower()
    return [
        module
        for module, packages in importlib.metadata.packages_distributions().items()
        if wanted in {re.sub(r"[-_.]+", "-", name).lower() for name in packages}
    ]


@pytest.mark.parametrize("requirement", WANTED)
def test_each_package_is_used(requirement):
    package = re.match(r"[A-Za-z0-9_.-]+", requirement)[0]
    if package in BY_NAME:
        return
    modules = modules_of(package)
    assert modules, f"{package} is not installed: ./wm run python --version makes the environment"
    pattern = rf"(?:import|from) (?:{'|'.join(modules)})\b|\"(?:{'|'.join(modules)})[\".]"
    assert re.search(pattern, SOURCES), (
        f"No line imports {package}. Remove it from pyproject.toml and docs/adr/0019-paquets-ajoutes.md,"
        " then ./wm lock; or say in BY_NAME what uses it."
    )


@pytest.mark.parametrize("requirement", WANTED)
def test_each_package_added_has_its_reason(requirement):
    """The ones asked for need none; the others have a row in ADR 0019, with the version locked."""
    asked = {"celery", "django", "django-allauth", "django-filter", "django-reversion",
             "psycopg2-binary", "redis", "weasyprint"}  # fmt: skip
    package = re.match(r"[A-Za-z0-9_.-]+", requirement)[0]
    if package in asked:
        return
    name = package.lower().replace("_", "-")
    lock = (ROOT / "requirements.lock").read_text()
    version = re.search(rf"^{re.escape(name)}==([^ ]+)", lock, re.MULTILINE)[1]
    page = (ROOT / "docs" / "adr" / "0019-paquets-ajoutes.md").read_text()
    assert f"| {package} | {version}" in page, (
        f"docs/adr/0019-paquets-ajoutes.md has no row « | {package} | {version} »: say there why the"
        " package is worth its licence and its surface."
    )


def test_what_a_measure_compares_itself_to_stays_apart():
    """Repair: ./wm lock. Wagtail has its lock and its environment; the site never has it."""
    apart = (ROOT / "wikimarche/management/measures/wagtail.lock").read_text()
    pinned = re.findall(
        r"^(\S+==\S+)((?:.*\\\n)(?:\s+--hash=sha256:[0-9a-f]{64}.*\n)+)", apart, re.MULTILINE
    )

    assert len(pinned) == len(re.findall(r"^\w", apart, re.MULTILINE))
    assert any(name.startswith("wagtail==") for name, _ in pinned)
    assert "://" not in apart
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert "\nwagtail==" not in (ROOT / lock).read_text()
