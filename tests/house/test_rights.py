"""Every address × method × person, played over HTTP on one marché (tests/house/droits.txt).

The table is written by hand from the policy, and not printed from the code: the two must agree.
"""

import html
import logging
import re
from types import ModuleType

import pytest
from django.core import mail
from django.http import JsonResponse
from django.urls import path, reverse

from procurement.access.registry import rule_of
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.models import Marche
from procurement.marches.services import share_marche
from tests.support.canary import READER
from tests.support.cells import check_cell, play, scene, stored_files, undone, without_second_factor
from tests.support.client import Browser
from tests.support.droits import (
    Row,
    address,
    all_routes,
    missing_rows,
    table,
    view_of,
)
from tests.support.payloads import PAYLOADS, first_draft
from tests.support.scene import ACTORS, INVITED, LIMITED
from wikimarche.enums import FormatExport
from wikimarche.models import Piece
from wikimarche.services import ask_export


__all__ = ["scene", "stored_files", "without_second_factor"]
OWN = ("account_", "mfa_", "usersessions_")
"""Pages of one's own account, most of them allauth's; roles say nothing there."""
OWN_ACTORS = {"anonyme", "collegue", "desactive"}


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
    [
        "etranger",
        "collegue",
        "observateur",
        "administrateur",
        "acces_exceptionnel",
        LIMITED,
        "parti",
    ],
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
