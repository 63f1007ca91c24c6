"""The table of rights again, against the site served as in production: what refuses, and what only reads.

test_rights.py plays every cell and undoes it; here nothing is undone, so that only what must leave
everything as it was is asked, by a socket, behind the middlewares and the limits of the server.
"""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.marches.models import Marche
from procurement.marches.services import share_marche
from tests.house.test_rights import OWN
from tests.house.test_rights_strangers import STRANGERS, WORDS_OF_LISTS, other_ways, said_to
from tests.services import services
from tests.support.cells import QUIET_TABLES, play
from tests.support.client import plain
from tests.support.droits import Row, address, table
from tests.support.payloads import PAYLOADS
from tests.support.scene import ACTORS, make_scene
from tests.support.served import connected_to


CASES = {
    "anonyme": ["A01"],
    "etranger": ["A01", "A03"],
    "observateur": ["A04"],
    "commentateur": ["A04"],
    "juriste": ["A04"],
    "retire_du_marche": ["A05"],
    "parti": ["A05"],
    "administrateur": ["A14"],
    "acces_exceptionnel": ["A14"],
}
"""The attack that a column of the table is, beyond the rights it writes down (A08)."""


@pytest.fixture(scope="module")
def made(served_site, django_db_blocker):
    """One scene for all of them, in the database of the served site."""
    ordinary, services.site = services.site, served_site.folder
    media = override_settings(MEDIA_ROOT=served_site.folder / "media")
    with connected_to(served_site.database, django_db_blocker), media:
        scene = make_scene(served_site.browse)
    services.site = ordinary
    return scene


@pytest.fixture
def scene(made, served):
    made.oracle.take_leaks()
    return made


def state() -> dict[str, tuple]:
    """Number and sum of the rows of every table that a refusal leaves alone."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace AND has_table_privilege(oid, 'SELECT')"
        )
        for (name,) in cursor.fetchall():
            if name not in QUIET_TABLES:
                cursor.execute(
                    f'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM "{name}" t'  # noqa: S608
                )
                found[name] = cursor.fetchone()
    return found


def refuses(row: Row, actor: str) -> bool:
    turned_away = actor in ("anonyme", "desactive") and row.objet != "-"
    return row.expected[actor] >= 400 or turned_away


def fault_of(scene, row: Row, actor: str) -> str:
    """Ask one cell. Returns what is wrong, or ""."""
    pk = scene.objets.get(row.objet)
    scene.oracle.way = str(row)
    answer = play(scene, row, actor, pk)
    faults = scene.oracle.take_leaks()
    if answer.status_code != row.expected[actor]:
        faults.insert(0, f"{answer.status_code}, not {row.expected[actor]}")
    if answer.status_code == 404 and pk and row.expected[actor] == 404:
        random = play(scene, row, actor, uuid4())
        if plain(answer) != plain(random):
            faults.append("its 404 differs from the one of a random identifier")
    return "; ".join(faults)


@pytest.mark.attaque("A08")
@pytest.mark.parametrize(
    "actor",
    [
        pytest.param(actor, marks=[pytest.mark.attaque(case) for case in CASES.get(actor, [])])
        for actor in ACTORS
    ],
)
def test_the_served_site_refuses_what_the_table_refuses(scene, actor):
    """Status, words, secrets, rows and journal; then what the person may read is read."""
    marche = Marche.objects.get(pk=scene.objets["marche"])
    rows = [row for row in table() if not row.route.startswith(OWN)]
    if actor == "juriste_sans_partage":
        share_marche(by=scene.people["gestionnaire"], marche=marche, partage=False)
    try:
        before = state()
        refusals = [row for row in rows if refuses(row, actor)]
        faults = [f"{row}: {fault}" for row in refusals if (fault := fault_of(scene, row, actor))]
        after = state()
        faults += [f"{name} has changed" for name in after if after[name] != before[name]]
        reads = [row for row in rows if row.method == "GET" and not refuses(row, actor)]
        faults += [f"{row}: {fault}" for row in reads if (fault := fault_of(scene, row, actor))]
    finally:
        if actor == "juriste_sans_partage":
            share_marche(by=scene.people["gestionnaire"], marche=marche, partage=True)
    assert not faults, "\n".join(faults)
    assert len(refusals) > 5
    if actor not in ("anonyme", "desactive"):
        acting = f"acheteur:{scene.people[actor].pk}"
        told = list_entries(PLATFORM_CHAIN, acteur=acting, limit=50)
        assert any(entry.action == "access:action:refused" for entry in told)


# ── Asked otherwise ─────────────────────────────────────────────────────────────────────────────

DOORS = (
    "marches:marche_detail",
    "marches:history_export",
    "wikimarche:piece_detail",
    "wikimarche:version_list",
    "wikimarche:version_detail",
    "wikimarche:piece_compare",
    "wikimarche:article_detail",
    "wikimarche:image",
    "documents:job_download",
)
"""A page, a history, a comparison, a picture, a file: every kind of thing that is read."""


@pytest.mark.attaque("A01")
@pytest.mark.attaque("A03")
@pytest.mark.parametrize("actor", STRANGERS)
def test_no_spelling_of_an_address_opens_it_on_a_real_socket(scene, actor):
    """Encoded dots, doubled slashes, ranges, other names of the site: as the server itself reads them."""
    rows = [row for row in table() if row.route in DOORS and row.method == "GET"]
    assert len(rows) >= len(DOORS) - 1
    faults = [
        fault
        for row in rows
        if row.expected[actor] == 404
        for fault in other_ways(scene, row, actor)
    ]
    assert faults == []


SENT = "Texte que personne n’a écrit ici 7f3a"


def named_elsewhere(scene) -> dict[str, str]:
    """Everything by which a preview could be told what to show."""
    there = str(scene.objets["article_ailleurs"])
    return {
        **dict.fromkeys(("article", "articles", "clause", "clauses", "id", "ids", "objet"), there),
        **dict.fromkeys(("piece", "pieces", "document"), str(scene.objets["piece_ailleurs"])),
        "marche": str(scene.objets["marche_ailleurs"]),
        **dict.fromkeys(("texte", "corps", "contenu", "body", "html", "markdown", "content"), SENT),
        "apercu": "1",
        "preview": "1",
    }


@pytest.mark.attaque("A06")
@pytest.mark.parametrize("actor", ["observateur", "acces_exceptionnel"])
def test_no_address_shows_clauses_or_a_text_that_a_request_names(scene, actor):
    """Nothing previews here: every address is asked to, and answers as if it had not been."""
    browser, named = scene.browser(actor), named_elsewhere(scene)
    faults = []
    for row in table():
        if row.route.startswith(OWN) or (row.method == "POST" and not refuses(row, actor)):
            continue
        url = address(row.route, scene.objets.get(row.objet))
        if row.method == "GET":
            answers = [browser.get(url, named)]
        else:
            sent = PAYLOADS[row.envoi](scene, actor)
            form = {**named, **sent["data"]} if isinstance(sent["data"], dict) else named
            answers = [browser.post(url, form), browser.send_json(url, named)]
        for answer in answers:
            if row.method == "POST" and answer.status_code != row.expected[actor]:
                faults.append(f"{row}: {answer.status_code}, not {row.expected[actor]}")
            if SENT in answer.content.decode(errors="replace"):
                faults.append(f"{row}: shows the text that was sent to it")
        faults += [f"{row}: {leak}" for leak in scene.oracle.take_leaks()]
    assert faults == []


def test_a_page_that_repeats_what_it_is_sent_is_seen(scene):
    """Positive control: the list of marchés repeats the words that are searched."""
    answer = scene.browser("observateur").get(reverse("marches:marche_list"), {"q": SENT})
    assert SENT in answer.content.decode()


# ── Questions and methods ───────────────────────────────────────────────────────────────────────


@pytest.mark.attaque("A07")
@pytest.mark.parametrize(
    "route", ["marches:marche_list", "marches:marche_list_export", "jobs:job_list"]
)
def test_a_question_about_a_secret_is_answered_as_one_about_nothing(scene, route):
    """Each secret word of the marché, whole and by its beginning, in each field of the lists."""
    browser, url = scene.browser("etranger"), reverse(route)
    known = {str(mark) for mark in scene.oracle.marks if "etranger" not in mark.seen_by}
    assert len(known) > 20
    for field in WORDS_OF_LISTS:
        for secret in sorted(known)[: 30 if field == "q" else 3]:
            for asked in (secret, secret[:-4]):
                absent = "z" * len(asked)
                told = [said_to(browser, url, field, word) for word in (asked, absent)]
                assert told[0] == told[1], (field, asked)
    scene.oracle.take_leaks()


@pytest.mark.attaque("A18")
def test_nothing_changes_by_get_or_by_a_disguised_method(scene):
    writing = {row.route for row in table() if row.method == "POST"}
    writing -= {row.route for row in table() if row.method == "GET"}
    objets = {row.route: scene.objets.get(row.objet) for row in table()}
    browser, before, faults = scene.browser("gestionnaire"), state(), []
    override = {"HTTP_X_HTTP_METHOD_OVERRIDE": "POST", "HTTP_X_METHOD_OVERRIDE": "POST"}
    for route in sorted(writing):
        url = address(route, objets[route])
        for answer in (
            browser.get(url),
            browser.head(url),
            browser.get(url, {"_method": "POST"}, **override),
            browser.put(url),
            browser.delete(url),
        ):
            if answer.status_code != 405:
                method = answer.request["REQUEST_METHOD"]
                faults.append(f"{method} {route}: {answer.status_code}")
    after = state()
    faults += [f"{name} has changed" for name in after if after[name] != before[name]]
    assert not faults, "\n".join(faults)
