"""Cross references that a step brings: to an article of the pièce, or to none; and those broken since."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.equipe import commit, commits_url, state_of, words
from tests.wikimarche.domain.factories import delete, doc, p, texte
from tests.wikimarche.factories import ArticleFactory, PieceFactory, unnumber
from wikimarche.models import Article
from wikimarche.selectors import text_lacks
from wikimarche.services import indent_article, reinstate_article, retire_article


def node(target):
    return {"type": "renvoi", "attrs": {"article": str(target)}}


def put_renvoi(target, at=1):
    content = [node(target)]
    return {"stepType": "replace", "from": at, "to": at, "slice": {"content": content}}


def under_a_retired_one(equipe):
    """An article that stays, but goes out of the text with the one that holds it."""
    holder = ArticleFactory(piece=equipe.piece, titre="Pénalités")
    inside = ArticleFactory(piece=equipe.piece, titre="Retards")
    indent_article(by=equipe.gestionnaire, article=inside)
    retire_article(by=equipe.gestionnaire, article=holder, motif="Doublon")
    return inside.pk


def retired(equipe):
    retire_article(by=equipe.gestionnaire, article=equipe.second, motif="Doublon")
    return equipe.second.pk


ABSENT = {
    "nobody": lambda _equipe: uuid4(),
    "no identifier": lambda _equipe: "l’article 3",
    "another pièce": lambda equipe: ArticleFactory(piece=PieceFactory(marche=equipe.marche)).pk,
    "a retired article": retired,
    "an article under a retired one": under_a_retired_one,
    "the same in capitals": lambda equipe: str(equipe.second.pk).upper(),
}


@pytest.mark.parametrize("name", ABSENT)
def test_a_renvoi_to_an_absent_article_is_refused(equipe, name):
    target = ABSENT[name](equipe)
    before = state_of(equipe.piece)
    answer = equipe.browser().send_json(commits_url(equipe.article), commit(0, put_renvoi(target)))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalide")
    assert state_of(equipe.piece) == before


def test_a_renvoi_to_an_article_of_the_piece_is_taken_at_the_price_of_one_query(equipe):
    browser = equipe.browser()
    browser.send_json(commits_url(equipe.article), words("Puis "))
    with CaptureQueriesContext(connection) as without:
        sent = words("Ici, ", base=1)
        assert browser.send_json(commits_url(equipe.article), sent).status_code == 200
    with CaptureQueriesContext(connection) as held:
        sent = commit(2, put_renvoi(equipe.second.pk), put_renvoi(equipe.article.pk))
        assert browser.send_json(commits_url(equipe.article), sent).status_code == 200
    assert len(held) == len(without) + 1


@pytest.fixture
def broken(equipe):
    """An article that cites another one, retired since; and the number of its last commit."""
    citing = ArticleFactory(
        piece=equipe.piece, titre="Prix", corps=doc(p(texte("Voir "), node(equipe.second.pk)))
    )
    retire_article(by=equipe.gestionnaire, article=equipe.second, motif="Doublon")
    return citing


def targets(article):
    content = Article.objects.get(pk=article.pk).corps["content"]
    return [n["attrs"]["article"] for b in content for n in b["content"] if n["type"] == "renvoi"]


def test_a_renvoi_whose_target_went_away_stays_and_may_be_moved(equipe, broken):
    browser = equipe.browser()
    moved = commit(0, delete(6, 7), put_renvoi(equipe.second.pk))
    assert browser.send_json(commits_url(broken), moved).status_code == 200
    assert browser.send_json(commits_url(broken), words("Ici, ", base=1)).status_code == 200
    assert targets(broken) == [str(equipe.second.pk)]


def test_a_broken_renvoi_taken_out_by_mistake_comes_back_with_an_undo(equipe, broken):
    browser = equipe.browser()
    assert browser.send_json(commits_url(broken), commit(0, delete(6, 7))).status_code == 200
    assert targets(broken) == []
    undone = commit(1, put_renvoi(equipe.second.pk, at=6))
    assert browser.send_json(commits_url(broken), undone).status_code == 200
    assert targets(broken) == [str(equipe.second.pk)]


def test_a_renvoi_without_text_around_names_an_unnumbered_article_by_its_title(equipe):
    front = unnumber(ArticleFactory(piece=equipe.piece, titre="Préambule"))
    ArticleFactory(piece=equipe.piece, titre="Prix", corps=doc(p(node(front.pk))))
    page = equipe.browser().get(equipe.piece.get_absolute_url()).content.decode()
    assert "article «\u202fPréambule\u202f»</a>" in page


def test_a_broken_renvoi_says_so_on_the_page(equipe, broken):
    page = equipe.browser().get(equipe.piece.get_absolute_url()).content.decode()
    assert (
        f'<span class="wm-renvoi wm-rompu" data-article="{equipe.second.pk}">'
        "[renvoi rompu\u202f: article retiré «\u202fPrix\u202f»]</span>"
    ) in page


def test_a_step_of_the_marche_tells_of_text_lacks_where_they_are(equipe, broken):
    ArticleFactory(piece=equipe.piece, corps=doc(p(node(broken.pk))))
    page = equipe.browser("gestionnaire").get(
        reverse("marches:marche_move", args=[equipe.marche.pk]), {"vers": "redaction"}
    )
    text = page.content.decode()
    assert "Un renvoi vise un article retiré ou absent\u202f: article\u00a02." in text
    assert f"{equipe.piece.get_absolute_url()}#a-{broken.pk}" in text
    reinstate_article(by=equipe.gestionnaire, article=Article.objects.get(pk=equipe.second.pk))
    assert list(text_lacks(equipe.marche)) == []


def test_an_unnumbered_article_with_several_text_lacks_is_named_by_its_title(equipe):
    lost = [node(equipe.second.pk), node(uuid4())]
    unnumber(ArticleFactory(piece=equipe.piece, titre="Préambule", corps=doc(p(*lost))))
    retire_article(by=equipe.gestionnaire, article=equipe.second, motif="Doublon")
    (point,) = text_lacks(equipe.marche)
    assert point.detail == (
        "2 renvois visent un article retiré ou absent\u202f: article «\u202fPréambule\u202f»."
    )
