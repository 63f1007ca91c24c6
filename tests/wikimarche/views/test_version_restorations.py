"""Coming back to an earlier text, of an article or of a pièce, over HTTP."""

import json

import pytest
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import verify_evidence
from tests.support.equipe import state_of, text_of
from tests.wikimarche.factories import ArticleFactory, type_words
from tests.wikimarche.views.histoire import present, write_a_history
from wikimarche.models import Article, Version
from wikimarche.permissions import Action
from wikimarche.selectors import (
    find_version,
    last_version,
    read_piece,
    read_state,
)
from wikimarche.services import (
    move_down,
    move_up,
    restore_article,
    restore_piece,
    retire_article,
    versions,
    withdraw_piece,
)


def restore_url(piece, numero):
    return reverse("wikimarche:piece_restore", args=[piece.pk, numero])


def article_restore_url(article):
    return reverse("wikimarche:article_restore", args=[article.pk])


def test_an_article_comes_back_as_a_new_version_of_its_restorer(equipe):
    author, restorer = equipe.person(), equipe.person("editeur", "autre")
    type_words(author, equipe.article, "Faux. ")
    answer = equipe.browser("editeur", "autre").post(
        article_restore_url(equipe.article), {"version": "2"}
    )
    assert answer.status_code == 302
    assert text_of(equipe.article) == "Le délai est de trente jours."
    made = last_version(equipe.piece)
    assert (made.numero, made.genre, made.auteur) == (4, "restauration", restorer)
    assert "version 2" in made.resume
    entry = list_entries(equipe.marche.pk, action="wikimarche:article:restored")[-1]
    assert entry.acteur == f"acheteur:{restorer.pk}"
    assert entry.corps["details"]["version"] == 2
    past = read_state(equipe.piece, find_version(equipe.piece, 3))
    assert any("Faux" in json.dumps(row.corps) for row in past)


def test_an_open_editor_receives_a_restoration_as_steps(equipe):
    type_words(equipe.person(), equipe.article, "Faux. ")
    restore_article(by=equipe.person(), article=equipe.article, numero=2)
    url = reverse("wikimarche:article_commits", args=[equipe.article.pk])
    commits = equipe.browser().get(url, {"depuis": 1}).json()["commits"]
    assert len(commits) == 1
    assert commits[0]["steps"]
    assert "a restauré un texte d’avant" in commits[0]["dit"]
    type_words(equipe.person(), equipe.article, "Vrai. ")
    (ordinary,) = equipe.browser().get(url, {"depuis": commits[0]["numero"]}).json()["commits"]
    assert "dit" not in ordinary
    assert ordinary["base"] == commits[0]["numero"]


def test_a_piece_comes_back_whole(equipe):
    kept = write_a_history(equipe)
    for numero in (2, 5, 7, 9):
        equipe.browser().post(restore_url(equipe.piece, numero))
        now = present(equipe.piece)
        for pk, wanted in kept[numero].items():
            assert now[pk] == wanted, numero
        for pk in set(now) - set(kept[numero]):
            assert now[pk][4] == "retire"
    made = last_version(equipe.piece)
    assert (made.genre, made.auteur) == ("restauration", equipe.person())


def test_a_piece_restored_twice_is_the_same(equipe):
    write_a_history(equipe)
    restore_piece(by=equipe.person(), piece=equipe.piece, numero=4)
    first = present(equipe.piece)
    restore_piece(by=equipe.person(), piece=equipe.piece, numero=4)
    assert present(equipe.piece) == first


def test_an_article_restored_under_a_retired_parent_is_in_the_text_again(equipe):
    child = ArticleFactory(piece=equipe.piece, parent=equipe.second, titre="Sous-article")
    numero = last_version(equipe.piece).numero
    retire_article(by=equipe.gestionnaire, article=equipe.second, motif="Doublon")
    equipe.browser().post(article_restore_url(child), {"version": str(numero)})
    assert "Sous-article" in [view.titre for view in read_piece(equipe.piece).articles]


def test_an_article_born_later_leaves_its_place_to_the_one_that_takes_it_back(equipe):
    """It had gone where the other was: with one place for both, nothing fitted between them."""
    piece, browser = equipe.piece, equipe.browser()
    numero = last_version(piece).numero
    move_down(by=equipe.gestionnaire, article=equipe.article)
    later = ArticleFactory(piece=piece, titre="Plus tard")
    for _ in range(2):
        move_up(by=equipe.gestionnaire, article=later)
    restore_piece(by=equipe.person(), piece=piece, numero=numero)
    assert len(set(Article.objects.filter(piece=piece).values_list("rang", flat=True))) == 3
    browser.post(reverse("wikimarche:article_reinstate", args=[later.pk]))
    assert (
        browser.post(reverse("wikimarche:article_add_after", args=[equipe.article.pk])).status_code
        == 302
    )
    titles = [view.titre for view in read_piece(piece).articles]
    assert titles == ["Délais", "", "Plus tard", "Prix"]


def test_evidence_is_sound_after_restorations(equipe_durable):
    write_a_history(equipe_durable)
    restore_piece(by=equipe_durable.person(), piece=equipe_durable.piece, numero=3)
    report = verify_evidence(chain=equipe_durable.marche.pk)
    assert report.ok, report.breaks


@pytest.mark.attaque("A04")
@pytest.mark.parametrize("role", ["observateur", "commentateur", "moderateur", "juriste"])
def test_who_may_not_write_does_not_restore(equipe, role):
    from procurement.marches.services import share_marche  # noqa: PLC0415

    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    browser, before = equipe.browser(role), state_of(equipe.piece)
    assert browser.post(restore_url(equipe.piece, 1)).status_code == 403
    assert browser.post(article_restore_url(equipe.article), {"version": "1"}).status_code == 403
    assert state_of(equipe.piece) == before


def test_an_article_is_restored_with_or_without_its_number(equipe):
    def number(numerote):
        with versions.writing(
            by=equipe.gestionnaire, piece=equipe.piece, action=Action.ARTICLE_EDIT,
            on=equipe.second, tag="wikimarche:article:numbered", article=equipe.second, structure=True,
        ):  # fmt: skip
            equipe.second.numerote = numerote
            equipe.second.save(update_fields=["numerote"])

    number(False)
    number(True)
    restore_article(by=equipe.person(), article=equipe.second, numero=3)
    equipe.second.refresh_from_db()
    assert equipe.second.numerote is False
    restore_piece(by=equipe.person(), piece=equipe.piece, numero=4)
    equipe.second.refresh_from_db()
    assert equipe.second.numerote is True


def test_restoring_what_has_not_changed_is_a_version_too(equipe):
    url = article_restore_url(equipe.article)
    assert equipe.browser().post(url, {"version": "2"}).status_code == 302
    assert Version.objects.get(piece=equipe.piece, numero=3).genre == "restauration"


@pytest.mark.attaque("A04")
def test_a_frozen_piece_is_not_restored(equipe):
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    before, browser = state_of(equipe.piece), equipe.browser()
    assert browser.post(restore_url(equipe.piece, 1)).status_code == 409
    assert browser.post(article_restore_url(equipe.article), {"version": "1"}).status_code == 409
    assert state_of(equipe.piece) == before


@pytest.mark.parametrize("numero", [0, 3, 10**8])
def test_a_version_that_is_not_there_is_not_restored(equipe, numero):
    before, browser = state_of(equipe.piece), equipe.browser()
    assert browser.post(restore_url(equipe.piece, numero)).status_code == 404
    assert (
        browser.post(article_restore_url(equipe.article), {"version": str(numero)}).status_code
        == 404
    )
    assert state_of(equipe.piece) == before


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "\x00", "9" * 30])
def test_an_unreadable_version_is_refused(equipe, version):
    answer = equipe.browser().post(article_restore_url(equipe.article), {"version": version})
    assert answer.status_code == 400


def test_an_article_not_yet_born_is_not_restored(equipe):
    answer = equipe.browser().post(article_restore_url(equipe.second), {"version": "1"})
    assert answer.status_code == 404
