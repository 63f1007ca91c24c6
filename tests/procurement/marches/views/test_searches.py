"""Searches of the list kept under a name: one's own, cleaned, and forgotten at will."""

import pytest
from django.urls import reverse

from procurement.marches.models import SavedFilter
from procurement.marches.services import update_marche
from procurement.marches.services.searches import MOST


LIST, SAVE = "marches:marche_list", "marches:filter_save"


def keep(browser, nom, requete):
    return browser.post(reverse(SAVE), {"nom": nom, "requete": requete})


def test_a_search_is_kept_and_opened_again(equipe):
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, nature="travaux")
    browser = equipe.browser()
    page = browser.get(reverse(LIST), {"nature": "travaux", "tri": "objet", "q": ""})
    requete = page.context["garder"]["requete"].value()
    answer = keep(browser, "Chantiers", requete)
    opened = browser.get(answer.url)
    assert [marche.objet for marche in opened.context["marches"]] == [equipe.marche.objet]
    assert 'aria-current="true">Chantiers</a>' in opened.content.decode()
    assert "Chantiers" in browser.get(reverse(LIST)).content.decode()


def test_nothing_is_offered_to_keep_when_nothing_is_asked(equipe):
    assert equipe.browser().get(reverse(LIST)).context["garder"] is None


def test_the_same_name_replaces(equipe):
    browser = equipe.browser()
    keep(browser, "Chantiers", "nature=travaux")
    keep(browser, " Chantiers ", "nature=services")
    assert SavedFilter.objects.get(user=equipe.person()).requete == "nature=services"


def test_a_search_is_seen_and_forgotten_by_its_owner_only(equipe):
    mine, other = equipe.browser(), equipe.browser("gestionnaire")
    keep(mine, "Chantiers", "nature=travaux")
    saved = SavedFilter.objects.get()
    assert "Chantiers" not in other.get(reverse(LIST)).content.decode()
    url = reverse("marches:filter_delete", args=[saved.pk])
    assert other.post(url).status_code == 404
    assert mine.post(url).status_code == 302
    assert not SavedFilter.objects.exists()


@pytest.mark.attaque("A16")
@pytest.mark.parametrize(
    ("requete", "kept"),
    [
        ("", None),
        ("participations__user__password__startswith=a", None),
        ("nature=travaux&organisation=x&page=3", "nature=travaux"),
        ("nature=inconnue", None),
        ("q=%00", None),
        ("https://mechant.example/?q=x", None),
        ("q=a%26b%20%22", "q=a%26b+%22"),
    ],
)
def test_only_what_the_list_knows_is_kept(equipe, requete, kept):
    answer = keep(equipe.browser(), "Une recherche", requete)
    assert answer.url.startswith(reverse(LIST))
    saved = SavedFilter.objects.filter(user=equipe.person()).first()
    assert (saved.requete if saved else None) == kept


@pytest.mark.parametrize("nom", ["", "   ", "x" * 61, "a\x00b"])
def test_a_search_has_a_name(equipe, nom):
    keep(equipe.browser(), nom, "nature=travaux")
    assert not SavedFilter.objects.exists()


def test_one_more_than_twenty_is_refused_in_words(equipe):
    browser = equipe.browser()
    for rank in range(MOST):
        keep(browser, f"Recherche {rank}", "nature=travaux")
    page = browser.get(keep(browser, "Encore", "nature=travaux").url).content.decode()
    assert "vous gardez déjà vingt recherches" in page.lower()
    assert SavedFilter.objects.count() == MOST
    keep(browser, "Recherche 0", "nature=services")
    assert SavedFilter.objects.get(nom="Recherche 0").requete == "nature=services"
