"""Rules of the house that no review sees; each failure says how to repair and why."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.template import engines

from procurement.access.management.commands.print_configuration import configuration_page
from procurement.access.management.commands.print_map import map_page
from procurement.access.management.commands.print_permissions import permissions_page
from tests.services import ROOT, wm


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OURS = [
    config.label
    for config in apps.get_app_configs()
    if config.name.split(".")[0] in {"procurement", "wikimarche", "edossier", "impacts"}
]


def templates() -> list[str]:
    folders = [ROOT / "templates", *ROOT.glob("*/templates"), *ROOT.glob("*/*/templates")]
    return sorted(
        str(path.relative_to(folder))
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".html", ".txt"}
    )


@pytest.mark.parametrize("name", templates())
def test_every_template_compiles(name):
    engines["django"].get_template(name)


@pytest.mark.parametrize("name", [name for name in templates() if name.endswith(".html")])
def test_no_template_needs_what_the_csp_refuses(name):
    """Styles go to frontend/styles, behaviours to a module hooked by data-wm-…"""
    if name.startswith(("reports/", "emails/", "account/email/", "layout/courriel")):
        pytest.skip("read by a printer or a mail reader, not by a browser on the site")
    source = Path(engines["django"].get_template(name).template.origin.name).read_text()
    source = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", source, flags=re.DOTALL)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", source)
    for tag in re.findall(r"<script[^>]*>", source):
        assert "src=" in tag or "application/json" in tag, tag


def test_migrations_are_a_line_in_each_app():
    """No merge migration: number yours after the one that came first, and renumber."""
    loader = MigrationLoader(None)
    for label in OURS:
        leaves = loader.graph.leaf_nodes(label)
        assert len(leaves) <= 1, f"{label} has several last migrations: {leaves}"
    merges = [
        key
        for key, migration in loader.disk_migrations.items()
        if key[0] in OURS and sum(parent[0] == key[0] for parent in migration.dependencies) > 1
    ]
    assert not merges


def test_no_migration_is_missing(db):
    """Repair: ./wm manage makemigrations."""
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def locked(name: str) -> dict[str, tuple[str, str]]:
    """Return {package: (version, all its options)} of a lock."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = {}
    for line in lines:
        package, version, rest = re.fullmatch(r"([a-z0-9-]+)==([^ ]+)(.*)", line).groups()
        found[package] = (version, rest)
    return found


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_are_hashed_and_name_no_address(name):
    """Repair: ./wm lock."""
    assert "://" not in (ROOT / name).read_text()
    assert all("--hash=sha256:" in rest for _, rest in locked(name).values())


def test_locks_answer_to_pyproject():
    """Repair: ./wm lock. CI resolves again; this is what can be seen without the network."""
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    for wanted, lock in (
        (PROJECT["project"]["dependencies"], run),
        (PROJECT["dependency-groups"]["dev"], dev),
    ):
        for requirement in wanted:
            package = re.match(r"[A-Za-z0-9_.-]+", requirement)[0].lower().replace("_", "-")
            assert package in lock, f"{package} is not locked"
    assert run.items() <= dev.items()


def test_configuration_page_is_fresh():
    """Repair: ./wm manage print_configuration > docs/configuration.md."""
    assert (ROOT / "docs" / "configuration.md").read_text() == configuration_page()


def test_permissions_page_is_fresh():
    """Repair: ./wm manage print_permissions > docs/permissions.md."""
    assert (ROOT / "docs" / "permissions.md").read_text() == permissions_page()


def test_map_page_is_fresh():
    """Repair: ./wm manage print_map > docs/map.md."""
    assert (ROOT / "docs" / "map.md").read_text() == map_page()


def test_map_names_the_action_the_service_and_the_template_of_a_view():
    """The page is read from the sources: a change of shape must not empty it."""
    row = next(line for line in map_page().splitlines() if "piece_compare`" in line)
    assert "`wikimarche:piece:compare`" in row
    assert "`wikimarche/piece_compare.html`" in row
    row = next(line for line in map_page().splitlines() if "article_commits`" in line)
    assert "`wikimarche:article:commit`<br>`wikimarche:article:read`" in row
    assert "`commit_edit`" in row


def test_wm_needs_only_the_standard_library():
    """It runs before anything is installed."""
    for script in ("wm", ".ci/try-demo"):
        for node in ast.walk(ast.parse((ROOT / script).read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names


@pytest.mark.parametrize("name", ["wm", ".ci/run", ".ci/bare-debian", ".ci/try-demo"])
def test_scripts_can_be_run(name):
    assert (ROOT / name).stat().st_mode & 0o100


def test_wm_help_names_every_verb():
    done = subprocess.run(  # noqa: S603
        [sys.executable, ROOT / "wm", "help"], check=True, capture_output=True, text=True
    )
    for verb in ("demo", "test", "manage", "bench", "run", "lock"):
        assert f"./wm {verb}" in done.stdout


def test_unknown_verb_is_refused_and_known_ones_are_named():
    done = subprocess.run(  # noqa: S603
        [sys.executable, ROOT / "wm", "demos"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "./wm demo" in done.stdout


def test_licence_is_the_one_announced():
    licence = (ROOT / "LICENSE").read_text()
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in licence
    assert "13. Remote Network Interaction" in licence
    assert PROJECT["project"]["license"] == "AGPL-3.0-or-later"
    assert "license: AGPL-3.0-or-later" in (ROOT / "publiccode.yml").read_text()


def test_versions_agree():
    version = PROJECT["project"]["version"]
    assert f"softwareVersion: {version}" in (ROOT / "publiccode.yml").read_text()
    assert f"[{version}]" in (ROOT / "CHANGELOG.md").read_text()


CATALOGUE = (ROOT / "publiccode.yml").read_text()
# publiccode.yml 0.4: keys without which a catalogue refuses the file; the vocabularies it draws from.
MANDATORY = (
    "publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus",
    "softwareType", "description", "legal", "maintenance", "localisation",
)  # fmt: skip
CATEGORIES = {"procurement", "document-management", "collaboration"}


def listed_under(key: str) -> set[str]:
    block = re.search(rf"^ *{key}:\n((?: +- .+\n)+)", CATALOGUE, flags=re.MULTILINE)
    return set(re.findall(r"- (\S+)", block[1])) if block else set()


def test_catalogues_accept_the_file():
    """Source: publiccode.yml, standard 0.4, « The Standard (core) »."""
    keys = set(re.findall(r"^(\w+):", CATALOGUE, flags=re.MULTILINE))
    assert set(MANDATORY) <= keys
    assert listed_under("categories") <= CATEGORIES, "see the list of categories of the standard"
    assert listed_under("scope") == {"local-authorities"}
    short = re.search(r"shortDescription: (.+)", CATALOGUE)[1]
    assert len(short) <= 150
    long = CATALOGUE.split("longDescription: |\n")[1].split("    features:")[0]
    assert 150 <= len(" ".join(long.split())) <= 10_000
    assert "type: internal" not in CATALOGUE or "contacts:" in CATALOGUE


@pytest.mark.parametrize("name", ["publiccode.yml", "SECURITY.md"])
def test_an_address_that_nobody_reads_does_not_look_real(name):
    """Repair: an address under .example (RFC 2606), until the body that publishes gives its own."""
    text = (ROOT / name).read_text()
    hosts = set(re.findall(r"(?:https?://|[\w.-]+@)([\w.-]+\w)", text))
    assert hosts, "nothing says where to write"
    assert all(host.endswith(".example") for host in hosts), hosts
    assert "réservée" in text or "reserved" in text


def test_ignored_folders_hold_what_wm_makes():
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"/.venv/", "/var/"} <= set(ignored)
    assert wm.VENV == ROOT / ".venv"


@pytest.mark.parametrize("label", OURS)
def test_each_app_says_where_to_start(label):
    """Repair: a README.md beside apps.py: start here, declare, write, never."""
    assert (Path(apps.get_app_config(label).path) / "README.md").is_file()


def test_ci_has_an_order_for_each_tree_says_it_and_takes_another():
    """A failure that depends on the order of the tests is met one day, and can be played again."""
    ci = (ROOT / ".ci" / "run").read_text()
    assert "ORDER=${ORDER:-$((16#$(git rev-parse HEAD^{tree} |" in ci
    assert "--randomly-seed=$ORDER" in ci
    assert re.search(r"echo .*ORDER=", ci.split("report()")[1].split("\n}")[0])
