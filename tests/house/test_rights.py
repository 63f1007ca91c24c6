"""Every address × method × person, played over HTTP on one marché (tests/house/droits.txt).

The table is written by hand from the policy, and not printed from the code: the two must agree.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from celery import current_app
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.test import RequestFactory, override_settings
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from procurement.access.registry import rule_of
from procurement.accounts.models import User
from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.jobs import registry as kinds
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.models import Marche
from procurement.marches.services import share_marche
from tests.procurement.documents.builders import png
from tests.services import ROOT, services
from tests.support.client import Browser, plain
from tests.support.scene import ACTORS, Scene, make_scene
from tests.wikimarche.domain.factories import add_mark, comment, insert
from wikimarche.models import Article, Importation


HERE = ROOT / "tests" / "house"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OWN = ("account_", "mfa_", "usersessions_")
"""Pages of one's own account, most of them allauth's; roles say nothing there."""
OWN_ACTORS = {"anonyme", "collegue", "desactive"}
QUIET_TABLES = frozenset(
    {
        "journal",
        "chaine_tete",
        "refus_groupe",
        "django_session",
        "usersessions_usersession",
        "cache",
    }
)
"""What a refusal may write: its own event, and what any request does."""


# ── The table ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Row:
    """One line of droits.txt. expected: actor → status."""

    route: str
    method: str
    action: str
    objet: str
    envoi: str
    expected: dict[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.route} ({self.envoi})"


def read_rows(text: str) -> list[Row]:
    rows = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        route, method, action, objet, envoi, *statuses = line.split()
        if statuses[-1].endswith("*"):
            last = statuses.pop().rstrip("*")
            statuses += [last] * (len(ACTORS) - 1 - len(statuses)) + [statuses[0]]
        assert len(statuses) == len(ACTORS), f"{len(ACTORS)} statuses wanted: {line}"
        expected = dict(zip(ACTORS, map(int, statuses), strict=True))
        rows.append(Row(route, method, action, objet, envoi, expected))
    return rows


@cache
def table() -> list[Row]:
    return read_rows((HERE / "droits.txt").read_text())


def all_routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Names of every address, whatever includes them."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from all_routes(pattern, space)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name: name it, and give it a row."
            yield prefix + pattern.name


def view_of(route: str):
    from django.urls import resolve  # noqa: PLC0415

    return resolve(address(route)).func


def missing_rows(rows: list[Row], routes: list[str]) -> list[str]:
    """Sentences that say how to repair the table."""
    known = {(row.route, row.method) for row in rows}
    faults = [
        f"{method} {route} has no row: add one to tests/house/droits.txt, with what each person gets."
        for route in routes
        for method in methods_of(route)
        if (route, method) not in known
    ]
    faults += [
        f"{route} is in tests/house/droits.txt and nowhere else: remove its rows."
        for route in sorted({row.route for row in rows} - set(routes))
    ]
    return faults


@cache
def methods_of(route: str) -> list[str]:
    """Methods a view answers, as it says itself when asked for another one."""
    view_class = getattr(view_of(route), "view_class", None)
    if view_class:  # of allauth
        return [method for method in ("GET", "POST") if hasattr(view_class, method.lower())]
    request = RequestFactory().options(address(route))
    request.user = User()
    answer = view_of(route)(request, **arguments(route))
    allowed = [name.strip() for name in answer.get("Allow", "").split(",")]
    assert answer.get("Allow"), f"{route} answers every method: say which with require_…"
    return [method for method in METHODS if method in allowed]


def arguments(route: str, pk: UUID | None = None) -> dict[str, object]:
    """Arguments of an address: the object, and the first version."""
    wanted = next(iter(get_resolver_patterns()[route]))
    values = {"pk": pk or uuid4(), "seance": 1, "numero": 1, "jeton": "inconnu", "key": "inconnu"}
    values |= {"uidb36": "1"}
    if route.startswith("mfa_"):
        values["pk"] = 1
    return {name: values[name] for name in wanted}


@cache
def get_resolver_patterns() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}

    def walk(resolver: URLResolver, prefix: str) -> None:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
            else:
                names = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
                found.setdefault(prefix + pattern.name, []).append(names)

    walk(get_resolver(), "")
    return found


def address(route: str, pk: UUID | None = None) -> str:
    return reverse(route, kwargs=arguments(route, pk))


# ── What is sent ────────────────────────────────────────────────────────────────────────────────


def commit(article: UUID, **said):
    base = Article.objects.values_list("numero", flat=True).get(pk=article)
    said = {"id": str(uuid4()), "prev": None, "base": base, "steps": [], **said}
    return {"data": json.dumps(said), "content_type": "application/json"}


def rows_of(*rows):
    data = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": 0}
    for rank, row in enumerate(rows):
        data |= {f"form-{rank}-{name}": value for name, value in row.items()}
    return {"data": data}


FICHE = {"objet": "Autre objet", "reference": "R-1", "technique": "aucune", "reconductions": 0}
PRICE = {"intitule": "Prix", "nature": "prix", "poids": "100"}
PAYLOADS = {
    "-": lambda scene, actor: {"data": {}},
    "vide": lambda scene, actor: {"data": {}},
    "nom_personne": lambda scene, actor: {"data": {"prenom": "Autre", "nom": "Nom"}},
    "marche": lambda scene, actor: {
        "data": {"objet": "Nouveau marché", "organisation": employer(scene, actor)}
    },
    "fiche": lambda scene, actor: {"data": FICHE},
    "lots": lambda scene, actor: rows_of({"intitule": "Lot un"}),
    "criteres": lambda scene, actor: rows_of(PRICE),
    "invitation": lambda scene, actor: {
        "data": {"email": "autre@region.example", "role": "editeur"}
    },
    "etape": lambda scene, actor: {"data": {"vers": "redaction", "depuis": "besoin"}},
    "recherche": lambda scene, actor: {"data": {"nom": "Travaux", "requete": "nature=travaux"}},
    "role": lambda scene, actor: {"data": {"role": "editeur"}},
    "piece": lambda scene, actor: {"data": {"type": "CCAP", "titre": ""}},
    "titre": lambda scene, actor: {"data": {"titre": "Autre titre"}},
    "nom": lambda scene, actor: {"data": {"nom": "Autre nom"}},
    "format": lambda scene, actor: {"data": {"format": "md"}},
    "motif": lambda scene, actor: {"data": {"motif": "Doublon"}},
    "version": lambda scene, actor: {"data": {"version": "3"}},
    "haut": lambda scene, actor: {"data": {"sens": "haut"}},
    "coupure": lambda scene, actor: {"data": {"position": 5}},
    "document": lambda scene, actor: {
        "data": {"fichier": SimpleUploadedFile("a.md", b"# Titre\n")}
    },
    "image": lambda scene, actor: {"data": {"fichier": SimpleUploadedFile("a.png", png(20, 20))}},
    "correction": lambda scene, actor: {
        "data": {"numero": 1, "op": "renommer", "article": first_draft(scene), "titre": "Autre"}
    },
    "mots": lambda scene, actor: commit(scene.objets["article"], steps=[insert(1, "Mot ")]),
    "titre_article": lambda scene, actor: commit(scene.objets["article"], titre="Autre titre"),
    "commentaire": lambda scene, actor: commit(
        scene.objets["article"], steps=[add_mark(1, 4, comment())]
    ),
}


def employer(scene: Scene, actor: str) -> UUID | str:
    user = scene.people.get(actor)
    member = user and user.memberships.filter(is_active=True).first()
    return member.organisation_id if member else ""


def first_draft(scene: Scene) -> str:
    draft = Importation.objects.get(pk=scene.objets["importation"]).decoupage
    return draft["articles"][0]["id"]


# ── The scene, made once and never changed ──────────────────────────────────────────────────────


@pytest.fixture(autouse=True, scope="module")
def stored_files() -> Iterator[Path]:
    """The files of the scene live as long as it does."""
    with services.empty_site() as site, override_settings(MEDIA_ROOT=site / "media"):
        yield site / "media"


@pytest.fixture(scope="module")
def scene(stored_files, django_db_blocker) -> Iterator[Scene]:
    settings = connections.settings["default"]
    ordinary = settings["NAME"]
    with services.cloned() as name, django_db_blocker.unblock():
        connections["default"].close()
        settings["NAME"] = name
        try:
            yield make_scene()
        finally:
            connections["default"].close()
            settings["NAME"] = ordinary


@pytest.fixture(autouse=True)
def without_second_factor(settings):
    """It is asked before anything else, and has its own tests."""
    settings.DEMO = True


@contextmanager
def undone(*, outermost: bool = False) -> Iterator[None]:
    """Do, look, and undo."""
    block = transaction.Atomic(using=None, savepoint=True, durable=False)
    # As in a TestCase: events that have a transaction of their own join this one, to be seen.
    block._from_testcase = outermost
    with block:
        yield
        transaction.set_rollback(True)


def written_tables() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        )
        return dict(cursor.fetchall())


def play(scene: Scene, row: Row, actor: str, pk: UUID | None) -> tuple[Browser, object]:
    browser = scene.browser(actor)
    ask = getattr(browser, row.method.lower())
    extra = PAYLOADS[row.envoi](scene, actor) if row.method == "POST" else {}
    answer = ask(address(row.route, pk), **extra)
    if extra.get("content_type") == "application/json" and answer.status_code >= 400:
        assert answer["Content-Type"] == "application/json"
    return answer


def check_cell(scene: Scene, row: Row, actor: str) -> str:
    """Play one cell. Returns what is wrong, or ""."""
    wanted, pk = row.expected[actor], scene.objets.get(row.objet)
    before = written_tables()
    answer = play(scene, row, actor, pk)
    if answer.streaming:
        list(answer.streaming_content)
    status = answer.status_code
    if status != wanted:
        return f"{status}, not {wanted}"
    if status >= 400:
        written = {t for t, n in written_tables().items() if n != before.get(t, 0)}
        if written - QUIET_TABLES:
            return f"refused, but wrote in {sorted(written - QUIET_TABLES)}"
    if status in (403, 404) and pk:
        return check_refusal(scene, row, actor, pk, answer)
    if status < 400:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return ""


def check_refusal(scene: Scene, row: Row, actor: str, pk: UUID, answer) -> str:
    acting = f"acheteur:{scene.people[actor].pk}"
    event = list_entries(PLATFORM_CHAIN, acteur=acting, limit=1)[0]
    if (event.action, event.corps["details"]["action"]) != ("access:action:refused", row.action):
        return f"no event for this refusal (the last one is {event.action})"
    if not event.objet.endswith(f":{pk}"):
        return f"the event names {event.objet}"
    if answer.status_code == 404:
        random = play(scene, row, actor, uuid4())
        if plain(answer) != plain(random):
            return "its 404 differs from the one of a random identifier"
    elif "secret" in answer.content.decode():
        return "its 403 says something of the object"
    return ""


# ── Tests ───────────────────────────────────────────────────────────────────────────────────────


def test_every_address_has_a_row():
    faults = missing_rows(table(), list(all_routes()))
    assert not faults, "\n".join(faults)


def test_a_row_taken_away_is_missed():
    """The guard itself can fail: positive control."""
    routes = list(all_routes())
    for taken in table():
        left = [row for row in table() if (row.route, row.method) != (taken.route, taken.method)]
        assert f"{taken.method} {taken.route} has no row" in "\n".join(missing_rows(left, routes))
    stale = Row("wikimarche:gone", "GET", "-", "-", "-", {})
    assert "remove its rows" in "\n".join(missing_rows([*table(), stale], routes))


@pytest.mark.parametrize("row", table(), ids=str)
def test_the_row_names_the_action_of_the_gate(row):
    view = view_of(row.route)
    actions = getattr(view, "actions", {})
    action = actions.get(row.method) or getattr(view, "action", "-")
    assert action == row.action, "write in droits.txt the action that the gate checks"
    if action != "-":
        assert rule_of(action)


def test_every_address_without_gate_is_public_or_ones_own():
    """Repair: put @gate(Action.…) on the view."""
    ungated = {row.route for row in table() if row.action == "-"}
    public = {
        "marches:invitation_open",
        "demo:mail_list",
        "operations:sante_live",
        "operations:sante_read",
    }
    assert {route for route in ungated if not route.startswith(OWN)} == public


@pytest.mark.parametrize("actor", ACTORS)
def test_each_person_gets_what_the_table_says(scene, actor):
    faults = []
    with undone(outermost=True):
        if actor == "juriste_sans_partage":
            marche = Marche.objects.get(pk=scene.objets["marche"])
            share_marche(by=scene.people["gestionnaire"], marche=marche, partage=False)
        for row in table():
            if row.route.startswith(OWN) and actor not in OWN_ACTORS:
                continue
            with undone():
                fault = check_cell(scene, row, actor)
            if fault:
                faults.append(f"{row}: {fault}")
    assert not faults, f"{actor}:\n" + "\n".join(faults)


def test_a_door_left_open_is_seen(scene, monkeypatch):
    """Positive control: with the roles of the étranger widened, the checker reports it."""
    from procurement.access import registry  # noqa: PLC0415
    from procurement.access.enums import Role  # noqa: PLC0415

    row = next(row for row in table() if row.route == "marches:marche_detail")
    known = registry._registry.resources["marches:marche"]
    wide = registry.Resource(
        known.name, known.words, known.model, known.get, lambda user, obj: frozenset(Role)
    )
    monkeypatch.setitem(registry._registry.resources, "marches:marche", wide)
    with undone(outermost=True):
        assert check_cell(scene, row, "etranger") == "200, not 404"


@pytest.mark.attaque("A18")
def test_nothing_changes_by_get_or_by_a_disguised_method(scene):
    writing = {row.route for row in table() if row.method == "POST"}
    writing -= {row.route for row in table() if row.method == "GET"}
    faults = []
    with undone(outermost=True):
        browser = scene.browser("gestionnaire")
        objets = {row.route: scene.objets.get(row.objet) for row in table()}
        for route in sorted(writing):
            url = address(route, objets[route])
            override = {"HTTP_X_HTTP_METHOD_OVERRIDE": "POST"}
            for answer in (
                browser.get(url),
                browser.head(url),
                browser.get(url, {"_method": "POST"}, **override),
                browser.put(url),
                browser.delete(url),
            ):
                method = answer.request["REQUEST_METHOD"]
                if answer.status_code != 405:
                    faults.append(f"{method} {route}: {answer.status_code}")
    assert not faults, "\n".join(faults)


@pytest.mark.attaque("D08")
def test_every_change_asks_for_the_token_of_the_form(scene):
    faults = []
    with undone(outermost=True):
        for row in table():
            if row.method != "POST":
                continue
            browser = Browser(enforce_csrf_checks=True)
            browser.cookies["seance"] = scene.sessions["gestionnaire"]
            extra = PAYLOADS[row.envoi](scene, "gestionnaire")
            answer = browser.post(address(row.route, scene.objets.get(row.objet)), **extra)
            if answer.status_code != 403:
                faults.append(f"{row}: {answer.status_code}")
    assert not faults, "\n".join(faults)


# ── Work in the background ──────────────────────────────────────────────────────────────────────


@cache
def work_table() -> dict[str, str]:
    lines = (HERE / "travaux.txt").read_text().splitlines()
    return dict(line.split() for line in lines if line.strip() and not line.startswith("#"))


def all_work() -> set[str]:
    current_app.loader.import_default_modules()
    tasks = {name for name in current_app.tasks if not name.startswith("celery.")}
    return tasks | set(kinds._kinds)


def test_every_task_and_kind_of_job_has_a_row():
    """Repair: write it in tests/house/travaux.txt, with the right checked again when it runs."""
    assert set(work_table()) == all_work()


def test_beat_only_rings_known_tasks():
    assert {entry["task"] for entry in site.CELERY_BEAT_SCHEDULE.values()} <= all_work()


@pytest.mark.parametrize("actor", [actor for actor in ACTORS if actor != "anonyme"])
def test_a_job_runs_with_the_rights_of_its_asker_at_that_moment(scene, actor):
    """ASVS 8.3.3: rows written by anyone, whoever asked; only the right decides."""
    faults = []
    rows = {row.action: row for row in table()}
    with undone(outermost=True):
        if actor == "juriste_sans_partage":
            marche = Marche.objects.get(pk=scene.objets["marche"])
            share_marche(by=scene.people["gestionnaire"], marche=marche, partage=False)
        for kind, action in work_table().items():
            if action == "-":
                continue
            row = rows[action]
            job = Job(
                kind=kind, action=action, objet=scene.objets[row.objet], titre="x",
                requested_by=scene.people[actor], params={},
            )  # fmt: skip
            job.save()
            run_job(job.pk)
            job.refresh_from_db()
            refused = bool(re.search("plus le droit", job.raison))
            if refused != (row.expected[actor] not in (200, 302) or actor == "desactive"):
                faults.append(f"{kind}: {job.statut} {job.raison}")
    assert not faults, "\n".join(faults)
