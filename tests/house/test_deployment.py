"""docker-compose.yml and Dockerfile against the code: no variable, file or program that is not there."""

import os
import re
import subprocess
import sys
import textwrap

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


SITE = ["web", "worker", "beat", "migrate", "backup", "restore"]


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
    """UPGRADE.md or docs/configuration.md names each of them."""
    upgrade = (ROOT / "UPGRADE.md").read_text()
    upgrade += (ROOT / "docs" / "configuration.md").read_text()
    for name in re.findall(r"(?<!\$)\$\{(\w+)(?::\?\}|:-)", COMPOSE):
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


def probe_of_web() -> str:
    """The program that the container of the site runs to know that it is well."""
    program = blocks()["web"].split("- >-\n")[1].split("      interval:")[0]
    return " ".join(textwrap.dedent(program).split("\n"))


def probe(program: str, url: str) -> int:
    """Run it as the container does, PUBLIC_URL being the address people type."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        env={"PUBLIC_URL": url, "PATH": os.environ["PATH"]}, check=False, capture_output=True,
        timeout=30,
    ).returncode  # fmt: skip


def test_the_probe_of_the_site_sees_it_up_and_sees_it_down(live_server_process):
    url = live_server_process.url
    program = probe_of_web().replace("http://127.0.0.1:8000", url)
    assert probe(program, url) == 0
    # Positive control: another address of the site is no health, and nobody listens on port 1.
    assert probe(program.replace("/sante/", "/nulle-part/"), url) != 0
    assert probe(program.replace(url, "http://127.0.0.1:1"), url) != 0


def test_everything_that_lasts_says_how_it_is_and_starts_in_order():
    for name in ("postgres", "valkey", "web", "worker", "beat", "clamav"):
        assert "healthcheck:" in blocks()[name], f"{name} cannot be told well from ill."
    for name in ("web", "worker", "beat"):
        assert "migrate: {condition: service_completed_successfully}" in blocks()[name]
    assert "postgres: {condition: service_healthy}" in blocks()["migrate"]


def test_people_write_while_valkey_is_ill():
    assert "valkey: {condition: service_started}" in blocks()["web"]


def test_the_worker_is_not_judged_by_the_silence_of_beat():
    """The sign of life of the worker comes when beat rings: without beat, the worker is well."""
    assert "read_sante" not in blocks()["worker"]
    assert "inspect" in blocks()["worker"]


def probe_of_beat(schedule) -> int:
    """Run the program of the container, with its file elsewhere."""
    program = blocks()["beat"].split("- >-\n")[1].split("      interval:")[0]
    program = " ".join(textwrap.dedent(program).split("\n"))
    assert "--schedule=/tmp/beat," in blocks()["beat"]
    assert "/tmp/beat*" in program  # noqa: S108 - a folder of the container
    return probe(program.replace("/tmp/beat", str(schedule)), "")  # noqa: S108


def test_the_probe_of_beat_sees_it_ring_and_sees_it_silent(tmp_path):
    schedule = tmp_path / "beat"
    assert probe_of_beat(schedule) != 0
    (tmp_path / "beat.db").write_bytes(b"")
    assert probe_of_beat(schedule) == 0
    os.utime(tmp_path / "beat.db", (0, 0))
    assert probe_of_beat(schedule) != 0
    # What makes it ring in its file: every task sent, rather than every three minutes.
    assert settings.CELERY_BEAT_SYNC_EVERY == 1


def test_only_the_database_is_written_by_its_owner_and_only_when_it_migrates_or_restores():
    owners = {name for name in SITE if "DATABASE_OWNER_URL" in blocks()[name]}
    assert owners == {"migrate", "restore"}
    assert "app_sauvegarde" in blocks()["backup"]


def test_the_image_leaves_out_only_what_runs_nowhere():
    """What the site reads at run time must not stand in .dockerignore."""
    ignored = (ROOT / ".dockerignore").read_text().split()
    for needed in ("/static/", "/templates/", *(f"/{name}/" for name in wm.PACKAGES)):
        assert needed not in ignored
