"""Tried beyond the list, on the served site: to read the draft of somebody else, to rewrite one word of the past.

What is somebody else's carries a word that nobody else may see; every answer is searched for it.
"""

import http.client
import json
import socket
from contextlib import closing, suppress
from urllib.parse import urlsplit
from uuid import uuid4

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.services import set_lots
from tests.procurement.documents.builders import png
from tests.support.canary import Oracle
from tests.support.equipe import commit, commits_url, make_equipe, state_of, text_of, words
from tests.wikimarche.factories import ArticleFactory
from wikimarche.enums import FormatExport
from wikimarche.models import Article, Importation
from wikimarche.selectors import last_version
from wikimarche.services import accept_importation, add_image, ask_export


SECRET = "motdailleurs7f3a"


@pytest.fixture
def theirs(base):
    """Somebody else's: an article, a lot and an image, and the word that nobody here may see."""
    equipe = make_equipe()
    by = equipe.gestionnaire
    equipe.secret = ArticleFactory(piece=equipe.piece, titre=SECRET, texte=SECRET)
    (equipe.lot,) = set_lots(by=by, marche=equipe.marche, lots=[{"intitule": SECRET}])
    equipe.image = add_image(by=by, piece=equipe.piece, content=png(41, 23), nom=f"{SECRET}.png")
    return equipe


def inline(node):
    return {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": [node]}}


def everything_shown(equipe) -> list[bytes]:
    """Pages, comparisons and papers of one's own pièce, as whoever may read it obtains them."""
    browser, found = equipe.browser("gestionnaire"), []
    for name, args in (
        ("piece_detail", [equipe.piece.pk]),
        ("piece_outline", [equipe.piece.pk]),
        ("piece_compare", [equipe.piece.pk]),
        ("version_list", [equipe.piece.pk]),
        ("version_detail", [equipe.piece.pk, last_version(equipe.piece).numero]),
        ("article_detail", [equipe.article.pk]),
        ("article_commits", [equipe.article.pk]),
    ):
        answer = browser.get(reverse(f"wikimarche:{name}", args=args))
        assert answer.status_code == 200, name
        found.append(answer.content)
    for format in FormatExport.values:
        job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=format)
        run_job(job.pk)
        found.append(b"".join(browser.get(reverse("documents:job_download", args=[job.pk]))))
    return [layer for content in found for layer in [content, *Oracle().texts_of(content)]]


# ── To read the draft of somebody else ──────────────────────────────────────────────────────────


@pytest.mark.attaque("A09")
@pytest.mark.parametrize("way", ["renvoi", "lot", "marche", "image"])
def test_a_text_of_ones_own_does_not_cite_what_is_elsewhere(equipe, theirs, way):
    """A cross-reference, a datum of the fiche, an image named in a step; looked at on every page and paper."""
    node = {
        "renvoi": {"type": "renvoi", "attrs": {"article": str(theirs.secret.pk)}},
        "lot": {"type": "variable", "attrs": {"chemin": f"lot.{theirs.lot.pk.hex}.intitule"}},
        "marche": {"type": "variable", "attrs": {"chemin": f"marche.{theirs.marche.pk.hex}.objet"}},
        "image": {
            "type": "image",
            "attrs": {"id": "zzzzzzzzz", "fichier": str(theirs.image.pk), "alt": "Plan"},
        },
    }[way]
    step = inline(node) if way != "image" else {**inline(node), "from": 0, "to": 0}
    answer = equipe.browser().send_json(commits_url(equipe.article), commit(0, step))
    assert answer.status_code in (200, 400)
    assert SECRET not in answer.text
    for layer in everything_shown(equipe):
        assert SECRET.encode() not in layer


def test_what_is_ones_own_is_cited(equipe):
    """Positive control: the same cross-reference, to an article of the pièce, shows its title."""
    own = ArticleFactory(piece=equipe.piece, titre=SECRET)
    step = inline({"type": "renvoi", "attrs": {"article": str(own.pk)}})
    equipe.browser().send_json(commits_url(equipe.article), commit(0, step))
    assert any(SECRET.encode() in layer for layer in everything_shown(equipe))


@pytest.mark.attaque("A09")
def test_a_document_does_not_bring_in_the_image_of_somebody_else(equipe, theirs):
    """A Markdown that names the address, then the identifier, of an image stored elsewhere."""
    names = [f"/images/{theirs.image.pk}/", str(theirs.image.pk), f"media:{theirs.image.pk}"]
    text = "# Plan\n\n" + "\n\n".join(f"![Plan]({name})" for name in names)
    text += f'\n\n<img src="/images/{theirs.image.pk}/">\n'
    browser = equipe.browser("gestionnaire")
    sent = SimpleUploadedFile("plan.md", text.encode())
    url = reverse("wikimarche:piece_import", args=[equipe.piece.pk])
    assert browser.post(url, {"fichier": sent}).status_code == 302
    importation = Importation.objects.get(piece=equipe.piece)
    run_job(Job.objects.get(kind="wikimarche:read_document", objet=importation.pk).pk)
    importation.refresh_from_db()
    accept_importation(by=equipe.gestionnaire, importation=importation)
    kept = json.dumps(
        list(Article.objects.filter(piece=equipe.piece).values_list("corps", flat=True))
    )
    assert '"type": "image"' not in kept
    page = lxml.html.fromstring(browser.get(equipe.piece.get_absolute_url()).text)
    assert page.xpath(f"//img[contains(@src, '{theirs.image.pk}')]") == []


@pytest.mark.attaque("A09")
def test_an_article_is_moved_neither_under_nor_beside_one_of_somebody_else(equipe, theirs):
    """The answers say no more than for an identifier drawn at random."""
    before, browser = (state_of(equipe.piece), state_of(theirs.piece)), equipe.browser()
    url = reverse("wikimarche:article_move", args=[equipe.article.pk])
    for field in ("parent", "apres"):
        told = []
        for pk in (theirs.secret.pk, uuid4()):
            answer = browser.post(url, {field: str(pk), "sens": ""})
            assert SECRET not in answer.text
            told.append((answer.status_code, answer.url))
        assert told[0] == told[1]
    assert (state_of(equipe.piece), state_of(theirs.piece)) == before


@pytest.mark.attaque("A05")
def test_an_export_asked_before_leaving_is_not_taken_after(equipe):
    """Nor the page of its job, by whoever was taken off meanwhile."""
    from procurement.marches.services import end_participation  # noqa: PLC0415

    browser, user = equipe.browser(), equipe.person()
    job = ask_export(by=user, piece=equipe.piece, format=FormatExport.MD)
    run_job(job.pk)
    link = reverse("documents:job_download", args=[job.pk])
    assert "trente jours" in browser.get(link).text
    end_participation(by=equipe.gestionnaire, participation=equipe.participation(user))
    for method in (browser.get, browser.head):
        answer = method(link, HTTP_RANGE="bytes=0-")
        assert answer.status_code in (403, 404)
        assert "trente jours" not in answer.text


@pytest.mark.attaque("A01")
def test_a_connection_that_somebody_used_says_nothing_to_the_next_one(base, equipe):
    """As a proxy does, which sends one person's request after another's through the same socket."""
    place = urlsplit(base.url).netloc
    mine = equipe.browser("gestionnaire").cookies["seance"].value
    foreign = equipe.browser("etranger").cookies["seance"].value
    url = equipe.piece.get_absolute_url()
    with closing(http.client.HTTPConnection(place, timeout=20)) as link:
        for session, wanted in ((mine, 200), (None, 302), (foreign, 404), (mine, 200), ("x", 302)):
            link.request("GET", url, headers={"Cookie": f"seance={session}"} if session else {})
            answer = link.getresponse()
            body = answer.read().decode()
            assert answer.status == wanted
            assert ("trente jours" in body) is (wanted == 200)


@pytest.mark.attaque("A01")
def test_requests_sent_ahead_are_answered_each_for_its_own_session(base, equipe):
    """Three heads in one write, no waiting: pipelined, as a smuggled request would be."""
    mine = equipe.browser("gestionnaire").cookies["seance"].value
    url, host = equipe.piece.get_absolute_url(), urlsplit(base.url).netloc
    heads = "".join(
        f"GET {url} HTTP/1.1\r\nHost: {host}\r\n{cookie}{end}\r\n"
        for cookie, end in (
            (f"Cookie: seance={mine}\r\n", ""), ("", ""), ("Cookie: seance=faux\r\n", "Connection: close\r\n"),
        )
    )  # fmt: skip
    raw = b""
    with closing(socket.create_connection(tuple(host.split(":")), 20)) as link:
        link.sendall(heads.encode())
        with suppress(TimeoutError, ConnectionError):
            while found := link.recv(2**16):
                raw += found
    assert raw.count(b"HTTP/1.1 200") == 1
    assert raw.count(b"HTTP/1.1 302") == 2


@pytest.mark.attaque("A01")
@pytest.mark.parametrize("protocol", ["websocket", "h2c", "TLS/1.0"])
def test_no_other_protocol_opens_a_piece(base, equipe, protocol):
    """An upgrade asked on the address of a draft: it is not taken, and the gate answers."""
    foreign = equipe.browser("etranger").cookies["seance"].value
    head = {
        "Cookie": f"seance={foreign}", "Connection": "Upgrade, HTTP2-Settings", "Upgrade": protocol,
        "HTTP2-Settings": "AAMAAABkAAQAoAAAAAIAAAAA", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": base.url,
    }  # fmt: skip
    with closing(http.client.HTTPConnection(urlsplit(base.url).netloc, timeout=20)) as link:
        link.request("GET", equipe.piece.get_absolute_url(), headers=head)
        answer = link.getresponse()
        assert answer.status in (400, 403, 404)
        assert b"trente jours" not in answer.read()


@pytest.mark.attaque("A01")
def test_two_sessions_in_one_request_do_not_add_up(base, equipe):
    """The cookie of nobody before or after one's own, under other names, twice: never somebody else's rights."""
    foreign = equipe.browser("etranger").cookies["seance"].value
    for cookie in (
        f"seance={foreign}; seance=x", f"seance=x; seance={foreign}", f"SEANCE={foreign}",
        f"__Host-seance={foreign}", f"seance={equipe.gestionnaire.pk}", "seance=", f'seance="{foreign}\\""',
    ):  # fmt: skip
        with closing(http.client.HTTPConnection(urlsplit(base.url).netloc, timeout=20)) as link:
            link.request("GET", equipe.piece.get_absolute_url(), headers={"Cookie": cookie})
            answer = link.getresponse()
            assert answer.status in (302, 404), cookie
            assert b"trente jours" not in answer.read()


# ── To rewrite one word of the past ─────────────────────────────────────────────────────────────


def past_of(equipe, numero: int) -> str:
    url = reverse("wikimarche:version_detail", args=[equipe.piece.pk, numero])
    return equipe.browser("observateur").get(url).text


@pytest.mark.attaque("A04")
@pytest.mark.parametrize("who", ["editeur", "gestionnaire"])
def test_an_acknowledged_save_sent_again_with_other_words_changes_nothing(equipe, who):
    """By its author or by somebody else, in its article or in another: its identifier is taken for good."""
    sent = words("Trente. ")
    author = equipe.browser()
    assert author.send_json(commits_url(equipe.article), sent).status_code == 200
    numero, before = last_version(equipe.piece).numero, state_of(equipe.piece)
    forged = {**words("Quinze. "), "id": sent["id"]}
    for article in (equipe.article, equipe.second):
        answer = equipe.browser(who).send_json(commits_url(article), forged)
        assert answer.status_code in (200, 400, 409)
    assert state_of(equipe.piece) == before
    assert "Trente." in past_of(equipe, numero)
    assert "Quinze." not in past_of(equipe, numero)


@pytest.mark.attaque("A04")
def test_a_save_on_an_old_base_is_written_now_and_not_then(equipe):
    """What is typed over an old version is a new one, after all the others: no past version moves."""
    browser = equipe.browser()
    for text in ("Un. ", "Deux. ", "Trois. "):
        base_now = Article.objects.get(pk=equipe.article.pk).numero
        assert (
            browser.send_json(commits_url(equipe.article), words(text, base_now)).status_code == 200
        )
    last = last_version(equipe.piece).numero
    past = {numero: past_of(equipe, numero) for numero in range(1, last)}
    marks = [b"Quinze", b"quinze"]
    answer = equipe.browser("gestionnaire").send_json(
        commits_url(equipe.article), words("Quinze. ", 0)
    )
    assert answer.status_code == 200
    assert "Quinze" in text_of(equipe.article)
    for numero, page in past.items():
        now = past_of(equipe, numero)
        assert not any(mark.decode() in now for mark in marks)
        assert ("Trois." in now) is ("Trois." in page)


@pytest.mark.attaque("A18")
@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
def test_the_address_of_the_past_takes_no_writing(equipe, method):
    """Versions, comparisons, histories and their papers: read, and nothing else."""
    equipe.browser().send_json(commits_url(equipe.article), words("Trente. "))
    numero, before = last_version(equipe.piece).numero, state_of(equipe.piece)
    browser = equipe.browser("gestionnaire")
    for url in (
        reverse("wikimarche:version_detail", args=[equipe.piece.pk, numero]),
        reverse("wikimarche:piece_compare", args=[equipe.piece.pk]),
        reverse("marches:history_read", args=[equipe.marche.pk]),
        reverse("wikimarche:article_detail", args=[equipe.article.pk]),
    ):
        body = json.dumps({"numero": numero, "corps": "Quinze", "texte": "Quinze"})
        answer = getattr(browser, method)(url, body, content_type="application/json")
        assert answer.status_code == 405, url
    assert state_of(equipe.piece) == before
    assert "Trente." in past_of(equipe, numero)
