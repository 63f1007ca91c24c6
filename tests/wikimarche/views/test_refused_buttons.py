"""A refused button stands grey with its reason, on the pages of a marché, a pièce and an article."""

import re
from dataclasses import replace

import lxml.html
import pytest
from django.urls import reverse

from procurement.access import registry
from procurement.access.enums import Role
from procurement.marches.enums import StatutMarche as S
from procurement.marches.services import move_marche
from tests.wikimarche.factories import PieceFactory
from tests.wikimarche.views.histoire import type_words
from wikimarche.permissions import Action
from wikimarche.services import retire_article, withdraw_piece


pytestmark = pytest.mark.django_db
FICHE = ["Modifier la fiche", "Modifier les lots", "Modifier les critères"]
PLACE = [
    "Monter l’article",
    "Descendre l’article",
    "Mettre en retrait d’un niveau",
    "Remonter d’un niveau",
    "Sans numéro",
    "Article après",
    "Fusionner avec l’article précédent",
    "Retirer l’article",
]
MANAGERS = "Il faut être gestionnaire pour faire cela."
WRITERS = "Il faut être éditeur ou gestionnaire pour faire cela."
FICHE_FROZEN = "Le marché est à l’étape «\u202fPublication\u202f»\u202f: sa fiche ne change plus."
FROZEN = "Le marché est à l’étape «\u202fPublication\u202f»\u202f: ses pièces ne changent plus."


def publish(equipe):
    for step in (S.REDACTION, S.VISAS, S.PUBLICATION):
        move_marche(by=equipe.gestionnaire, marche=equipe.marche, statut=step)


def words_of(node):
    return re.sub(r"[ \n]+", " ", node.text_content()).strip()


class Page:
    """What a person is offered, and what she is refused with which reason."""

    def __init__(self, browser, url):
        answer = browser.get(url)
        assert answer.status_code == 200
        root = lxml.html.fromstring(answer.content.decode())
        self.text = words_of(root)
        self.refused = {
            words_of(button): words_of(root.get_element_by_id(button.get("aria-describedby")))
            for button in root.xpath(".//button[@aria-disabled='true']")
        }
        acts = root.xpath(".//button[not(@aria-disabled)]") + root.xpath(".//a")
        self.offered = {words_of(act) for act in acts}


def marche_page(equipe, role):
    return Page(equipe.browser(role), equipe.marche.get_absolute_url())


def piece_page(equipe, role):
    return Page(equipe.browser(role), equipe.piece.get_absolute_url())


def article_page(equipe, role):
    # Two sessions: the text of the first can be taken back.
    type_words(equipe.gestionnaire, equipe.article, "Un. ")
    type_words(equipe.person(), equipe.article, "Deux. ")
    return lambda: Page(
        equipe.browser(role), reverse("wikimarche:article_detail", args=[equipe.article.pk])
    )


# ── The marché ──────────────────────────────────────────────────────────────────────────────────


def test_a_reader_of_a_marche_sees_who_may_do_what_she_may_not(equipe):
    page = marche_page(equipe, "observateur")
    told = {name: page.refused[name] for name in ("Modifier la fiche", "Ajouter une pièce")}
    assert set(told.values()) == {WRITERS}
    assert page.refused["Inviter"] == page.refused["Partager avec les juristes"] == MANAGERS
    # One sentence is enough for the fiche and its rows.
    assert not {"Modifier les lots", "Modifier les critères"} & {*page.refused, *page.offered}


def test_at_publication_a_writer_keeps_her_buttons_with_the_reason_of_the_step(equipe):
    before = marche_page(equipe, "editeur")
    assert {*FICHE, "Ajouter une pièce"} <= before.offered
    publish(equipe)
    page = marche_page(equipe, "editeur")
    assert {name: page.refused.get(name) for name in FICHE} == dict.fromkeys(FICHE, FICHE_FROZEN)
    assert page.refused["Ajouter une pièce"] == FROZEN
    assert not {*FICHE, "Ajouter une pièce"} & page.offered


def test_the_gestionnaire_still_invites_and_shares_once_published(equipe):
    publish(equipe)
    page = marche_page(equipe, "gestionnaire")
    assert {"Inviter", "Partager avec les juristes"} <= page.offered
    assert not {"Inviter", "Partager avec les juristes"} & page.refused.keys()


# ── The pièce ───────────────────────────────────────────────────────────────────────────────────


def test_a_reader_of_a_piece_sees_who_renames_and_who_takes_it_out(equipe):
    page = piece_page(equipe, "observateur")
    assert page.refused["Renommer la pièce"] == WRITERS
    assert page.refused["Retirer la pièce"] == MANAGERS


def test_who_may_not_write_sees_the_button_of_the_plan_grey_with_the_sentence_of_the_bar(equipe):
    empty = PieceFactory(marche=equipe.marche)
    assert "Article" in piece_page(equipe, "editeur").offered
    page = piece_page(equipe, "observateur")
    assert (
        page.refused["Article"]
        == "Vous lisez cette pièce\u202f: votre rôle ne permet pas d’y écrire."
    )
    page = Page(equipe.browser("observateur"), empty.get_absolute_url())
    assert page.refused["Ajouter un premier article"] == page.refused["Article"]
    assert not {"Article", "Ajouter un premier article"} & page.offered
    publish(equipe)
    assert piece_page(equipe, "editeur").refused["Article"] == f"Vous lisez cette pièce. {FROZEN}"


def test_a_frozen_piece_keeps_its_buttons_with_the_reason_of_the_step(equipe):
    retire_article(by=equipe.person(), article=equipe.second, motif="Doublon")
    assert "Rétablir" in piece_page(equipe, "gestionnaire").offered
    publish(equipe)
    page = piece_page(equipe, "gestionnaire")
    assert page.refused["Rétablir"] == FROZEN
    assert "Rétablir" not in page.offered
    assert page.refused["Renommer la pièce"] == page.refused["Retirer la pièce"] == FROZEN
    assert not {"Renommer", "Retirer la pièce"} & page.offered


def test_a_withdrawn_piece_says_who_puts_it_back(equipe):
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    assert piece_page(equipe, "editeur").refused["Rétablir la pièce"] == MANAGERS
    assert "Rétablir la pièce" in piece_page(equipe, "gestionnaire").offered


# ── The article ─────────────────────────────────────────────────────────────────────────────────


def test_a_reader_of_an_article_reads_one_sentence_and_no_column_of_grey_buttons(equipe):
    page = article_page(equipe, "observateur")()
    assert not {*PLACE, "Restaurer"} & {*page.refused, *page.offered}
    assert "Sa place dans la pièce Votre rôle ne permet pas de la changer." in page.text
    assert "Textes d’avant Votre rôle ne permet pas de les restaurer." in page.text


def test_at_publication_the_buttons_of_an_article_stand_grey_with_the_reason_of_the_step(equipe):
    read = article_page(equipe, "editeur")
    before = read()
    assert {*PLACE, "Restaurer"} <= before.offered
    assert not before.refused
    publish(equipe)
    page = read()
    asked = [*PLACE, "Restaurer"]
    assert {name: page.refused.get(name) for name in asked} == dict.fromkeys(asked, FROZEN)
    assert not set(asked) & page.offered
    # Said once above the places, once above the texts.
    assert page.text.count(FROZEN) == 2


def test_an_article_that_one_may_move_and_not_take_out_says_why(equipe, monkeypatch):
    """The reason it names is on the page: its own, not that of its place, which is not refused."""
    rules = registry._registry.rules
    managers = replace(rules[Action.ARTICLE_RETIRE], roles=frozenset({Role.GESTIONNAIRE}))
    monkeypatch.setitem(rules, Action.ARTICLE_RETIRE.value, managers)
    page = article_page(equipe, "editeur")()
    assert page.refused == {"Retirer l’article": MANAGERS}


def test_a_retired_article_has_no_place_to_change(equipe):
    retire_article(by=equipe.person(), article=equipe.article, motif="Doublon")
    url = reverse("wikimarche:article_detail", args=[equipe.article.pk])
    page = Page(equipe.browser(), url)
    assert not set(PLACE) & {*page.refused, *page.offered}
    assert "Rétablir" in page.offered


@pytest.mark.parametrize("role", ["etranger", "juriste"])
def test_who_may_not_know_is_offered_nothing_and_told_no_reason(equipe, role):
    """The jurist: the marché is not shared."""
    urls = [
        equipe.marche.get_absolute_url(),
        equipe.piece.get_absolute_url(),
        reverse("wikimarche:article_detail", args=[equipe.article.pk]),
    ]
    for url in urls:
        answer = equipe.browser(role).get(url)
        assert answer.status_code == 404
        page = answer.content.decode()
        assert "aria-disabled" not in page
        assert not any(word in page for word in (*FICHE, *PLACE, MANAGERS, WRITERS))
