"""What a version of the past says of the fiche: what it said then, in every file and on its page."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from pypdf import PdfReader

from procurement.audit.selectors import list_entries
from procurement.audit.services import redact_entry
from procurement.marches.services import set_criteres, set_lots, update_marche
from procurement.ui.typographie import format_instant
from tests.support.equipe import make_equipe
from tests.wikimarche.domain.factories import doc, p
from tests.wikimarche.factories import ArticleFactory, type_words
from wikimarche.enums import FormatExport
from wikimarche.models import Article
from wikimarche.reports.exports import write_export
from wikimarche.selectors import find_version, last_version
from wikimarche.services import rename_piece


@pytest.fixture
def told(db, settings):
    """A pièce that cites the fiche, written in again after the fiche has changed: (equipe, version of then)."""
    settings.DEMO = True
    equipe = make_equipe()
    say(equipe, mois=24, lieu="Dijon", lot="Peinture", poids="62.50", titre="Cahier ancien")
    lot = equipe.marche.lots.get()
    cited = ("marche.duree_mois", "marche.lieu_execution", f"lot.{lot.pk.hex}.intitule")
    nodes = [{"type": "variable", "attrs": {"chemin": chemin}} for chemin in cited]
    corps = doc(p(*nodes, id="aaaaaaaaa"), {"type": "critere", "attrs": {"id": "bbbbbbbbb"}})
    ArticleFactory(piece=equipe.piece, titre="Données", corps=corps)
    then = last_version(equipe.piece).numero
    say(equipe, mois=36, lieu="Mâcon", lot="Vernis", poids="40", titre="Cahier nouveau")
    type_words(equipe.person(), equipe.article, "Depuis. ")
    equipe.piece.refresh_from_db()
    return equipe, then


def say(equipe, *, mois, lieu, lot, poids, titre):
    by, marche = equipe.gestionnaire, equipe.marche
    update_marche(by=by, marche=marche, duree_mois=mois, lieu_execution=lieu)
    known = [str(row.pk) for row in marche.lots.all()] or [""]
    set_lots(by=by, marche=marche, lots=[{"intitule": lot, "id": known[0]}])
    critere = {"intitule": f"Prix {lot}", "nature": "prix", "poids": Decimal(poids)}
    set_criteres(by=by, marche=marche, criteres=[critere])
    rename_piece(by=by, piece=equipe.piece, titre=titre)


def words_of(export) -> str:
    """The text of a file, blanks apart."""
    if export.nom.endswith(".pdf"):
        read = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(export.content)).pages)
    elif export.nom.endswith(".md"):
        read = export.content.decode()
    else:
        inside = "word/document.xml" if export.nom.endswith(".docx") else "content.xml"
        with zipfile.ZipFile(io.BytesIO(export.content)) as packed:
            read = unescape(packed.read(inside).decode())
    return " ".join(read.replace("\\", "").split())


OLD = ("24 mois", "Dijon", "Peinture", "62,5 %", "Cahier ancien")
NEW = ("36 mois", "Mâcon", "Vernis", "40 %", "Cahier nouveau")


@pytest.mark.parametrize("format", FormatExport)
def test_a_file_of_a_past_version_cites_the_fiche_of_then(told, format):
    equipe, then = told
    past = words_of(write_export(equipe.piece, find_version(equipe.piece, then), format))
    assert all(words in past for words in OLD)
    assert not any(words in past for words in NEW)
    assert f"telle qu’à la version {then}" in past


@pytest.mark.parametrize("format", FormatExport)
def test_a_file_of_the_last_version_cites_the_fiche_of_the_day(told, format):
    equipe, _ = told
    version = last_version(equipe.piece)
    shown = words_of(write_export(equipe.piece, version, format))
    assert all(words in shown for words in NEW)
    assert not any(words in shown for words in OLD)
    assert "telle qu’à la version" not in shown
    assert " ".join(format_instant(version.instant).split()) in shown


def test_the_page_of_a_past_version_cites_the_fiche_of_then_and_says_so(told):
    equipe, then = told
    browser = equipe.browser("observateur")

    def page(numero):
        url = reverse("wikimarche:version_detail", args=[equipe.piece.pk, numero])
        return " ".join(browser.get(url).content.decode().split())

    past, today = page(then), page(last_version(equipe.piece).numero)
    assert all(words in past for words in OLD[:4])
    assert "celles que cette version citait alors" in past
    assert all(words in today for words in NEW[:4])
    assert "celles d’aujourd’hui" in today


def test_what_the_fiche_did_not_say_yet_is_left_to_fill_in(told):
    equipe, _ = told
    article = Article.objects.get(piece=equipe.piece, titre="Données")
    chemin = "marche.publication"
    cited = p({"type": "variable", "attrs": {"chemin": chemin}}, id="ddddddddd")
    ArticleFactory(piece=equipe.piece, titre="Publication", corps=doc(cited))
    before = last_version(equipe.piece)
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, publication_prevue=date(2027, 3, 1))
    type_words(equipe.person(), article, "Encore. ")
    equipe.piece.marche.refresh_from_db()
    contents = words_of(write_export(equipe.piece, before, FormatExport.MD))
    assert "Date de publication prévue à compléter" in contents
    assert "2027" not in contents


def redact(equipe, *rows):
    """Empty what the history first said of these rows."""
    for row in rows:
        objet = f"{row._meta.db_table}:{row.pk}"
        lines = list_entries(equipe.marche.pk, objet=objet)
        held = [line for line in lines if line.version_id and not line.caviarde]
        for line in held[1:]:
            redact_entry(
                chain=equipe.marche.pk, seq=line.seq, motif="Le nom d’une personne",
                asked_by=equipe.gestionnaire, approved_by=equipe.person(),
            )  # fmt: skip


@pytest.fixture
def caviardee(told):
    """The same, when two persons emptied all that the fiche, a lot, a criterion and the title said then."""
    equipe, then = told
    marche = equipe.marche
    marche.refresh_from_db()
    update_marche(by=equipe.gestionnaire, marche=marche, reference="M 2026-999")
    redact(equipe, marche, marche.lots.get(), *marche.criteres.all(), equipe.piece)
    equipe.piece.marche.refresh_from_db()
    return equipe, then


@pytest.mark.parametrize("format", FormatExport)
def test_a_file_of_a_version_redacted_since_says_so_in_place_of_every_other_state(
    caviardee, format
):
    equipe, then = caviardee
    shown = write_export(equipe.piece, find_version(equipe.piece, then), format)
    past = words_of(shown)
    assert not [words for words in (*OLD, *NEW, "2026-999", "à compléter") if words in past]
    # The title of the pièce, the object, three data of the text, the criterion and its weight.
    assert past.count("caviardé") >= 7
    assert f"telle qu’à la version {then}, une partie caviardée" in past
    assert shown.nom == f"caviarde_caviarde_v{then}.{format}"


@pytest.mark.parametrize("format", FormatExport)
def test_what_was_not_redacted_is_still_cited_beside_what_was(told, format):
    """One lot emptied: the other data of then stand, and how many lots there were is not known."""
    equipe, then = told
    redact(equipe, equipe.marche.lots.get())
    past = words_of(write_export(equipe.piece, find_version(equipe.piece, then), format))
    assert all(words in past for words in ("24 mois", "Dijon", "62,5 %", "Cahier ancien"))
    assert past.count("Peinture") == past.count("Prix Peinture")
    assert "Vernis" not in past
    assert "caviardé" in past


def test_the_page_of_a_version_redacted_since_says_so(caviardee):
    equipe, then = caviardee
    url = reverse("wikimarche:version_detail", args=[equipe.piece.pk, then])
    page = " ".join(equipe.browser("observateur").get(url).content.decode().split())
    sheet = page[page.index('class="wm-feuille"') : page.index('id="exporter"')]
    assert not [words for words in (*OLD, *NEW) if words in sheet]
    assert sheet.count("caviardé") >= 5
    assert "dont une partie a été caviardée depuis" in page


def test_a_file_is_named_after_the_fiche_it_cites(told):
    equipe, then = told
    marche = equipe.marche
    marche.refresh_from_db()
    reference = marche.reference.replace(" ", "-")
    update_marche(by=equipe.gestionnaire, marche=marche, reference="M 2026-999")
    equipe.piece.marche.refresh_from_db()
    version = find_version(equipe.piece, then)
    named = write_export(equipe.piece, version, FormatExport.MD).nom
    assert named == f"{reference}_{equipe.piece.type}_v{then}.md"


@pytest.mark.parametrize("format", [FormatExport.DOCX, FormatExport.ODT, FormatExport.MD])
def test_the_day_of_a_version_is_that_of_paris(told, format):
    """Half past midnight in Paris is the day before in UTC."""
    equipe, _ = told
    version = last_version(equipe.piece)
    version.instant = version.instant.replace(2026, 3, 11, 23, 30)
    assert "12 mars 2026 à 0 h 30" in words_of(write_export(equipe.piece, version, format))
