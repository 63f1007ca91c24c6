"""Nothing tells a stranger that an object exists, however it is asked for."""

import re
from dataclasses import replace
from itertools import zip_longest
from types import ModuleType
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import Http404, HttpResponseNotModified, JsonResponse
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from tests.support.cells import play, scene, stored_files, undone, without_second_factor
from tests.support.client import Browser, plain
from tests.support.droits import (
    Row,
    address,
    all_routes,
    get_resolver_patterns,
    table,
)
from tests.support.scene import LIMITED, Scene
from wikimarche.models import Piece


__all__ = ["scene", "stored_files", "without_second_factor"]


STRANGERS = ("etranger", "retire_du_marche", LIMITED)


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
        if (row.objet, actor) == ("marche", LIMITED):
            # She reads it: it is the line asked for that is not hers.
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
