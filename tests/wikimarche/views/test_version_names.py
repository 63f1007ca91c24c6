"""Giving a name to a version, over HTTP."""

import re

import lxml.html
import pytest
from django.urls import reverse

from tests.wikimarche.factories import type_words
from wikimarche.selectors import last_version, version_marks
from wikimarche.services import name_version, restore_piece, withdraw_piece


def name_url(piece):
    return reverse("wikimarche:version_name", args=[piece.pk])


def test_a_version_is_named(equipe):
    equipe.browser().post(name_url(equipe.piece), {"nom": " Relue  par le service "})
    version = last_version(equipe.piece)
    assert (version.nom, version.genre, version.numero) == ("Relue par le service", "nommee", 3)
    assert version.auteur == equipe.person()


@pytest.mark.parametrize("nom", ["", "  ", "x" * 121, "a\x00b"])
def test_a_bad_name_makes_no_version(equipe, nom):
    answer = equipe.browser().post(name_url(equipe.piece), {"nom": nom})
    assert answer.status_code == 422
    assert last_version(equipe.piece).numero == 2


def test_a_name_too_long_is_refused_in_its_field_which_keeps_it(equipe):
    typed = "Relue le 3 mars, " * 8
    page = equipe.browser().post(name_url(equipe.piece), {"nom": typed}).content.decode()
    assert "Un nom de version a 120 signes au plus\u202f; celui-ci en a\u00a0135." in page
    field = lxml.html.fromstring(page).get_element_by_id("id_nom")
    assert (field.get("value"), field.get("maxlength")) == (typed, "120")
    assert field.get("aria-invalid") == "true"
    assert "autofocus" in field.attrib
    page = equipe.browser().get(reverse("wikimarche:version_list", args=[equipe.piece.pk])).text
    assert "autofocus" not in page


def test_on_a_phone_a_link_leads_to_the_name_under_a_long_list(equipe):
    url, link = reverse("wikimarche:version_list", args=[equipe.piece.pk]), 'href="#nommer"'
    page = equipe.browser().get(url).content.decode()
    assert page.index(link) < page.index("wm-traces") < page.index('id="nommer"')
    assert link not in equipe.browser("observateur").get(url).content.decode()


@pytest.mark.attaque("A15")
def test_a_name_cannot_bring_an_author_or_a_date(equipe):
    other = equipe.person("editeur", "autre")
    equipe.browser().post(
        name_url(equipe.piece),
        {"nom": "X", "auteur": other.pk, "genre": "publiee", "instant": "2000-01-01", "numero": 99},
    )
    version = last_version(equipe.piece)
    assert (version.auteur, version.genre, version.numero) == (equipe.person(), "nommee", 3)
    assert version.instant.year > 2000


def test_a_frozen_piece_may_still_be_named(equipe):
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    equipe.browser().post(name_url(equipe.piece), {"nom": "Dernière"})
    assert last_version(equipe.piece).nom == "Dernière"


def test_the_same_name_on_the_same_text_is_said_and_not_written_twice(equipe):
    browser, address = equipe.browser(), name_url(equipe.piece)
    for _ in range(2):
        answer = browser.post(address, {"nom": "Relue"})
    assert last_version(equipe.piece).numero == 3
    assert "La version 3 porte déjà ce nom" in browser.get(answer.url).content.decode()
    browser.post(address, {"nom": "Relue encore"})
    assert last_version(equipe.piece).nom == "Relue encore"


def test_a_name_stays_on_the_timeline_however_much_is_written_since(equipe):
    type_words(equipe.person(), equipe.article, "Envoi. ")
    named = name_version(by=equipe.gestionnaire, piece=equipe.piece, nom="Envoi aux directions")
    for _ in range(4):
        restore_piece(by=equipe.gestionnaire, piece=equipe.piece, numero=1)
        type_words(equipe.person(), equipe.article, "Depuis. ")
    marks = [version.numero for version in version_marks(equipe.piece, limit=4)]
    last = last_version(equipe.piece).numero
    assert marks == sorted(marks, reverse=True)
    assert {last, named, 1} < set(marks)
    assert len(marks) == 4
    page = equipe.browser().get(reverse("wikimarche:piece_compare", args=[equipe.piece.pk]))
    options = re.findall(r"<option[^>]*>\s*([^<]*?)\s*</option>", page.content.decode())
    assert sum("Envoi aux directions" in option for option in options) == 2
