"""Queries of the busiest addresses, counted: not one more with a longer text or a longer history."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from procurement.audit.services import verify_evidence
from wikimarche.management.measures.rows import counted_queries
from wikimarche.management.measures.scenes import (
    add_piece,
    lengthen_history,
    set_scene,
    type_one_sign,
)
from wikimarche.models import Article, Fil
from wikimarche.services import commit_edit


SESSION = 1
"""Session, person and second factor together: before any view."""
GATE = 2
"""The object, the roles."""
ARTICLE = 1
"""An article comes with the roles."""


@pytest.fixture
def scene(db):
    return set_scene()


@pytest.fixture
def browser_of_bea(scene):
    client = Client()
    client.force_login(scene.editeur, settings.AUTHENTICATION_BACKENDS[0])
    return client


def count_get(client: Client, path: str) -> int:
    """Queries of a page once the session is warm."""
    client.get(path)
    with counted_queries() as count:
        answer = client.get(path)
    assert answer.status_code == 200
    return count[0]


def grow(scene, *, articles: int, versions: int):
    piece = add_piece(scene, articles=articles, chars=articles * 300)
    lengthen_history(piece, [scene.gestionnaire, scene.editeur], versions=versions)
    return piece


@pytest.mark.parametrize(("articles", "versions"), [(12, 3), (40, 90)])
def test_page_of_a_piece(scene, browser_of_bea, articles, versions):
    piece = grow(scene, articles=articles, versions=versions)

    # Articles, lots, criteria twice, last version, sessions, exceptional accesses, how many comments.
    assert count_get(browser_of_bea, piece.get_absolute_url()) == SESSION + GATE + 8


@pytest.mark.parametrize(("articles", "versions"), [(12, 3), (40, 90)])
def test_poll_of_an_open_page(scene, browser_of_bea, articles, versions):
    piece = grow(scene, articles=articles, versions=versions)
    path = f"/pieces/{piece.pk}/nouveautes/"

    # Presence, versions since, people here, the lots and the criteria of the fiche, the comments.
    assert count_get(browser_of_bea, f"{path}?version={versions}") == SESSION + GATE + 6
    # Then the articles that changed, their places, the criteria they cite.
    assert count_get(browser_of_bea, f"{path}?version={versions - 1}") == SESSION + GATE + 9


@pytest.mark.parametrize(("articles", "versions"), [(12, 3), (40, 90)])
def test_comparison(scene, browser_of_bea, articles, versions):
    piece = grow(scene, articles=articles, versions=versions)
    path = f"/pieces/{piece.pk}/comparer/?de=1&a={versions}"

    # Last version, both ends, marks (3), states (4), lots, criteria twice, who touched what,
    # the words changed at each mark.
    assert count_get(browser_of_bea, path) == SESSION + GATE + 15


@pytest.mark.parametrize(("articles", "versions"), [(12, 3), (40, 90)])
def test_save(scene, browser_of_bea, articles, versions):
    piece = grow(scene, articles=articles, versions=versions)
    article = Article.objects.filter(piece=piece).first()
    path = f"/articles/{article.pk}/commits/"

    def send():
        article.refresh_from_db()
        body = {
            "id": str(uuid4()),
            "prev": None,
            "base": article.numero,
            "steps": type_one_sign(article, "x"),
        }
        with counted_queries() as count:
            answer = browser_of_bea.post(path, body, content_type="application/json")
        assert answer.status_code == 200
        # The refresh is outside; a test wraps the transaction of the service in a savepoint.
        return count[0] - 2

    send()
    # All that is held under the lock, roles included; who writes; all that is written.
    assert send() == SESSION + ARTICLE + 3


def test_save_by_the_service(scene):
    piece = grow(scene, articles=12, versions=3)

    def save():
        article = Article.objects.select_related("piece__marche").filter(piece=piece).first()
        with counted_queries() as count:
            commit_edit(
                by=scene.gestionnaire,
                article=article,
                commit_id=uuid4(),
                precedent=None,
                base=article.numero,
                steps=type_one_sign(article, "x"),
            )
        # The test's savepoint and its release; the words on the person were read for the scene.
        return count[0] - 2

    # All that is held under the lock, roles included, and all that is written; the other articles
    # once.
    assert save() == 2 + 1
    assert save() == 2


@pytest.mark.parametrize("comments", [40, 240])
def test_page_and_panel_of_a_piece_with_comments(scene, browser_of_bea, comments):
    """The scene of the measures: as many threads as anchors, and not one query more with them."""
    piece = add_piece(scene, articles=20, chars=20 * 300, comments=comments)
    # A short paragraph has fewer words than asked to anchor on.
    assert comments * 0.9 < Fil.objects.filter(piece=piece).count() <= comments
    assert count_get(browser_of_bea, piece.get_absolute_url()) == SESSION + GATE + 8
    # How many, the articles, the last version, the anchors, the threads, what is said in those of the page.
    panel = reverse("wikimarche:fil_list", args=[piece.pk])
    assert count_get(browser_of_bea, panel) == SESSION + GATE + 7
    assert verify_evidence(chain=scene.marche.pk).ok
