"""The table of the criteria says the lot of each, on screen and in every file, as it was at each version."""

import re
from decimal import Decimal

import pytest

from procurement.marches.services import set_criteres, set_lots
from tests.support.equipe import commits_url, words as type_words
from tests.wikimarche.domain.factories import doc
from tests.wikimarche.factories import ArticleFactory
from tests.wikimarche.reports.test_fiche_of_then import words_of
from wikimarche.enums import FormatExport
from wikimarche.reports.exports import write_export
from wikimarche.selectors import find_version, last_version


HOSTILE = "<b>Prix</b>"


def criterion(intitule, poids, lot=None):
    portee = str(lot.pk) if lot else ""
    return {"intitule": intitule, "nature": "prix", "poids": Decimal(poids), "portee": portee}


@pytest.fixture
def cited(equipe):
    by, marche = equipe.gestionnaire, equipe.marche
    lots = set_lots(by=by, marche=marche, lots=[{"intitule": "Bureaux"}, {"intitule": "Vitres"}])
    rows = [
        criterion(HOSTILE, 60),
        criterion("Qualité", 40, lots[0]),
        criterion("Délai", 40, lots[1]),
    ]
    set_criteres(by=by, marche=marche, criteres=rows)
    corps = doc({"type": "critere", "attrs": {"id": "bbbbbbbbb"}})
    ArticleFactory(piece=equipe.piece, titre="Critères", corps=corps)
    return equipe


def bare(read):
    """The words of a table, whatever the file."""
    return " ".join(re.sub(r"<[^>]*>|---|[|]", " ", read).split())


@pytest.mark.parametrize("format", FormatExport)
def test_each_file_says_the_lot(cited, format):
    shown = bare(words_of(write_export(cited.piece, last_version(cited.piece), format)))
    assert "Critère Lot Pondération" in shown
    assert "Tous les lots 60 %" in shown
    assert "Qualité Lot 1 40 %" in shown
    assert "Délai Lot 2 40 %" in shown


def test_the_page_says_the_lot_and_escapes(cited):
    page = cited.browser("observateur").get(cited.piece.get_absolute_url()).text
    assert (
        '<th scope="col">Critère</th><th scope="col">Lot</th><th scope="col">Pondération</th>'
        in page
    )
    assert '<th scope="row">Qualité</th><td>Lot 1</td><td>40\u00a0%</td>' in page
    assert "<td>Tous les lots</td>" in page
    assert HOSTILE not in page


@pytest.mark.parametrize("format", FormatExport)
def test_without_a_criterion_of_one_lot_no_column_is_added(cited, format):
    set_criteres(by=cited.gestionnaire, marche=cited.marche, criteres=[criterion("Prix", 100)])
    shown = bare(words_of(write_export(cited.piece, last_version(cited.piece), format)))
    assert "Critère Pondération Prix 100 %" in shown
    assert "Tous les lots" not in shown


def test_a_past_version_has_the_criteria_and_the_lots_of_then(cited):
    then = last_version(cited.piece).numero
    lots = list(cited.marche.lots.order_by("numero"))
    set_lots(
        by=cited.gestionnaire,
        marche=cited.marche,
        lots=[{"id": str(lots[1].pk), "intitule": "Vitres"}],
    )
    type_words_in(cited)
    past = find_version(cited.piece, then)
    shown = bare(words_of(write_export(cited.piece, past, FormatExport.MD)))
    assert "Qualité Lot 1 40 %" in shown
    assert "Délai Lot 2 40 %" in shown
    today = bare(words_of(write_export(cited.piece, last_version(cited.piece), FormatExport.MD)))
    assert "Délai Lot 1 40 %" in today
    assert "Qualité" not in today


def type_words_in(equipe):
    answer = equipe.browser().send_json(commits_url(equipe.article), type_words("Depuis. "))
    assert answer.status_code == 200
