"""docker-compose.yml and Dockerfile against the code: no variable, file or program that is not there."""

import re

import pytest
from django.conf import settings

from tests.services import ROOT, wm


COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PYTHON_OWN = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def blocks() -> dict[str, str]:
    """Each service of the compose file, and each shared block, by name."""
    found, name = {}, ""
    for line in COMPOSE.splitlines():
        if match := re.match(r"(?:  )?(x-[a-z]+|[a-z]+):", line):
            name = match[1]
        found[name] = found.get(name, "") + line + "\n"
    return found


def variables_of(text: str) -> set[str]:
    return set(re.findall(r"^ +([A-Z][A-Z_]+): ", text, flags=re.MULTILINE))


SITE = ["web", "worker", "beat", "migrate"]


def test_the_services_of_the_site_are_the_ones_we_know():
    """A new one goes in SITE, so that its variables are looked at."""
    assert sorted(name for name, text in blocks().items() if "<<: *site" in text) == sorted(SITE)


@pytest.mark.parametrize("name", ["x-variables", *SITE])
def test_each_variable_of_the_compose_file_is_read_by_the_site(name):
    """Repair: declare it in VARIABLES, or take it off."""
    assert variables_of(blocks()[name]) <= set(settings.VARIABLES)


def test_a_variable_that_nobody_reads_is_seen():
    """Positive control."""
    text = blocks()["x-variables"].replace("  SECRET_KEY:", "  SECRET_KEYS:")
    assert variables_of(text) - set(settings.VARIABLES) == {"SECRET_KEYS"}


def test_each_required_variable_is_given():
    """A deployment that follows the file starts; what has a default may stay out."""
    required = {name for name, (_, default, _) in settings.VARIABLES.items() if default is None}
    assert required <= variables_of(blocks()["x-variables"])
    assert {"CLAMAV_URL", "UNSCANNED_FILES"} <= variables_of(blocks()["x-variables"])


def test_each_variable_taken_from_the_env_file_is_explained():
    """UPGRADE.md names the ones to write; the others carry their default in the file."""
    upgrade = (ROOT / "UPGRADE.md").read_text()
    for name in re.findall(r"(?<!\$)\$\{(\w+):\?\}", COMPOSE):
        assert f"`{name}`" in upgrade, f"UPGRADE.md says nothing of {name}."


def test_each_volume_is_declared_and_each_declared_one_is_used():
    declared = set(re.findall(r"^  (\w+):$", COMPOSE.split("\nvolumes:")[1], flags=re.MULTILINE))
    used = set(re.findall(r'volumes: \["(\w+):', COMPOSE))
    assert declared == used


def test_commands_name_what_the_project_has():
    commands = set(re.findall(r"manage\.py (\w+)", COMPOSE))
    assert {"migrate", "collectstatic"} <= commands
    for reference in re.findall(r"(?<=-A, )\w+|(?<=\")procurement\.asgi", COMPOSE + DOCKERFILE):
        path = ROOT / reference.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "celery.py").exists()
    assert COMPOSE.count("celery, -q, -A, procurement,") == 2


def test_the_image_copies_and_sets_what_exists():
    for line in re.findall(r"^COPY (.+) \.$", DOCKERFILE, flags=re.MULTILINE):
        assert all((ROOT / name).exists() for name in line.split())
    named = set(re.findall(r"\b([A-Z][A-Z_]+)=", DOCKERFILE))
    assert named <= set(settings.VARIABLES) | PYTHON_OWN
    assert "DATA_DIR" in named
    assert re.search(r"DATA_DIR=(\S+)", DOCKERFILE)[1] in COMPOSE


def test_the_image_installs_the_libraries_that_wm_asks_for():
    for package in wm.LIBRARIES:
        assert package in DOCKERFILE


def test_the_image_leaves_out_only_what_runs_nowhere():
    """What the site reads at run time must not stand in .dockerignore."""
    ignored = (ROOT / ".dockerignore").read_text().split()
    for needed in ("/static/", "/templates/", *(f"/{name}/" for name in wm.PACKAGES)):
        assert needed not in ignored
