"""What the texts of a marché need mended stands on its page, with the way there, at a steady price."""

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.marches.services import set_lots, update_marche
from tests.procurement.marches.factories import MarcheFactory
from tests.wikimarche.domain.factories import doc, p, texte
from tests.wikimarche.factories import ArticleFactory, PieceFactory
from wikimarche.selectors import text_lacks
from wikimarche.services import retire_article, withdraw_piece


def renvoi(target):
    return {"type": "renvoi", "attrs": {"article": str(target)}}


def datum(chemin):
    return {"type": "variable", "attrs": {"chemin": chemin}}


def page_of(equipe, role="gestionnaire"):
    answer = equipe.browser(role).get(equipe.marche.get_absolute_url())
    assert answer.status_code == 200
    return lxml.html.fromstring(answer.content.decode())


def told(page):
    """(title, address or None, detail) of each point to mend, and the heading."""
    found = page.xpath("//section[@aria-labelledby='h-corriger']")
    if not found:
        return "", []
    (section,) = found
    rows = [
        (
            (row.xpath("./span/a") or row.xpath("./span"))[0].xpath("string(./text())").strip(),
            row.xpath("string(./span/a/@href)"),
            row.xpath("string(.//small)"),
        )
        for row in section.xpath(".//li")
    ]
    return section.findtext("h2"), rows


def break_renvoi(equipe, piece=None):
    piece = piece or equipe.piece
    target = ArticleFactory(piece=piece, titre="Cible")
    citing = ArticleFactory(
        piece=piece, titre="Qui cite", corps=doc(p(texte("Voir "), renvoi(target.pk)))
    )
    retire_article(by=equipe.gestionnaire, article=target, motif="Doublon")
    return citing


def test_nothing_to_mend_shows_nothing(equipe):
    assert told(page_of(equipe)) == ("", [])


def test_each_point_leads_where_it_is_mended(equipe):
    lots = set_lots(
        by=equipe.gestionnaire,
        marche=equipe.marche,
        lots=[{"intitule": "Vitres", "montant_estime": None}, {"intitule": "Sols"}],
    )
    citing = break_renvoi(equipe)
    lost = ArticleFactory(
        piece=equipe.piece,
        corps=doc(
            p(
                datum("marche.lieu_execution"),
                datum(f"lot.{lots[0].pk.hex}.montant_estime"),
                datum(f"lot.{lots[1].pk.hex}.intitule"),
            )
        ),
    )
    set_lots(
        by=equipe.gestionnaire,
        marche=equipe.marche,
        lots=[{"id": str(lots[0].pk), "intitule": "Vitres"}],
    )
    heading, rows = told(page_of(equipe))
    assert heading == "4\u00a0points à corriger"
    fiche, of_lots, gone, broken = rows
    assert fiche[1:] == (
        reverse("marches:marche_update", args=[equipe.marche.pk]),
        "Vide dans les pièces\u202f: Lieu d’exécution.",
    )
    assert of_lots[1:] == (
        reverse("marches:lots_set", args=[equipe.marche.pk]),
        "Vide dans les pièces\u202f: Lot 1, montant estimé.",
    )
    assert gone[1:] == (
        f"{equipe.piece.get_absolute_url()}#a-{lost.pk}",
        "Lot 2 (retiré), intitulé.",
    )
    assert broken[1] == f"{equipe.piece.get_absolute_url()}#a-{citing.pk}"
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, lieu_execution="Rennes")
    assert told(page_of(equipe))[0] == "3\u00a0points à corriger"


def test_who_may_not_mend_reads_the_point_without_the_way(equipe):
    ArticleFactory(piece=equipe.piece, corps=doc(p(datum("marche.lieu_execution"))))
    _, ((titre, href, _),) = told(page_of(equipe, "observateur"))
    assert (titre, href) == ("Remplir ce que le texte cite", "")


def test_what_is_out_of_the_text_needs_nothing(equipe):
    piece = PieceFactory(marche=equipe.marche)
    break_renvoi(equipe, piece)
    held = ArticleFactory(piece=equipe.piece, corps=doc(p(datum("marche.lieu_execution"))))
    assert len(told(page_of(equipe))[1]) == 2
    withdraw_piece(by=equipe.gestionnaire, piece=piece)
    retire_article(by=equipe.gestionnaire, article=held, motif="Doublon")
    assert told(page_of(equipe)) == ("", [])


def test_another_marche_is_not_told(equipe):
    break_renvoi(equipe)
    assert list(text_lacks(MarcheFactory())) == []


def test_many_are_grouped_and_folded(equipe):
    lost = "6b1f0a52-1a4e-4b7a-8d2e-7c1b6a5d4e30"
    for _ in range(9):
        ArticleFactory(piece=equipe.piece, titre="Long", corps=doc(p(renvoi(lost), renvoi(lost))))
    for _ in range(7):
        break_renvoi(equipe, PieceFactory(marche=equipe.marche))
    page = page_of(equipe)
    heading, rows = told(page)
    assert (heading, len(rows)) == ("8\u00a0points à corriger", 8)
    assert rows[0][2].startswith(
        "18 renvois visent un article retiré ou absent\u202f: article\u00a03"
    )
    assert rows[0][2].endswith(" et 3 autres.")
    folded = page.xpath("//section[@aria-labelledby='h-corriger']/details//li")
    assert len(folded) == 3


@pytest.mark.parametrize("pieces", [1, 6])
def test_the_page_costs_the_same_whatever_there_is_to_mend(equipe, pieces):
    browser = equipe.browser("gestionnaire")
    url = equipe.marche.get_absolute_url()
    more = [PieceFactory(marche=equipe.marche) for _ in range(pieces)]
    for piece in more:
        ArticleFactory(piece=piece, titre="Objet")
    browser.get(url)
    with CaptureQueriesContext(connection) as sound:
        browser.get(url)
    for piece in more:
        break_renvoi(equipe, piece)
        ArticleFactory(piece=piece, corps=doc(p(datum("marche.lieu_execution"))))
    with CaptureQueriesContext(connection) as mended:
        browser.get(url)
    assert len(mended) == len(sound) + 4
