"""Bringing a document in over HTTP: refused without a trace, or read, corrected and accepted."""

import json
import re
import time
from urllib.parse import urlencode

import lxml.html
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import recording, verify_evidence
from procurement.documents.models import StoredFile
from procurement.documents.services import open_stored, store_file
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from tests.procurement.documents.builders import make_docx
from tests.procurement.documents.domain.test_judging import REFUSED
from tests.support.equipe import state_of
from tests.wikimarche.domain.importing.samples import (
    annotated_word,
    plain_word,
    rich_word,
    styled_word,
)
from tests.wikimarche.factories import PieceFactory
from wikimarche.models import Article, Importation, Version
from wikimarche.selectors import last_version, read_piece
from wikimarche.services import abandon_importation, withdraw_piece
from wikimarche.services.importations import hash_draft


CCTP = (
    (1, "Objet du marché"), (0, "Le marché porte sur le nettoyage."),
    (2, "Lieux"), (0, "Les lycées de la région."),
    (1, "Délais"), (0, "Trente jours."),
)  # fmt: skip


def import_url(piece):
    return reverse("wikimarche:piece_import", args=[piece.pk])


def send(browser, piece, content, nom="cctp.docx"):
    return browser.post(import_url(piece), {"fichier": SimpleUploadedFile(nom, content)})


def kept():
    """Everything an upload could leave behind."""
    files = sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())
    return files, StoredFile.objects.count(), Importation.objects.count(), Job.objects.count()


@pytest.fixture
def importation(equipe):
    """A document received and read, whose cutting waits to be checked."""
    answer = send(equipe.browser(), equipe.piece, styled_word(*CCTP))
    made = Importation.objects.get()
    assert answer.url == reverse("wikimarche:importation_detail", args=[made.pk])
    run_job(Job.objects.get(kind="wikimarche:read_document").pk)
    made.refresh_from_db()
    assert made.statut == "a_verifier", made.raison
    return made


def act(browser, verb, importation, **data):
    """As a page opened just now would send it, unless the test says which draft it showed."""
    if not {"numero", "vu"} & data.keys():
        data["numero"] = Importation.objects.values_list("numero", flat=True).get(pk=importation.pk)
    return browser.post(reverse(f"wikimarche:importation_{verb}", args=[importation.pk]), data)


def draft(importation):
    importation.refresh_from_db()
    return [(row["niveau"], row["titre"]) for row in importation.decoupage["articles"]]


# ── Refused: nothing is kept ────────────────────────────────────────────────────────────────────


@pytest.mark.attaque("C01")
@pytest.mark.attaque("C03")
@pytest.mark.attaque("C04")
@pytest.mark.parametrize("cas", REFUSED)
def test_a_hostile_document_is_refused_and_nothing_is_kept(base, equipe, cas):
    nom, build = REFUSED[cas]
    content, browser = build(), equipe.browser()
    before, state = kept(), state_of(equipe.piece)
    with base.working(seconds=1, memory=100 << 20):
        answer = send(browser, equipe.piece, content, nom)
    assert answer.status_code == 400
    told = lxml.html.fromstring(answer.text).xpath("//*[@id='id_fichier_error']")
    assert told[0].text_content().strip().endswith((".", "…", "\u202f»."))
    assert (kept(), state_of(equipe.piece)) == (before, state)


def test_200_mb_are_refused_before_being_read(equipe):
    browser, before = equipe.browser(), kept()
    start = time.process_time()
    answer = browser.generic(
        "POST", import_url(equipe.piece), b"x",
        content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(200 << 20),
    )  # fmt: skip
    assert time.process_time() - start < 1
    assert answer.status_code == 413
    assert "dépasse" in answer.content.decode()
    assert kept() == before


def test_just_above_the_limit_is_refused(equipe):
    browser, before = equipe.browser(), kept()
    answer = send(browser, equipe.piece, bytes(25_000_001))
    assert answer.status_code == 400
    assert "Ce fichier fait 26\u00a0Mo\u202f; 25\u00a0Mo au plus." in answer.content.decode()
    assert kept() == before


@pytest.mark.parametrize("data", [{"autre": "x"}, {"fichier": ""}, {"fichier": "cctp.docx"}])
def test_no_document_at_all(equipe, data):
    browser = equipe.browser()
    before = kept()
    assert browser.post(import_url(equipe.piece), data).status_code == 400
    assert kept() == before


@pytest.mark.attaque("C07")
@pytest.mark.parametrize(
    "nom",
    ["../../etc/passwd.docx", "é" * 300 + ".docx", 'a"b.docx', "<script>.docx", "CON.docx"],
)
def test_an_odd_name_is_kept_clean_and_shown_inert(equipe, nom):
    answer = send(equipe.browser(), equipe.piece, make_docx(), nom)
    assert answer.status_code == 302
    stored = StoredFile.objects.latest("created_at")
    assert not set(stored.nom) & set("/\\\r\n\0")
    page = equipe.browser().get(answer.url)
    assert page.status_code == 200
    assert b"<script>." not in page.content


def test_a_frozen_piece_takes_no_document(equipe):
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    browser = equipe.browser()
    before = kept()
    assert send(browser, equipe.piece, styled_word(*CCTP)).status_code == 409
    assert kept() == before


def test_a_document_that_cannot_be_read_says_why(equipe):
    """Sound for the judge, empty for the reader."""
    send(equipe.browser(), equipe.piece, b"\n\n", "vide.md")
    made = Importation.objects.first()
    if made is None:
        return
    run_job(Job.objects.get(kind="wikimarche:read_document").pk)
    made.refresh_from_db()
    assert (made.statut, bool(made.raison)) == ("refuse", True)
    assert act(equipe.browser(), "accept", made).status_code == 409
    assert not Version.objects.filter(piece=equipe.piece, genre="import").exists()


# ── Read, corrected, accepted ───────────────────────────────────────────────────────────────────


def test_a_document_is_read_into_a_draft_and_changes_nothing_yet(equipe, importation):
    assert draft(importation) == [(1, "Objet du marché"), (2, "Lieux"), (1, "Délais")]
    assert importation.rapport["articles"] == 3
    assert last_version(equipe.piece).numero == 2
    page = equipe.browser().get(reverse("wikimarche:importation_detail", args=[importation.pk]))
    assert "Objet du marché" in page.content.decode()


def test_accepting_adds_the_articles_after_those_of_the_piece(equipe, importation):
    answer = act(equipe.browser(), "accept", importation)
    first = Article.objects.get(piece=equipe.piece, titre="Objet du marché")
    assert answer.url == f"{equipe.piece.get_absolute_url()}#a-{first.pk}"
    views = read_piece(equipe.piece).articles
    assert [f"{view.number} {view.titre}" for view in views] == [
        "1 Délais", "2 Prix", "3 Objet du marché", "3.1 Lieux", "4 Délais",
    ]  # fmt: skip
    version = last_version(equipe.piece)
    assert (version.genre, version.auteur) == ("import", equipe.person())
    entries = list_entries(equipe.marche.pk, action="wikimarche:piece:imported")
    said = [entry.corps["details"] for entry in entries if entry.corps["details"]]
    assert [details["empreinte"] for details in said] == [importation.fichier.sha256]
    made = Article.objects.get(piece=equipe.piece, titre="Lieux")
    assert made.provenance["importation"] == str(importation.pk)


def test_it_is_said_beforehand_that_what_is_there_stays(equipe, importation):
    """And afterwards; a pièce without text is told nothing."""
    browser = equipe.browser()
    words = "La pièce a déjà 2\xa0articles\u202f: ceux du document viendront à leur suite"
    for page in (import_url(equipe.piece), detail(importation)):
        assert words in browser.get(page).content.decode()
    answer = act(browser, "accept", importation)
    page = browser.get(answer.url).content.decode()
    assert "à la suite de ce qui y était (2\xa0articles)" in page
    assert f'id="{answer.url.partition("#")[2]}"' in page
    empty = PieceFactory(marche=equipe.marche)
    assert "La pièce a déjà" not in browser.get(import_url(empty)).content.decode()
    send(browser, empty, styled_word(*CCTP))
    sent = Importation.objects.get(piece=empty)
    run_job(Job.objects.filter(kind="wikimarche:read_document").latest("created_at").pk)
    assert "La pièce a déjà" not in browser.get(detail(sent)).content.decode()
    answer = act(browser, "accept", sent)
    assert answer.url == empty.get_absolute_url()
    assert "à la suite" not in browser.get(answer.url).content.decode()


def test_accepted_once_and_led_to_the_piece_each_time(equipe, importation):
    browser = equipe.browser()
    for words in ("Le document est dans la pièce", "Ce document est déjà dans la pièce"):
        answer = act(browser, "accept", importation)
        assert answer.url.partition("#")[0] == equipe.piece.get_absolute_url()
        assert words in browser.get(answer.url).content.decode()
    assert Version.objects.filter(piece=equipe.piece, genre="import").count() == 1


def test_a_document_put_aside_meanwhile_is_not_said_to_be_in_the_piece(equipe, importation):
    abandon_importation(by=equipe.person("editeur"), importation=importation)
    answer = act(equipe.browser(), "accept", importation)
    assert answer.status_code == 409
    assert "Abandonné" in answer.content.decode()


def test_accepted_once_even_at_once(equipe_durable, at_once):
    equipe = equipe_durable
    send(equipe.browser(), equipe.piece, styled_word(*CCTP))
    run_job(Job.objects.get(kind="wikimarche:read_document").pk)
    made, browsers = Importation.objects.get(), [equipe.browser() for _ in range(2)]
    statuses = at_once(
        *(lambda browser=browser: act(browser, "accept", made).status_code for browser in browsers)
    )
    assert statuses == [302, 302]
    assert Article.objects.filter(piece=equipe.piece).count() == 5
    report = verify_evidence(chain=equipe.marche.pk)
    assert report.ok, report.breaks


def test_the_cutting_is_corrected_and_each_correction_undone(equipe, importation):
    browser = equipe.browser()
    rows = importation.decoupage["articles"]
    lieux = rows[1]["id"]
    start = draft(importation)
    steps = [
        ({"op": "promouvoir", "article": lieux}, [(1, "Objet du marché"), (1, "Lieux"), (1, "Délais")]),
        ({"op": "renommer", "article": lieux, "titre": "Où"}, [(1, "Objet du marché"), (1, "Où"), (1, "Délais")]),
        ({"op": "fusionner", "article": lieux}, [(1, "Objet du marché"), (1, "Délais")]),
    ]  # fmt: skip
    for number, (operation, expected) in enumerate(steps, start=1):
        assert act(browser, "correct", importation, numero=number, **operation).status_code == 302
        assert draft(importation) == expected
    for _ in steps:
        act(browser, "undo", importation)
    assert draft(importation) == start
    act(browser, "undo", importation)
    assert draft(importation) == start


def test_the_rows_whose_number_changes_show_the_printed_one(equipe):
    titles = ("Article 1 - Objet", "Article 3 - Prix", "Article 4 - Fin")
    lines = [
        line for title in titles for line in ((1, title), (0, "Voir l’article 3."), (0, "Fin."))
    ]
    made, browser = receive(equipe, styled_word(*lines)), equipe.browser()
    page = lxml.html.fromstring(browser.get(detail(made)).content.decode())
    rows = [" ".join(row.text_content().split()) for row in page.xpath("//summary/small")]
    told = "{} dans le document · 2 passages"
    assert rows == ["2 passages", told.format(3), told.format(4)]
    assert "«\u202f3 Prix\u202f» devient 2" in page.xpath("//*[@id='a-regarder']")[0].text_content()
    cut = made.decoupage["articles"][0]
    sent = {
        "op": "scinder",
        "article": cut["id"],
        "bloc": cut["corps"]["content"][1]["attrs"]["id"],
    }
    changes = browser.post(
        reverse("wikimarche:importation_correct", args=[made.pk]),
        {**sent, "numero": made.numero, "page": "1"},
        headers=HTMX,
    ).content.decode()
    assert "dans le document" not in changes
    assert (
        "devient"
        not in lxml.html.fromstring(changes).xpath("//*[@id='a-regarder']")[0].text_content()
    )
    act(browser, "undo", made)
    assert "devient 2" in browser.get(detail(made)).content.decode()


def test_an_article_of_the_draft_enters_without_number(equipe, importation):
    browser, first = equipe.browser(), importation.decoupage["articles"][0]["id"]
    url = reverse("wikimarche:importation_detail", args=[importation.pk])

    def offered():
        page = browser.get(url, {"article": first}).content.decode()
        return [
            word for word in ("sans_numero", "numeroter") if f'name="op" value="{word}"' in page
        ]

    assert offered() == ["sans_numero"]
    answer = act(browser, "correct", importation, op="sans_numero", article=first)
    assert answer.status_code == 302
    assert offered() == ["numeroter"]
    again = act(browser, "correct", importation, numero=2, op="sans_numero", article=first)
    assert again.status_code == 400
    act(browser, "accept", importation, numero=2)
    brought = Article.objects.filter(
        piece=equipe.piece, provenance__importation=str(importation.pk)
    )
    assert not brought.get(titre="Objet du marché").numerote
    assert brought.get(titre="Délais").numerote


def test_a_correction_of_a_draft_that_changed_is_refused(equipe, importation):
    browser, lieux = equipe.browser(), importation.decoupage["articles"][1]["id"]
    sent = {"op": "promouvoir", "article": lieux, "numero": 1}
    assert act(browser, "correct", importation, **sent).status_code == 302
    answer = act(equipe.browser("gestionnaire"), "correct", importation, **sent)
    assert answer.status_code == 409


def test_a_draft_corrected_meanwhile_is_read_again_before_it_is_accepted(equipe, importation):
    """The page of the second person shows the draft as it was before."""
    browser, lieux = equipe.browser(), importation.decoupage["articles"][1]["id"]
    page = equipe.browser("gestionnaire").get(
        reverse("wikimarche:importation_detail", args=[importation.pk])
    )
    assert '<input type="hidden" name="numero" value="1">' in page.content.decode()
    act(browser, "correct", importation, op="promouvoir", article=lieux, numero=1)
    before = state_of(equipe.piece)
    answer = act(equipe.browser("gestionnaire"), "accept", importation, numero=1)
    assert answer.status_code == 409
    assert "vient de corriger ce découpage" in answer.content.decode()
    assert state_of(equipe.piece) == before
    assert act(equipe.browser("gestionnaire"), "accept", importation, numero=2).status_code == 302


def test_the_correction_of_somebody_else_is_not_undone_unseen(equipe, importation):
    """« La dernière correction » is the last that the page shows."""
    one, other = equipe.browser(), equipe.browser("gestionnaire")
    second, third = (row["id"] for row in importation.decoupage["articles"][1:])
    act(one, "correct", importation, op="renommer", article=second, titre="Lieux", numero=1)
    act(other, "correct", importation, op="renommer", article=third, titre="Horaires", numero=2)
    kept = draft(importation)
    answer = act(one, "undo", importation, numero=2)
    assert answer.status_code == 409
    assert "vient de corriger ce découpage" in answer.content.decode()
    assert draft(importation) == kept
    assert act(one, "undo", importation, numero=3).status_code == 302
    assert draft(importation) != kept


@pytest.mark.parametrize("verb", ["accept", "correct", "undo"])
def test_what_does_not_say_which_draft_was_seen_is_refused(equipe, importation, verb):
    before = (draft(importation), state_of(equipe.piece))
    assert act(equipe.browser(), verb, importation, vu="").status_code == 400
    assert (draft(importation), state_of(equipe.piece)) == before


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"numero": "x", "op": "promouvoir"},
        {"numero": "9" * 40, "op": "promouvoir"},
        {"numero": 1, "op": "supprimer"},
        {"numero": 1, "op": "__class__"},
        {"numero": 1, "op": "promouvoir"},
        {"numero": 1, "op": "promouvoir", "article": "x"},
        {"numero": 1, "op": "renommer", "article": "premier", "titre": "x" * 5000},
        {"numero": 1, "op": "fusionner", "article": "premier"},
        {"numero": 1, "op": "scinder", "article": "premier", "bloc": "x"},
    ],
)
def test_an_unreadable_correction_changes_nothing(equipe, importation, sent):
    first = importation.decoupage["articles"][0]["id"]
    sent = {name: first if value == "premier" else value for name, value in sent.items()}
    before = draft(importation)
    assert act(equipe.browser(), "correct", importation, **sent).status_code in (400, 409)
    assert draft(importation) == before


def test_a_title_with_nul_is_kept_without_it(equipe, importation):
    first = importation.decoupage["articles"][0]["id"]
    sent = {"op": "renommer", "article": first, "numero": 1, "titre": "a\x00b"}
    assert act(equipe.browser(), "correct", importation, **sent).status_code == 302
    assert draft(importation)[0] == (1, "ab")


def test_giving_up_leaves_the_piece_as_it_was(equipe, importation):
    state = state_of(equipe.piece)
    assert act(equipe.browser(), "abandon", importation).status_code == 302
    assert state_of(equipe.piece) == state
    assert act(equipe.browser(), "accept", importation).status_code == 409


def test_the_report_says_what_the_document_held(equipe, importation):
    assert set(importation.rapport) >= {"articles", "tables", "lists", "images", "footnotes"}


# ── What is left aside, what is proposed, what is shown ─────────────────────────────────────────


def receive(equipe, content, nom="cctp.docx"):
    """Send a document and have it read."""
    send(equipe.browser(), equipe.piece, content, nom)
    made = Importation.objects.get()
    run_job(Job.objects.get(kind="wikimarche:read_document").pk)
    made.refresh_from_db()
    return made


def detail(importation, **query):
    return reverse("wikimarche:importation_detail", args=[importation.pk]) + (
        f"?{urlencode(query)}" if query else ""
    )


HTMX = {"HX-Request": "true"}


def test_what_the_reader_refuses_is_not_kept(equipe_durable):
    equipe = equipe_durable
    files, rows, _, _ = kept()
    made = receive(equipe, plain_word(""), "vide.docx")
    assert (made.statut, made.fichier, str(made)) == ("refuse", None, "vide.docx")
    assert kept()[:2] == (files, rows + 1)
    trace = StoredFile.objects.get(nom="vide.docx")
    assert (trace.statut, trace.taille > 0) == ("ecartee", True)
    assert verify_evidence(files=True).breaks == []
    page = equipe.browser().get(detail(made)).content.decode()
    assert made.raison in page
    assert "vide.docx" in page


def test_the_same_bytes_kept_by_another_stay(equipe_durable):
    equipe = equipe_durable
    content = plain_word("")
    other = store_file(by=equipe.person(), content=content, nom="a.docx", type_mime="x/y")
    receive(equipe, content, "vide.docx")
    with open_stored(other) as stored:
        assert stored.read()


def test_tracked_changes_are_told_and_kept_for_later(equipe):
    made = receive(equipe, annotated_word())
    assert [row["nature"] for row in made.decoupage["suggestions"]] == ["suppression", "insertion"]
    assert [row["auteur"] for row in made.decoupage["commentaires"]] == ["Paul Petit"]
    page = equipe.browser().get(detail(made)).content.decode()
    recognised, left = page.split("Laissé de côté")
    assert "Modifications suivies" not in recognised
    assert "Commentaires" not in recognised.split("Ce qui a été reconnu")[-1]
    assert "les insertions n’y sont pas" in left


def test_the_title_of_the_document_is_proposed(equipe):
    made = receive(equipe, rich_word())
    page = equipe.browser().get(detail(made)).content.decode()
    assert "Donner à la pièce le titre du document" in page
    assert "Cahier des clauses particulières" in page
    act(equipe.browser(), "accept", made, intitule="oui")
    equipe.piece.refresh_from_db()
    assert equipe.piece.titre == "Cahier des clauses particulières"
    assert list_entries(equipe.marche.pk, action="wikimarche:piece:renamed")


def test_the_title_is_taken_only_when_asked(equipe):
    before = equipe.piece.titre
    act(equipe.browser(), "accept", receive(equipe, rich_word()))
    equipe.piece.refresh_from_db()
    assert equipe.piece.titre == before


def test_a_long_name_of_a_document_is_shortened_with_its_ellipsis(equipe):
    act(equipe.browser(), "accept", receive(equipe, b"# Un\n\nTexte.\n", f"{'long' * 40}.md"))
    nom = last_version(equipe.piece).nom
    assert (len(nom), nom[:14], nom[-1]) == (120, "Import de long", "…")


@pytest.fixture
def long_draft(equipe):
    """450 articles; the first holds 120 passages."""
    text = "# Premier\n\n" + "".join(f"Passage {n}.\n\n" for n in range(120))
    text += "".join(f"# Sujet {n}\n\nTexte {n}.\n\n" for n in range(449))
    return receive(equipe, text.encode(), "long.md")


def test_a_long_draft_is_read_by_pages_and_its_passages_on_demand(equipe, long_draft):
    browser = equipe.browser()
    first = browser.get(detail(long_draft)).content.decode()
    assert first.count("data-niveau=") == 200
    assert "Passage 3." not in first
    assert len(first) < 400_000
    assert "Sujet 448" in browser.get(detail(long_draft, page=3)).content.decode()
    article = long_draft.decoupage["articles"][0]["id"]
    shown = browser.get(detail(long_draft, article=article), headers=HTMX).content.decode()
    assert shown.count('class="bloc"') == 50
    assert "data-niveau=" not in shown
    rest = browser.get(
        detail(long_draft, article=article, debut=100), headers=HTMX
    ).content.decode()
    assert rest.count('class="bloc"') == 20
    assert "Renommer" not in rest
    plain = browser.get(detail(long_draft, article=article)).content.decode()
    assert "Passage 3." in plain


def test_an_article_without_text_counts_no_passage(equipe):
    importation = receive(equipe, b"# Vide\n\n# Plein\n\nTexte.\n", "vide.md")
    page = equipe.browser().get(detail(importation)).content.decode()
    assert page.count("titre seul") == 1
    assert page.count("passage</small>") == 1
    assert "Ouvrez un article pour le lire" in page


def test_a_correction_is_answered_with_the_rows_that_changed(equipe, long_draft):
    rows = long_draft.decoupage["articles"]
    url = reverse("wikimarche:importation_correct", args=[long_draft.pk])
    sent = {"op": "renommer", "article": rows[5]["id"], "titre": "Autre", "numero": 1, "page": 1}
    answer = equipe.browser().post(url, sent, headers=HTMX).content.decode()
    assert answer.count("data-niveau=") == 1
    assert "Autre" in answer
    assert 'id="decoupage-numero" name="numero" value="2"' in answer
    merged = {"op": "fusionner", "article": rows[198]["id"], "vu": 2, "page": 1}
    answer = equipe.browser().post(url, merged, headers=HTMX).content.decode()
    assert f'id="l-{rows[198]["id"]}" hx-swap-oob="delete"' in answer
    # The one it joined, the next one renumbered, the one that comes from the following page.
    assert answer.count("data-niveau=") == 3
    long_draft.refresh_from_db()
    assert len(json.dumps(long_draft.annulations)) < 20_000
    act(equipe.browser(), "undo", long_draft)
    act(equipe.browser(), "undo", long_draft)
    long_draft.refresh_from_db()
    assert long_draft.decoupage["articles"] == rows


def test_what_was_done_to_an_article_without_title_is_said_in_a_sentence(equipe, importation):
    _, second, third = (row["id"] for row in importation.decoupage["articles"])
    url = reverse("wikimarche:importation_correct", args=[importation.pk])

    def told(number, op, article, **more):
        sent = {"op": op, "article": article, "numero": number, "page": 1, **more}
        page = equipe.browser().post(url, sent, headers=HTMX).content.decode()
        return re.sub(r"<[^>]+>", " ", page)

    assert "L’article n’a plus de titre." in told(1, "renommer", second, titre="")
    assert "L’article sans titre est au niveau 1." in told(2, "promouvoir", second)
    assert "L’article est fusionné avec un article sans titre." in told(3, "fusionner", third)


def test_a_cut_at_the_end_of_a_page_leads_to_the_row_that_stays_on_it(equipe, long_draft):
    """What was cut off begins the next page: the keyboard would be nowhere, and the page at its head."""
    url = reverse("wikimarche:importation_correct", args=[long_draft.pk])
    rows = long_draft.decoupage["articles"]
    merged = {"op": "fusionner", "article": rows[200]["id"], "vu": 1, "page": 2}
    equipe.browser().post(url, merged, headers=HTMX)
    long_draft.refresh_from_db()
    last = long_draft.decoupage["articles"][199]
    block = last["corps"]["content"][-1]["attrs"]["id"]
    sent = {"op": "scinder", "article": last["id"], "bloc": block, "vu": 2, "page": 1}
    page = lxml.html.fromstring(equipe.browser().post(url, sent, headers=HTMX).text)
    focused = page.xpath("//*[@data-wm-focus]")
    assert [one.tag for one in focused] == ["summary"]
    assert focused[0].xpath("ancestor::li/@id") == [f"l-{last['id']}"]


def test_an_article_that_joined_another_meanwhile_shows_the_cutting_as_it_is(equipe, importation):
    stale = importation.decoupage["articles"][1]["id"]
    act(
        equipe.browser("gestionnaire"),
        "correct",
        importation,
        op="fusionner",
        article=stale,
        numero=1,
    )
    url = reverse("wikimarche:importation_detail", args=[importation.pk]) + f"?article={stale}"
    answer = equipe.browser().get(url, headers=HTMX)
    assert answer["HX-Retarget"] == "#importation"
    page = answer.content.decode()
    assert "Le découpage a changé" in page
    assert page.count("data-niveau=") == 2
    known = importation.decoupage["articles"][0]["id"]
    answer = equipe.browser().get(url.replace(stale, known), headers=HTMX)
    assert "HX-Retarget" not in answer
    assert "Le découpage a changé" not in answer.content.decode()


def test_without_a_script_a_correction_comes_back_to_its_article(equipe, importation):
    article = importation.decoupage["articles"][1]["id"]
    sent = {"op": "renommer", "article": article, "titre": "Où", "vu": 1, "page": 1}
    answer = act(equipe.browser(), "correct", importation, **sent)
    assert answer.url.endswith(f"article={article}#l-{article}")
    page = equipe.browser().get(answer.url.partition("#")[0]).content.decode()
    assert "Les lycées de la région." in page


def test_a_cut_opens_what_was_cut_off_at_its_title(equipe, importation):
    first, second, _third = importation.decoupage["articles"]
    url = reverse("wikimarche:importation_correct", args=[importation.pk])
    merged = {"op": "fusionner", "article": second["id"], "numero": 1, "page": 1}
    equipe.browser().post(url, merged, headers=HTMX)
    importation.refresh_from_db()
    block = importation.decoupage["articles"][0]["corps"]["content"][1]["attrs"]["id"]
    sent = {"op": "scinder", "article": first["id"], "bloc": block, "numero": 2, "page": 1}
    answer = equipe.browser().post(url, sent, headers=HTMX).content.decode()
    importation.refresh_from_db()
    new = importation.decoupage["articles"][1]["id"]
    assert re.search(rf'id="t-{new}"[^>]*data-wm-focus', answer)
    assert answer.count("data-wm-focus") == 1


def test_a_row_that_joined_another_leaves_the_keyboard_on_that_one(equipe, importation):
    first, second, _third = importation.decoupage["articles"]
    url = reverse("wikimarche:importation_correct", args=[importation.pk])
    sent = {"op": "fusionner", "article": second["id"], "numero": 1, "page": 1}
    answer = equipe.browser().post(url, sent, headers=HTMX).content.decode()
    assert re.search(rf'id="l-{first["id"]}".*?<summary data-wm-focus', answer, re.DOTALL)


def test_a_document_that_waits_is_told_wherever_one_would_send_it_again(equipe):
    empty, browser = PieceFactory(marche=equipe.marche), equipe.browser()
    send(browser, empty, styled_word(*CCTP))
    sent = Importation.objects.get(piece=empty)
    run_job(Job.objects.filter(kind="wikimarche:read_document").latest("created_at").pk)
    link = f'href="{detail(sent)}"'
    for page in (empty.get_absolute_url(), reverse("wikimarche:piece_import", args=[empty.pk])):
        assert link in browser.get(page).content.decode()
    marche = browser.get(equipe.marche.get_absolute_url()).content.decode()
    assert "Un document importé attend que son découpage soit vérifié." in marche
    act(browser, "accept", sent)
    for page in (empty.get_absolute_url(), reverse("wikimarche:piece_import", args=[empty.pk])):
        assert "est lu\u202f; il entre dans la pièce" not in browser.get(page).content.decode()


# ── Sent twice, and what « Mes travaux » says ───────────────────────────────────────────────────


def test_the_same_document_sent_twice_is_one_import(equipe):
    content, browser = styled_word(*CCTP), equipe.browser()
    first, second = (send(browser, equipe.piece, content) for _ in range(2))
    assert first.url == second.url
    assert Importation.objects.count() == 1
    assert Job.objects.filter(kind="wikimarche:read_document").count() == 1
    send(browser, equipe.piece, styled_word(*CCTP[:2]))
    send(equipe.browser("gestionnaire"), equipe.piece, content)
    assert Importation.objects.count() == 3


def test_a_document_put_aside_may_come_again(equipe, importation):
    browser = equipe.browser()
    act(browser, "abandon", importation)
    send(browser, equipe.piece, styled_word(*CCTP))
    assert Importation.objects.count() == 2


def test_the_work_says_where_the_document_stands_and_leads_back(equipe, importation):
    browser, job = equipe.browser(), Job.objects.get(kind="wikimarche:read_document")
    pages = [reverse("jobs:job_list"), reverse("jobs:job_detail", args=[job.pk])]
    for page in pages:
        assert "Vérifier le découpage" in browser.get(page).content.decode()
    act(browser, "accept", importation)
    for page in pages:
        said = browser.get(page).content.decode()
        assert "Le document est dans la pièce." in said
        assert "écoupage" not in said
        assert f'href="{equipe.piece.get_absolute_url()}"' in said
    assert "Revenir à la pièce" in browser.get(pages[1]).content.decode()


def test_what_would_be_too_long_as_one_article_stays_cut(equipe):
    """The correction is refused with the limit; the draft stays as it was and can be accepted."""
    sections = [
        line
        for n in range(3)
        for line in ((1, f"Titre {n}"), *((0, "mot " * 250) for _ in range(80)))
    ]
    made = receive(equipe, styled_word(*sections))
    first, second, third = (row["id"] for row in made.decoupage["articles"])
    browser = equipe.browser()
    answer = act(browser, "correct", made, numero=made.numero, op="fusionner", article=second)
    assert answer.status_code == 302
    made.refresh_from_db()
    before = made.decoupage
    answer = act(browser, "correct", made, numero=made.numero, op="fusionner", article=third)
    assert answer.status_code == 409
    assert "200\u202f000 signes" in answer.content.decode()
    made.refresh_from_db()
    assert made.decoupage == before
    assert [row["id"] for row in before["articles"]] == [first, third]
    assert act(browser, "accept", made).status_code == 302


def test_a_draft_that_no_article_can_hold_is_not_accepted(equipe, importation):
    """Drafts corrected before the limit was looked at: refused too, and the pièce does not change."""
    rows = importation.decoupage["articles"]
    rows[0]["corps"]["content"] *= 2
    importation.empreinte = hash_draft(importation.decoupage)
    with recording(by=equipe.gestionnaire, tag="wikimarche:importation:corrected", obj=importation):
        importation.save(update_fields=["decoupage", "empreinte"])
    before = state_of(equipe.piece)
    answer = act(equipe.browser(), "accept", importation)
    assert answer.status_code == 409
    assert "ne tient pas en un article" in answer.content.decode()
    assert state_of(equipe.piece) == before
