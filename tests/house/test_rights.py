"""Every address × method × person, played over HTTP on one marché (tests/house/droits.txt).

The table is written by hand from the policy, and not printed from the code: the two must agree.
"""

import html
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from uuid import UUID, uuid4

import pytest
from celery import current_app
from django.conf import settings as site
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import Http404, HttpResponseNotModified, JsonResponse
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from procurement.access.registry import rule_of
from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.jobs import registry as kinds
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.models import Lot, Marche
from procurement.marches.services import share_marche
from tests.procurement.documents.builders import png
from tests.services import ROOT, services
from tests.support.canary import READER
from tests.support.client import Browser, plain
from tests.support.droits import (
    Row,
    address,
    all_routes,
    get_resolver_patterns,
    missing_rows,
    table,
    view_of,
)
from tests.support.fils import ends
from tests.support.scene import ACTORS, INVITED, Scene, make_scene
from tests.support.served import connected_to
from tests.wikimarche.domain.factories import add_mark, comment, insert
from wikimarche.enums import FormatExport
from wikimarche.models import Article, Importation, Piece
from wikimarche.services import ask_export


HERE = ROOT / "tests" / "house"
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
    "caviardage": lambda scene, actor: {"data": {"etape": "chercher", "passage": "Un passage"}},
    "ligne": lambda scene, actor: {"data": {"ligne": "1"}},
    "periode": lambda scene, actor: {
        "data": {
            "jour_depuis": "2026-01-01",
            "heure_depuis": 8,
            "jour_jusqua": "2026-01-01",
            "heure_jusqua": 10,
        }
    },
    "recherche": lambda scene, actor: {"data": {"nom": "Travaux", "requete": "nature=travaux"}},
    "acces": lambda scene, actor: {"data": access_elsewhere(scene)},
    "role": lambda scene, actor: {"data": {"role": "editeur"}},
    "piece": lambda scene, actor: {"data": {"type": "CCAP", "titre": ""}},
    "titre": lambda scene, actor: {"data": {"titre": "Autre titre"}},
    "nom": lambda scene, actor: {"data": {"nom": "Autre nom"}},
    "format": lambda scene, actor: {"data": {"format": "md"}},
    "format_ancien": lambda scene, actor: {"data": {"format": "md", "version": "1"}},
    "motif": lambda scene, actor: {"data": {"motif": "Doublon"}},
    "version": lambda scene, actor: {"data": {"version": "3"}},
    "haut": lambda scene, actor: {"data": {"sens": "haut"}},
    "sans_numero": lambda scene, actor: {"data": {"numerote": "non"}},
    "coupure": lambda scene, actor: {"data": {"position": 5}},
    "document": lambda scene, actor: {
        "data": {"fichier": SimpleUploadedFile("a.md", b"# Titre\n")}
    },
    "image": lambda scene, actor: {"data": {"fichier": SimpleUploadedFile("a.png", png(20, 20))}},
    "decoupage": lambda scene, actor: {"data": {"numero": 1}},
    "correction": lambda scene, actor: {
        "data": {"numero": 1, "op": "renommer", "article": first_draft(scene), "titre": "Autre"}
    },
    "mots": lambda scene, actor: commit(scene.objets["article"], steps=[insert(1, "Mot ")]),
    "donnee_lot": lambda scene, actor: commit(scene.objets["article"], steps=[cite_lot(scene)]),
    "titre_article": lambda scene, actor: commit(scene.objets["article"], titre="Autre titre"),
    "commentaire": lambda scene, actor: commit(
        scene.objets["article"], steps=[add_mark(1, 4, comment(own_fil(scene, actor)))]
    ),
    "avis": lambda scene, actor: {"data": {"genre": "question", "texte": "Est-ce assez ?"}},
    "avis_passage": lambda scene, actor: {
        "data": {"genre": "question", "texte": "Est-ce assez ?"} | first_words(scene)
    },
    "texte": lambda scene, actor: {"data": {"texte": "Une réponse."}},
}


def employer(scene: Scene, actor: str) -> UUID | str:
    user = scene.people.get(actor)
    member = user and user.memberships.filter(is_active=True).first()
    return member.organisation_id if member else ""


def access_elsewhere(scene: Scene) -> dict[str, object]:
    marche = Marche.objects.get(pk=scene.objets["marche_ailleurs"])
    return {
        "organisation": marche.organisation_id,
        "reference": marche.reference,
        "motif": "Le juge demande à lire ce dossier.",
        "duree": 30,
    }


def own_fil(scene: Scene, actor: str) -> str:
    """A thread of the actor's own, or anybody's for who opens none."""
    return str(scene.objets.get(f"fil_de_{actor}", scene.objets["fil"]))


def first_words(scene: Scene) -> dict[str, object]:
    article = Article.objects.get(pk=scene.objets["article"])
    bloc = article.corps["content"][0]["attrs"]["id"]
    return {"passage": ends((bloc, 0, 0), (bloc, 0, 4)), "base": article.numero}


def cite_lot(scene: Scene) -> dict[str, object]:
    lot = Lot.objects.filter(marche=scene.objets["marche"]).earliest("numero")
    node = {"type": "variable", "attrs": {"chemin": f"lot.{lot.pk.hex}.intitule"}}
    return {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": [node]}}


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
    with services.cloned() as name, connected_to(name, django_db_blocker):
        yield make_scene()


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
    scene.oracle.way = str(row)
    answer = play(scene, row, actor, pk)
    leaks = scene.oracle.take_leaks()
    status = answer.status_code
    if status != wanted:
        leaks.insert(0, f"{status}, not {wanted}")
    if leaks:
        return "; ".join(leaks)
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
    return follow_up(scene, row, actor) if row.method == "POST" and status == 302 else ""


def follow_up(scene: Scene, row: Row, actor: str) -> str:
    """Do the work that a change has asked for, and search the mails, the files and the log."""
    asked = Job.objects.filter(statut="en_file").exclude(pk=scene.objets["travail"])
    for job in asked.exclude(pk__in=scene.queued):
        run_job(job.pk)
        browser = scene.browser(actor)
        for route in ("jobs:job_detail", "documents:job_download"):
            browser.get(reverse(route, args=[job.pk]))
    scene.oracle.read_mails(mail.outbox)
    mail.outbox.clear()
    return "; ".join(scene.oracle.take_leaks())


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


def marked(actor: str):
    """The columns of those who run the platform are the attack A14."""
    a14 = [pytest.mark.attaque("A14")] if actor in ("administrateur", "acces_exceptionnel") else []
    return pytest.param(actor, marks=a14)


@pytest.mark.parametrize("actor", [marked(actor) for actor in ACTORS])
def test_each_person_gets_what_the_table_says(scene, actor):
    faults = []
    with undone(outermost=True), scene.oracle.reading_the_log():
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
        fault = check_cell(scene, row, "etranger")
    assert fault.startswith("200, not 404; ")
    assert "etranger saw marche.objet by GET marches:marche_detail" in fault


# ── What leaves: the canary oracle ──────────────────────────────────────────────────────────────


def test_every_secret_is_read_by_somebody_who_may(scene):
    """A mark that nobody ever sees would prove nothing."""
    with undone(outermost=True):
        for actor in ("gestionnaire", "juriste"):
            for row in table():
                if row.method == "GET" and row.expected[actor] == 200 and row.objet != "-":
                    play(scene, row, actor, scene.objets.get(row.objet))
        first = address("wikimarche:article_detail", scene.objets["premier"])
        scene.browser("gestionnaire").get(first)
        draft = address("wikimarche:importation_detail", scene.objets["importation"])
        scene.browser("gestionnaire").get(draft, {"article": first_draft(scene)})
        for kind in ("marche", "piece", "article"):
            route = {"marche": "marches:marche_detail"}.get(kind, f"wikimarche:{kind}_detail")
            scene.browser("etranger").get(address(route, scene.objets[f"{kind}_ailleurs"]))
        for actor in ("gestionnaire", INVITED):
            for route in ("marches:marche_list", "marches:home", "jobs:job_list"):
                scene.browser(actor).get(reverse(route))
        for job in Job.objects.filter(kind="marches:mail_invitation"):
            run_job(job.pk)
        scene.oracle.read_mails(mail.outbox)
        mail.outbox.clear()
        assert scene.oracle.take_leaks() == []
    found = {what for what, _ in scene.oracle.seen}
    hidden = {f"{mark.objet}.{mark.champ}" for mark in scene.oracle.marks} - found
    # A criterion taken away, the words of a masked comment are kept, and shown nowhere.
    assert hidden <= {"critere_retire.intitule", "masque.texte"}


@pytest.mark.parametrize("format", FormatExport.values)
def test_an_exported_piece_holds_its_text_and_nothing_else(scene, format):
    """It goes out of the house: neither what was taken out of it, nor why, nor who is asked."""
    with undone(outermost=True):
        piece = Piece.objects.get(pk=scene.objets["piece"])
        job = ask_export(by=scene.people["observateur"], piece=piece, format=format)
        run_job(job.pk)
        answer = scene.browser("observateur").get(reverse("documents:job_download", args=[job.pk]))
        assert answer.status_code == 200
        scene.oracle.scan(READER, b"".join(answer.streaming_content), f"the {format} of a pièce")
        assert scene.oracle.take_leaks() == []
    for what in ("article.texte", "article.note", "commit.mots", "article.titre", "fiche.lieu"):
        assert (what, READER) in scene.oracle.seen, what


def links_of(answer) -> set[str]:
    if not answer.get("Content-Type", "").startswith("text/html"):
        return set()
    found = re.findall(r'(?:href|hx-get|src|action)="([^"#]+)', answer.content.decode())
    return {html.unescape(url) for url in found if url.startswith(("/", "?"))}


@pytest.mark.parametrize(
    "actor",
    ["etranger", "collegue", "observateur", "administrateur", "acces_exceptionnel", "parti"],
)
def test_a_walk_along_the_links_meets_no_secret(scene, actor):
    """Every link one is shown, as far as forty pages, then those of the gestionnaire."""
    with undone(outermost=True), scene.oracle.reading_the_log():
        browser, guide = scene.browser(actor), scene.browser("gestionnaire")
        start = address("marches:marche_detail", scene.objets["marche"])
        waiting = ["/", *sorted(links_of(guide.get(start)))]
        waiting += sorted(
            links_of(guide.get(address("wikimarche:piece_detail", scene.objets["piece"])))
        )
        met: set[str] = set()
        while waiting and len(met) < 60:
            url = waiting.pop(0)
            if url in met or url.startswith(("/static", "?", "/compte")):
                continue
            met.add(url)
            scene.oracle.way = url
            waiting += sorted(links_of(browser.get(url)))
        assert len(met) > 20
        assert scene.oracle.take_leaks() == []


def test_a_route_that_leaks_is_seen(scene, settings):
    """Positive control: an address that forgets the gate, for one person and in the log."""
    from procurement import urls  # noqa: PLC0415

    def leak(request):
        piece = Piece.objects.get(pk=scene.objets["piece"])
        logging.getLogger("procurement.essai").info("shown %s", piece.titre)
        return JsonResponse({"pieces": [piece.titre]})

    leaking = ModuleType("leaking")
    leaking.urlpatterns = [path("fuite/", leak, name="fuite"), *urls.urlpatterns]
    settings.ROOT_URLCONF = leaking
    with undone(outermost=True), scene.oracle.reading_the_log():
        scene.oracle.way = "GET fuite"
        scene.browser("observateur").get("/fuite/")
        scene.browser("etranger").get("/fuite/")
    assert scene.oracle.take_leaks() == [
        "etranger saw piece.titre by GET fuite",
        "traces du serveur saw piece.titre by a line of procurement.essai",
    ]


# ── Strangers: nothing tells a foreign object from none ─────────────────────────────────────────

STRANGERS = ("etranger", "retire_du_marche")


def work_done(scene: Scene, row: Row, actor: str, pk: UUID) -> list[str]:
    """Statements of one request, in order, without their values."""
    with CaptureQueriesContext(connection) as asked:
        play(scene, row, actor, pk)
    said = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
    # A statement is prepared once for a connection, then named.
    said = [re.sub(r"^PREPARE .*?; (?=EXECUTE)", "", sql, flags=re.DOTALL) for sql in said]
    return [re.sub(r"'[^']*'(?:::uuid)?|\b\d+\b", "?", sql) for sql in said]


def differences(scene: Scene, actor: str) -> list[str]:
    faults = []
    # The second of a person's activity, and what is asked once for a process.
    scene.browser(actor).get(reverse("jobs:job_list"))
    for row in table():
        if row.objet == "-" or row.expected[actor] != 404:
            continue
        with undone():
            real = work_done(scene, row, actor, scene.objets[row.objet])
        with undone():
            random = work_done(scene, row, actor, uuid4())
        if real != random:
            odd = [f"{a} ≠ {b}" for a, b in zip_longest(real, random) if a != b]
            faults.append(f"{row}, which a random identifier is not: {odd[0]}")
    return faults


@pytest.mark.attaque("A01")
@pytest.mark.parametrize("actor", STRANGERS)
def test_a_foreign_object_costs_what_a_random_identifier_costs(scene, actor):
    """The time of an answer is that of its statements: the same ones, in the same order.

    Statements and not milliseconds: on a machine that others use, medians differ by more than the
    query that would give an object away, and a test that fails one day in ten is read by nobody.
    The bodies are compared by each cell of the matrix (check_refusal).
    """
    with undone(outermost=True):
        assert differences(scene, actor) == []


def test_a_query_more_for_what_exists_is_seen(scene, monkeypatch):
    """Positive control: a gate that looks further only once it has found something."""
    from procurement.access import registry  # noqa: PLC0415

    known = registry._registry.resources["marches:marche"]
    monkeypatch.setitem(
        registry._registry.resources, "marches:marche", replace(known, nobodys=None)
    )
    with undone(outermost=True):
        assert any("marches:marche_detail" in fault for fault in differences(scene, "etranger"))


@pytest.mark.attaque("A01")
def test_anonymous_people_learn_nothing_and_cost_nothing(scene):
    """Sent to sign in before the identifier is read, whatever it is."""
    with undone(outermost=True):
        for row in table():
            if row.objet == "-" or row.method != "GET":
                continue
            pk = scene.objets[row.objet]
            assert work_done(scene, row, "anonyme", pk) == []
            assert play(scene, row, "anonyme", pk).url.startswith("/compte/connexion/")


# ── Tried beyond the list: other ways of asking for a draft that is somebody else's ────────────

FUTURE = "Fri, 01 Jan 2038 00:00:00 GMT"
OTHER_HEADERS = {
    "what a cache would hold": {"HTTP_IF_NONE_MATCH": "*", "HTTP_IF_MODIFIED_SINCE": FUTURE},
    "only if it has changed": {"HTTP_IF_MATCH": '"x"', "HTTP_IF_UNMODIFIED_SINCE": FUTURE},
    "the first byte": {"HTTP_RANGE": "bytes=0-0", "HTTP_IF_RANGE": FUTURE},
    "as a program": {"HTTP_ACCEPT": "application/json", "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
    "as a table": {"HTTP_ACCEPT": "text/csv, application/pdf;q=0.9"},
    "as a fragment": {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "corps", "HTTP_HX_BOOSTED": "1"},
    "as a preview": {"HTTP_PURPOSE": "prefetch", "HTTP_SEC_PURPOSE": "prefetch;prerender"},
    "from the machine itself": {
        "REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1", "HTTP_X_REAL_IP": "::1",
    },
    "under another name of the site": {"HTTP_X_FORWARDED_HOST": "admin", "HTTP_FORWARDED": "host=a"},
    "as somebody whom a proxy names": {
        "HTTP_REMOTE_USER": "gestionnaire", "HTTP_X_REMOTE_USER": "gestionnaire",
        "HTTP_AUTHORIZATION": "Basic Z2VzdGlvbm5haXJlOg==",
    },
    "compressed": {"HTTP_ACCEPT_ENCODING": "gzip, br, zstd"},
}  # fmt: skip


def other_paths(url: str, pk: UUID) -> list[str]:
    """The same address, written otherwise."""
    key = str(pk)
    return [
        url.replace(key, key.upper()),
        url.replace(key, key.replace("-", "")),
        url.replace(key, f"%7B{key}%7D"),
        url.replace(key, f"{key}%00"),
        url.replace(key, f"{key}%20"),
        url.replace(key, f"x/../{key}"),
        url.replace(key, f"%2e%2e%2f{key}"),
        f"/{url}",
        f"/static/..{url}",
        url.rstrip("/"),
        f"{url}.json",
        f"{url};format=json",
        f"{url}?format=json&export=1&apercu=1",
        f"{url}?_method=GET&user=1&by=1&role=gestionnaire&partage=1",
    ]


def other_ways(scene: Scene, row: Row, actor: str) -> list[str]:
    """Ask in every other way. Returns those that were answered by anything but a refusal."""
    pk = scene.objets[row.objet]
    url, browser, faults = address(row.route, pk), scene.browser(actor), []
    asked = [(url, name, headers) for name, headers in OTHER_HEADERS.items()]
    asked += [(path, path, {}) for path in other_paths(url, pk)]
    # What a proxy would rewrite, asked under an address that is open to everybody.
    asked.append(
        ("/qui-peut-quoi/", "rewritten", {"HTTP_X_ORIGINAL_URL": url, "HTTP_X_REWRITE_URL": url})
    )
    for way, name, headers in asked:
        for ask in (browser.get, browser.head):
            answer = ask(way, **headers)
            refused = answer.status_code in (400, 404, 405)
            # Only the slash that is missing is added, whatever the object.
            refused |= answer.status_code == 301 and answer.url == url
            if not refused and name != "rewritten":
                faults.append(f"{row}, {name}: {answer.status_code}")
            faults += [f"{row}, {name}: {leak}" for leak in scene.oracle.take_leaks()]
            if answer.has_header("ETag") or answer.has_header("Last-Modified"):
                faults.append(f"{row}, {name}: says when it changed")
    return faults


@pytest.mark.attaque("A01")
@pytest.mark.attaque("A03")
@pytest.mark.parametrize("actor", STRANGERS)
def test_no_other_way_of_asking_opens_what_is_refused(scene, actor):
    """Caches, ranges, formats, fragments, proxies, spellings of an address: the gate is the same."""
    with undone(outermost=True), scene.oracle.reading_the_log():
        faults = [
            fault
            for row in table()
            if row.method == "GET" and row.objet != "-" and row.expected[actor] == 404
            for fault in other_ways(scene, row, actor)
        ]
        assert faults == []


def test_a_page_that_believes_a_cache_or_a_proxy_is_seen(scene, settings):
    """Positive control: the same pièce, by a view that answers before the gate to those who ask so."""
    from procurement import urls  # noqa: PLC0415

    def believing(request, pk):
        if request.headers.get("If-None-Match"):
            return HttpResponseNotModified()
        if request.headers.get("X-Remote-User"):
            return JsonResponse({"titre": Piece.objects.get(pk=pk).titre})
        raise Http404

    row = next(row for row in table() if row.route == "wikimarche:piece_detail")
    open_door = ModuleType("open_door")
    open_door.urlpatterns = [path("pieces/<uuid:pk>/", believing), *urls.urlpatterns]
    settings.ROOT_URLCONF = open_door
    with undone(outermost=True):
        found = "\n".join(other_ways(scene, row, "etranger"))
    assert "what a cache would hold: 304" in found
    assert "as somebody whom a proxy names: 200" in found
    assert "etranger saw piece.titre" in found


WORDS_OF_LISTS = (
    "q",
    "recherche",
    "titre",
    "objet",
    "reference",
    "lieu",
    "nom",
    "organisation",
    "tri",
)


def said_to(browser: Browser, url: str, field: str, word: str) -> str:
    """What a list answers to a question, without the word it repeats and what changes each time."""
    answer = browser.get(url, {field: word})
    text = b"".join(answer).decode() if answer.streaming else plain(answer)
    return text.replace(word, "MOT")


def test_a_list_that_counts_what_it_does_not_show_is_seen(scene):
    """Positive control: the same question by somebody to whom the list does answer."""
    with undone(outermost=True):
        browser, url = scene.browser("gestionnaire"), reverse("marches:marche_list")
        (mark,) = (m for m in scene.oracle.marks if (m.objet, m.champ) == ("marche", "objet"))
        absent = "z" * len(str(mark))
        assert said_to(browser, url, "q", str(mark)) != said_to(browser, url, "q", absent)


PREVIEW = re.compile(r"preview|apercu|aperçu|previsualis", re.IGNORECASE)


def test_no_address_shows_a_text_that_is_sent_to_it():
    """Nothing here previews a body or clauses named by the request: there is nothing to ask of it."""
    written = [str(pattern) for pattern in get_resolver_patterns()]
    written += [address(route) for route in all_routes()]
    assert not [name for name in written if PREVIEW.search(name)]
    assert PREVIEW.search("wikimarche:piece_preview")


@pytest.mark.parametrize("actor", ["gestionnaire", "etranger"])
def test_head_is_a_get_of_which_only_the_head_is_wanted(scene, actor):
    """RFC 9110, 9.3.2: the same decision, no body."""
    faults = []
    with undone(outermost=True):
        browser = scene.browser(actor)
        for row in table():
            if row.method != "GET":
                continue
            url = address(row.route, scene.objets.get(row.objet))
            asked, read = browser.head(url), browser.get(url)
            if asked.status_code != read.status_code or b"".join(asked):
                faults.append(f"{row.route}: {asked.status_code}, GET {read.status_code}")
            if read.streaming:
                b"".join(read.streaming_content)
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
                kind=kind, action=action, objet=scene.objets.get(row.objet), titre="x",
                requested_by=scene.people[actor], params={},
            )  # fmt: skip
            job.save()
            run_job(job.pk)
            job.refresh_from_db()
            refused = bool(re.search("plus le droit", job.raison))
            if refused != (row.expected[actor] not in (200, 302) or actor == "desactive"):
                faults.append(f"{kind}: {job.statut} {job.raison}")
    assert not faults, "\n".join(faults)
