"""Work sessions and the list of versions, over HTTP."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.wikimarche.factories import ArticleFactory, PieceFactory, type_words
from wikimarche.selectors import (
    list_seances,
)
from wikimarche.services import (
    ask_export,
    merge_article,
    move_article,
    move_down,
    name_version,
    reopen_piece,
    restore_article,
    retire_article,
    split_article,
    submit_piece,
    versions,
)


def seances(piece):
    """(first, last, author) of each session, oldest first."""
    return [(s.premiere, s.derniere, s.auteur) for s in reversed(list_seances(piece))]


def test_what_one_author_types_in_one_article_is_one_session(equipe):
    by = equipe.person()
    for text in ("un ", "deux ", "trois "):
        type_words(by, equipe.article, text)
    assert seances(equipe.piece)[2:] == [(3, 5, str(by))]


def test_another_article_or_another_author_is_another_session(equipe):
    one, two = equipe.person(), equipe.person("editeur", "autre")
    type_words(one, equipe.article, "a")
    type_words(one, equipe.second, "b")
    type_words(two, equipe.second, "c")
    type_words(one, equipe.article, "d")
    assert seances(equipe.piece)[2:] == [(4, 4, str(one)), (5, 5, str(two)), (3, 6, str(one))]


def test_five_minutes_of_silence_end_a_session(equipe, monkeypatch):
    type_words(equipe.person(), equipe.article, "a")
    monkeypatch.setattr(versions, "SESSION_GAP", timedelta(microseconds=1))
    type_words(equipe.person(), equipe.article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4)]


def test_the_silence_is_five_minutes():
    assert timedelta(minutes=5) == versions.SESSION_GAP


def test_a_named_version_closes_the_session(equipe):
    by = equipe.person()
    type_words(by, equipe.article, "a")
    name_version(by=by, piece=equipe.piece, nom="Envoyée au service")
    type_words(by, equipe.article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4), (5, 5)]


def export(equipe):
    ask_export(by=equipe.person("observateur"), piece=equipe.piece, format="md")


def review(equipe):
    submit_piece(by=equipe.gestionnaire, piece=equipe.piece)
    reopen_piece(by=equipe.gestionnaire, piece=equipe.piece)


@pytest.mark.parametrize("act", [export, review])
def test_what_is_done_to_the_piece_closes_the_sessions(equipe, act):
    """An export, a review: what is written after is another session, whoever writes."""
    one, two = equipe.person(), equipe.person("editeur", "autre")
    for by, article in ((one, equipe.article), (two, equipe.second)):
        type_words(by, article, "a")
    act(equipe)
    for by, article in ((one, equipe.article), (two, equipe.second), (one, equipe.article)):
        type_words(by, article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4), (6, 6), (5, 7)]


def test_the_export_of_another_piece_closes_nothing(equipe):
    sister = ArticleFactory(piece=PieceFactory(marche=equipe.marche)).piece
    type_words(equipe.person(), equipe.article, "a")
    ask_export(by=equipe.person(), piece=sister, format="md")
    type_words(equipe.person(), equipe.article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 4)]


def test_restoring_an_article_closes_the_session(equipe):
    by = equipe.person()
    type_words(by, equipe.article, "a")
    restore_article(by=by, article=equipe.second, numero=2)
    type_words(by, equipe.article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4), (5, 5)]


def test_structure_is_never_hidden_in_a_session(equipe):
    by = equipe.person()
    type_words(by, equipe.article, "a")
    move_article(by=by, article=equipe.article, parent=None, after=equipe.second.pk)
    type_words(by, equipe.article, "b")
    assert (4, 4, str(by)) in seances(equipe.piece)


def split(equipe):
    split_article(by=equipe.person("editeur", "autre"), article=equipe.article, position=4)


def merge(equipe):
    merge_article(by=equipe.person("editeur", "autre"), article=equipe.second)


def move(equipe):
    move_down(by=equipe.person("editeur", "autre"), article=equipe.article)


@pytest.mark.parametrize("act", [split, merge, move])
def test_what_is_done_to_the_structure_of_its_article_closes_a_session(equipe, act):
    by = equipe.person()
    type_words(by, equipe.article, "a ")
    act(equipe)
    type_words(by, equipe.article, "b ")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4), (5, 5)]


def test_the_structure_of_another_article_closes_nothing(equipe):
    by, third = equipe.person(), ArticleFactory(piece=equipe.piece)
    type_words(by, equipe.article, "a ")
    retire_article(by=equipe.gestionnaire, article=third, motif="Doublon")
    type_words(by, equipe.article, "b ")
    assert [s[:2] for s in seances(equipe.piece)[3:]] == [(5, 5), (4, 6)]


def test_the_newest_work_comes_first_whenever_it_began(equipe):
    one, two = equipe.person(), equipe.person("editeur", "autre")
    type_words(one, equipe.article, "a ")
    for _ in range(3):
        ArticleFactory(piece=equipe.piece, by=two)
    type_words(one, equipe.article, "b ")
    url = reverse("wikimarche:version_list", args=[equipe.piece.pk])
    shown = equipe.browser().get(url).context["seances"]
    assert (shown[0].auteur, shown[0].derniere) == (str(one), 7)
    assert [seance.derniere for seance in shown] == [7, 6, 5, 4, 2, 1]


def test_a_session_names_who_wrote_meanwhile(equipe):
    one, two = equipe.person(), equipe.person("editeur", "autre")
    type_words(one, equipe.article, "a ")
    type_words(two, equipe.second, "b ")
    type_words(one, equipe.article, "c ")
    type_words(two, equipe.second, "d ")
    browser = equipe.browser("observateur")
    url = reverse("wikimarche:version_list", args=[equipe.piece.pk])
    page = browser.get(url)
    assert [(s.derniere, s.autres) for s in page.context["seances"][:3]] == [
        (6, (str(one),)), (5, (str(two),)), (2, ()),
    ]  # fmt: skip
    assert f"(avec {two})" in page.content.decode()
    page = browser.get(reverse("wikimarche:article_detail", args=[equipe.article.pk]))
    assert f"(avec {two})" in page.content.decode()


def test_the_list_is_read_page_after_page(equipe, monkeypatch):
    monkeypatch.setattr(versions, "SESSION_GAP", timedelta(microseconds=1))
    for number in range(45):
        type_words(equipe.person(), equipe.article, f"{number} ")
    first = list_seances(equipe.piece)
    rest = list_seances(equipe.piece, before=first[-1].derniere)
    assert len(first) == 40
    assert [s.premiere for s in (*first, *rest)] == list(range(47, 0, -1))
    browser = equipe.browser("observateur")
    url = reverse("wikimarche:version_list", args=[equipe.piece.pk])
    assert browser.get(url, {"avant": first[-1].premiere}).status_code == 200


@pytest.mark.parametrize("avant", ["9" * 30, "0", "-1", "x", "٣", "", "\x00"])
def test_an_odd_page_of_the_list_is_the_first_one(equipe, avant):
    url = reverse("wikimarche:version_list", args=[equipe.piece.pk])
    assert equipe.browser().get(url, {"avant": avant}).status_code == 200


def test_the_fine_grain_is_one_click_deeper(equipe):
    for text in ("un ", "deux "):
        type_words(equipe.person(), equipe.article, text)
    browser = equipe.browser("observateur")
    url = reverse("wikimarche:seance_detail", args=[equipe.piece.pk, 3])
    assert browser.get(url).status_code == 200
    for odd in (0, 4, 10**30):
        url = reverse("wikimarche:seance_detail", args=[equipe.piece.pk, odd])
        assert browser.get(url).status_code in (200, 404)


def test_the_detail_of_a_session_that_never_was_is_not_found(equipe):
    page = "/pieces/{}/versions/{}/detail/"
    browser = equipe.browser("observateur")
    assert browser.get(page.format(equipe.piece.pk, 1)).status_code == 200
    assert browser.get(page.format(equipe.piece.pk, 99999)).status_code == 404
