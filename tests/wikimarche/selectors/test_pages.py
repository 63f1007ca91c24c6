"""A page remembers what it wrote of an article, and never what has changed since."""

import pytest

from procurement.marches.models import Marche
from tests.wikimarche.domain.factories import doc, p, texte
from tests.wikimarche.factories import ArticleFactory, PieceFactory, type_words
from wikimarche.models import Piece
from wikimarche.selectors import pages, read_piece


VARIABLE = {"type": "variable", "attrs": {"chemin": "marche.objet"}}


def renvoi(article):
    return {"type": "renvoi", "attrs": {"article": str(article.pk)}}


def read_again(piece):
    """The page as the next request reads it: no object of before is kept."""
    return read_piece(Piece.objects.select_related("marche__organisation").get(pk=piece.pk))


@pytest.fixture
def written(monkeypatch):
    """The bodies that are really written, in order."""
    calls = []

    def render(corps, *rest):
        calls.append(corps)
        return pages_render(corps, *rest)

    pages_render = pages.render_corps
    monkeypatch.setattr(pages, "render_corps", render)
    monkeypatch.setattr(pages, "_bodies", pages.Memory(1_000_000))
    return calls


def test_only_the_article_that_changed_is_written_again(equipe, written):
    piece = PieceFactory(marche=equipe.marche)
    first, _ = ArticleFactory(piece=piece), ArticleFactory(piece=piece)
    read_again(piece)
    assert len(written) == 2

    type_words(equipe.gestionnaire, first, "Désormais, ")

    html = read_again(piece).articles[0].html
    assert "Désormais, " in html
    assert len(written) == 3


def test_a_value_of_the_fiche_shows_in_the_next_page(equipe, written):
    piece = PieceFactory(marche=equipe.marche)
    ArticleFactory(piece=piece, corps=doc(p(VARIABLE, id="aaaaaaaa")))
    assert equipe.marche.objet in read_again(piece).articles[0].html

    marche = Marche.objects.get(pk=equipe.marche.pk)
    marche.objet = "Nettoyage des vitres"
    piece.marche = marche

    assert "Nettoyage des vitres" in read_piece(piece).articles[0].html
    assert len(written) == 2


def test_a_reference_follows_the_article_it_names(equipe, written):
    piece = PieceFactory(marche=equipe.marche)
    target = ArticleFactory(piece=piece, titre="Délais")
    ArticleFactory(piece=piece, corps=doc(p(texte("voir "), renvoi(target), id="aaaaaaaa")))
    assert 'title="Délais"' in read_again(piece).articles[1].html
    read_again(piece)
    assert len(written) == 2

    type_words(equipe.gestionnaire, target, "x", titre="Calendrier")

    assert 'title="Calendrier"' in read_again(piece).articles[1].html
