"""The order of the pièces over HTTP: the list of the marché, its buttons, and what follows it."""

import json
import re

import lxml.html
import pytest
from django.urls import reverse

from procurement.marches.registry import lacks_of, points_of
from tests.support.meanwhile import count_queries
from tests.wikimarche.factories import PieceFactory
from tests.wikimarche.views.test_refused_buttons import FROZEN, publish
from wikimarche.enums import TypePiece
from wikimarche.models import Piece
from wikimarche.services import withdraw_piece


pytestmark = pytest.mark.django_db
ENDS = "La première pièce ne monte pas plus haut, la dernière ne descend pas plus bas."


@pytest.fixture
def pieces(equipe) -> list[Piece]:
    others = (PieceFactory(marche=equipe.marche, type=kind, titre=kind) for kind in ("AE", "RC"))
    return [equipe.piece, *others]


def move(equipe, piece, sens, role="editeur", *, htmx=False, **seen):
    url = reverse("wikimarche:piece_move", args=[piece.pk])
    headers = {"HX-Request": "true"} if htmx else {}
    data = {"sens": sens, **seen}
    return equipe.browser(role).post(url, data, headers=headers, follow=not htmx)


def page_of(equipe, role="editeur"):
    answer = equipe.browser(role).get(equipe.marche.get_absolute_url())
    return lxml.html.fromstring(answer.content.decode())


def listed(root) -> list[str]:
    return [link.text_content().strip() for link in root.xpath(".//th[@scope='row']/a")]


def refused(root) -> dict[str, str]:
    """The buttons of the order that do not move anything, and why."""
    buttons = root.xpath(".//button[@aria-disabled='true'][starts-with(@id, 'monter-')]")
    buttons += root.xpath(".//button[@aria-disabled='true'][starts-with(@id, 'descendre-')]")
    return {
        button.get("aria-label"): re.sub(
            r"[ \n]+", " ", root.get_element_by_id(button.get("aria-describedby")).text_content()
        ).strip()
        for button in buttons
    }


def test_the_list_the_points_and_the_lacks_follow_the_order(equipe, pieces):
    cctp = str(equipe.piece)
    answer = move(equipe, pieces[1], "haut", precedente=equipe.piece.pk)
    assert answer.redirect_chain == [(f"{equipe.marche.get_absolute_url()}#p-{pieces[1].pk}", 302)]
    root = lxml.html.fromstring(answer.content.decode())
    assert listed(root) == ["AE", cctp, "RC"]
    assert f"«\u202fAE\u202f» est maintenant avant «\u202f{cctp}\u202f»." in root.text_content()
    empty = [point.titre for point in points_of(equipe.marche) if point.titre.startswith("Écrire")]
    assert empty == ["Écrire «\u202fAE\u202f»", "Écrire «\u202fRC\u202f»"]
    move(equipe, pieces[2], "haut")
    move(equipe, pieces[2], "haut")
    assert listed(page_of(equipe)) == ["RC", "AE", cctp]
    empty = [point.titre for point in points_of(equipe.marche) if point.titre.startswith("Écrire")]
    assert empty == ["Écrire «\u202fRC\u202f»", "Écrire «\u202fAE\u202f»"]
    assert lacks_of(equipe.marche) == []


def test_the_page_takes_the_list_back_and_says_what_was_done(equipe, pieces):
    answer = move(equipe, pieces[2], "haut", htmx=True, precedente=pieces[1].pk)
    assert answer.status_code == 200
    root = lxml.html.fromstring(answer.content.decode())
    assert root.tag == "section"
    assert listed(root) == [str(equipe.piece), "RC", "AE"]
    said = json.loads(answer["HX-Trigger"])["wm:message"]
    assert said == {
        "texte": "«\u202fRC\u202f» est maintenant avant «\u202fAE\u202f».",
        "genre": "succes",
    }


@pytest.mark.parametrize("htmx", [True, False])
def test_an_order_that_another_changed_is_shown_and_nothing_moves_unseen(equipe, pieces, htmx):
    move(equipe, pieces[1], "haut", "gestionnaire")
    answer = move(equipe, pieces[2], "haut", htmx=htmx, precedente=pieces[1].pk)
    root = lxml.html.fromstring(answer.content.decode())
    assert listed(root) == ["AE", str(equipe.piece), "RC"]
    said = json.loads(answer["HX-Trigger"])["wm:message"]["texte"] if htmx else root.text_content()
    assert "a changé entre-temps" in said


def test_a_move_without_direction_is_illegible(equipe, pieces):
    assert move(equipe, pieces[1], "").status_code == 400
    assert move(equipe, pieces[1], "haut", precedente="x").status_code == 400


# ── Refused buttons ─────────────────────────────────────────────────────────────────────────────


def test_the_first_and_the_last_are_grey_with_their_reason(equipe, pieces):
    root = page_of(equipe)
    assert refused(root) == {
        f"Monter «\u202f{equipe.piece}\u202f»": ENDS,
        "Descendre «\u202fRC\u202f»": ENDS,
    }
    assert len(root.xpath(".//button[@name='sens']")) == 4


def test_a_withdrawn_piece_is_grey_with_its_reason(equipe, pieces):
    withdraw_piece(by=equipe.gestionnaire, piece=pieces[1])
    kept = refused(page_of(equipe))
    for words in ("Monter", "Descendre"):
        assert kept[f"{words} «\u202fAE\u202f»"].endswith("elle garde sa place.")
    assert move(equipe, pieces[1], "haut").status_code == 409


def test_once_published_the_order_stands_grey_with_the_step(equipe, pieces):
    publish(equipe)
    root = page_of(equipe)
    assert len(refused(root)) == 6
    assert set(refused(root).values()) == {FROZEN}
    assert not root.xpath(".//button[@name='sens']")


def test_who_only_reads_is_not_offered_to_put_in_order(equipe, pieces):
    """As for the rows of the fiche: « Ajouter une pièce », grey, says once whose it is."""
    root = page_of(equipe, "observateur")
    assert listed(root) == [str(equipe.piece), "AE", "RC"]
    assert not root.xpath(".//th[text()='Ordre']")
    assert not refused(root)


def test_a_single_piece_has_no_order(equipe):
    assert not page_of(equipe).xpath(".//th[text()='Ordre']")


def test_the_list_costs_the_same_however_many_pieces(equipe):
    browser, url = equipe.browser(), equipe.marche.get_absolute_url()
    browser.get(url)

    few = count_queries(lambda: browser.get(url))
    for _ in range(4):
        PieceFactory(marche=equipe.marche, type=TypePiece.ANNEXE, titre="Annexe")
    assert count_queries(lambda: browser.get(url)) <= few + 2
