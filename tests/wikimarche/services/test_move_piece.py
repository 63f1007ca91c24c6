"""The order of the pièces of a marché: one at a time, never two in one place."""

import re

import lxml.html
import pytest
from django.db import IntegrityError, connection
from django.urls import reverse

from procurement.access.services import AccessRefused, Conflict
from procurement.audit.selectors import list_entries
from procurement.audit.services import recording
from procurement.marches.services import share_marche
from tests.support.client import Browser
from tests.wikimarche.factories import PieceFactory, type_words
from tests.wikimarche.services.test_locks import Kept, while_they_wait
from wikimarche.enums import TypePiece
from wikimarche.models import Piece
from wikimarche.services import create_piece, move_piece, reinstate_piece, withdraw_piece


KINDS = [TypePiece.RC, TypePiece.CCAP, TypePiece.AE]


@pytest.fixture
def pieces(equipe) -> list[Piece]:
    """The CCTP of the team, then three others."""
    return [equipe.piece, *(PieceFactory(marche=equipe.marche, type=kind) for kind in KINDS)]


def order(equipe) -> list[str]:
    return [piece.type for piece in Piece.objects.filter(marche=equipe.marche)]


@pytest.mark.django_db
def test_a_piece_goes_one_place_up_and_comes_back_down(equipe, pieces):
    by = equipe.person()
    assert order(equipe) == ["CCTP", "RC", "CCAP", "AE"]
    assert move_piece(by=by, piece=pieces[2], up=True) == pieces[1]
    assert order(equipe) == ["CCTP", "CCAP", "RC", "AE"]
    move_piece(by=by, piece=pieces[2], up=True)
    assert order(equipe) == ["CCAP", "CCTP", "RC", "AE"]
    assert move_piece(by=by, piece=pieces[2], up=False) == pieces[0]
    move_piece(by=by, piece=pieces[2], up=False)
    assert order(equipe) == ["CCTP", "RC", "CCAP", "AE"]
    assert list(Piece.objects.values_list("rang", flat=True)) == [1, 2, 3, 4]


@pytest.mark.django_db
def test_the_jurist_reads_it_in_words_with_the_piece_that_was_passed(equipe, pieces):
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    move_piece(by=equipe.person(), piece=pieces[3], up=True)
    move_piece(by=equipe.person(), piece=pieces[0], up=False)
    page = equipe.browser("juriste").get(reverse("marches:history_read", args=[equipe.marche.pk]))
    shown = re.sub(r"[ \n]+", " ", lxml.html.fromstring(page.content.decode()).text_content())
    rc, ccap, ae, cctp = (f"«\u202f{TypePiece(kind).label}\u202f»" for kind in [*KINDS, "CCTP"])
    assert shown.count("a placé la pièce") == 2
    assert f"a placé la pièce {ae} avant {ccap}" in shown
    assert f"a placé la pièce {cctp} après {rc}" in shown


@pytest.mark.django_db
@pytest.mark.parametrize(("at", "up", "word"), [(0, True, "première"), (3, False, "dernière")])
def test_the_first_goes_no_higher_and_the_last_no_lower(equipe, pieces, at, up, word):
    with pytest.raises(Conflict) as refusal:
        move_piece(by=equipe.person(), piece=pieces[at], up=up)
    assert word in refusal.value.reason
    assert order(equipe) == ["CCTP", "RC", "CCAP", "AE"]


@pytest.mark.django_db
def test_a_move_is_relative_to_what_one_sees(equipe, pieces):
    """Another has put the CCAP in between: the CCTP that mine was to pass is not beside it any more."""
    move_piece(by=equipe.gestionnaire, piece=pieces[1], up=False)
    with pytest.raises(Conflict) as refusal:
        move_piece(by=equipe.person(), piece=pieces[1], up=True, voisine=pieces[0].pk)
    assert "a changé entre-temps" in refusal.value.reason
    assert order(equipe) == ["CCTP", "CCAP", "RC", "AE"]


@pytest.mark.django_db
def test_a_withdrawn_piece_keeps_its_place_and_comes_back_to_it(equipe, pieces):
    by = equipe.gestionnaire
    withdraw_piece(by=by, piece=pieces[1])
    with pytest.raises(AccessRefused) as refusal:
        move_piece(by=by, piece=pieces[1], up=True)
    assert (refusal.value.status, refusal.value.code) == (409, "fige")
    assert "elle garde sa place" in refusal.value.reason
    move_piece(by=by, piece=pieces[3], up=True)
    reinstate_piece(by=by, piece=pieces[1])
    assert order(equipe) == ["CCTP", "RC", "AE", "CCAP"]


@pytest.mark.django_db
def test_postgres_refuses_two_pieces_in_one_place(equipe, pieces):
    with recording(by=equipe.gestionnaire, tag="wikimarche:piece:moved", obj=pieces[1]):
        pieces[1].rang = 1
        pieces[1].save(update_fields=["rang"])
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="piece_rang_unique"):
        cursor.execute("SET CONSTRAINTS piece_rang_unique IMMEDIATE")


# ── Two sessions, really committed ──────────────────────────────────────────────────────────────


def ranks(equipe) -> list[int]:
    return sorted(Piece.objects.filter(marche=equipe.marche).values_list("rang", flat=True))


def test_moves_at_once_never_give_two_pieces_one_place(equipe_durable, at_once):
    """Neighbours that pass each other, a third that passes both, a new one, and words typed meanwhile."""
    equipe = equipe_durable
    first, *others = [
        equipe.piece, *(PieceFactory(marche=equipe.marche, type=kind) for kind in KINDS)
    ]  # fmt: skip
    by, writer = equipe.gestionnaire, equipe.person()

    def walk(piece, *ways):
        def act():
            for up in ways * 5:
                try:
                    move_piece(by=by, piece=Piece.objects.get(pk=piece.pk), up=up)
                except Conflict:
                    continue

        return act

    def add():
        for _ in range(5):
            create_piece(by=writer, marche=equipe.marche, type=TypePiece.ANNEXE)

    def write():
        for number in range(10):
            type_words(writer, equipe.article, f"{number} ")

    answers = at_once(
        walk(first, False, True), walk(others[0], True, False), walk(others[2], True), add, write
    )
    assert answers == [None] * 5
    assert ranks(equipe) == list(range(1, 10))


def test_who_waited_for_a_move_is_told_that_the_order_is_another(equipe_durable, connect_as):
    """The second read the order of before: under the lock it is another, and nothing moves unseen."""
    equipe = equipe_durable
    second = PieceFactory(marche=equipe.marche, type=TypePiece.AE)

    def swap():
        data = {"sens": "haut", "precedente": equipe.piece.pk}
        url = reverse("wikimarche:piece_move", args=[second.pk])
        return Browser(equipe.gestionnaire).post(url, data, follow=True)

    asks = dict.fromkeys(("one", "other"), swap)
    kept = Kept(connect_as("postgres"), equipe.piece)
    assert while_they_wait(kept, asks, lambda: None) == {"one": 200, "other": 200}
    assert order(equipe) == ["AE", "CCTP"]
    assert ranks(equipe) == [1, 2]
    moved = list_entries(equipe.marche.pk, action="wikimarche:piece:moved")
    assert len({entry.operation for entry in moved}) == 1
