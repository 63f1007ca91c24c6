"""The list of marchés: what it shows, hostile questions, and its export to a spreadsheet."""

import csv
import io

import lxml.html
import pytest
from django.urls import reverse

from procurement.marches.services import share_marche, update_marche
from procurement.ui.typographie import print_ligne
from tests.procurement.marches.factories import MarcheFactory, ParticipationFactory
from tests.support.client import Browser


LIST, EXPORT = "marches:marche_list", "marches:marche_list_export"


def shown(browser, **asked):
    page = browser.get(reverse(LIST), asked)
    assert page.status_code == 200
    return objets_of(page)


def objets_of(page):
    titles = lxml.html.fromstring(page.text).xpath("//tbody//th[@scope='row']/a")
    return {title.text_content().strip() for title in titles}


def test_everyone_sees_their_own_and_juristes_the_shared_ones(equipe):
    MarcheFactory(objet="Ailleurs")
    kept = MarcheFactory(objet="Gardé", organisation=equipe.marche.organisation)
    assert shown(equipe.browser()) == {"Nettoyage des locaux"}
    assert shown(equipe.browser("juriste")) == set()
    share_marche(by=kept.author, marche=kept, partage=True)
    assert shown(equipe.browser("juriste")) == {"Gardé"}
    assert shown(equipe.browser("etranger")) == {"Nettoyage des locaux"} - {equipe.marche.pk}


def test_filters(equipe):
    by, marche = equipe.gestionnaire, equipe.marche
    update_marche(by=by, marche=marche, nature="travaux", cpv="90910000-9")
    browser = equipe.browser()
    for asked, found in (
        ({"q": "nettoy"}, True), ({"q": marche.reference}, True), ({"q": "bois"}, False),
        ({"nature": "travaux"}, True), ({"nature": "services"}, False),
        ({"cpv": "9091"}, True), ({"cpv": "45"}, False),
        ({"statut": "besoin"}, True), ({"statut": "clos"}, False),
        ({"role": "editeur"}, True), ({"role": "gestionnaire"}, False),
        ({"annee": marche.created_at.year}, True), ({"annee": 1999}, False),
        ({"tri": "objet"}, True), ({"tri": "-montant"}, True),
    ):  # fmt: skip
        assert bool(shown(browser, **asked)) is found, asked


def test_a_search_by_words_alone_leaves_the_filters_folded(equipe):
    """What was found comes first on a telephone; filters that are set stay in sight."""
    for asked, open_ in (({}, False), ({"q": "bois"}, False), ({"q": "bois", "annee": 1999}, True)):
        page = equipe.browser().get(reverse(LIST), asked).content.decode()
        assert ('<details class="wm-plus" open>' in page) is open_, asked


@pytest.mark.attaque("A16")
@pytest.mark.parametrize(
    "asked",
    [
        {"participations__user__password__startswith": "a"},
        {"organisation__memberships__user__email__regex": "^a"},
        {"_connector": "OR"},
        {"_negated": "1"},
        {"pk": "x"},
        {"organisation": "x"},
        {"objet__contains": "x"},
        {f"clef{n}": "x" for n in range(200)},
    ],
)
def test_a_question_nobody_declared_changes_nothing(base, equipe, asked):
    """Whole or repeated, it costs the server at most the 200 ms that are promised."""
    for _ in range(2):
        MarcheFactory(objet="Ailleurs")
    browser = equipe.browser()
    wanted = shown(browser)
    for question in (asked, {name: [value] * 3 for name, value in asked.items()}):
        with base.working(seconds=0.2):
            assert shown(browser, **question) == wanted


@pytest.mark.attaque("A16")
@pytest.mark.parametrize(
    "asked",
    [
        {"statut": "x"}, {"statut": ["besoin", "clos"]}, {"tri": "organisation__siret"},
        {"tri": "?"}, {"annee": "9" * 30}, {"annee": "NaN"}, {"annee": "1e400"}, {"annee": "inf"},
        {"direction": "x"}, {"direction": "9" * 40}, {"cpv": "%" * 8}, {"cpv": "x" * 500},
        {"q": "a\x00b"}, {"q": "%_\\"}, {"q": "x" * 5000}, {"page": "9" * 30}, {"page": "-1"},
        {"page": "x"}, {"role": "administrateur"}, {"tri": "objet,-objet," * 100},
    ],
)  # fmt: skip
def test_an_odd_question_is_answered_or_refused(base, equipe, asked):
    MarcheFactory(objet="Ailleurs")
    browser = equipe.browser()
    browser.get(reverse(LIST))
    for name in (LIST, EXPORT):
        with base.working(seconds=0.2):
            answer = browser.get(reverse(name), asked)
        assert answer.status_code in (200, 400)
        assert b"Ailleurs" not in answer.content


@pytest.mark.attaque("A07")
def test_words_of_another_organisation_find_nothing(equipe):
    foreign = MarcheFactory(objet="Introuvable motunique")
    browser = equipe.browser()
    assert shown(browser, q="motunique") == set()
    assert shown(browser, direction=str(foreign.pk)) <= {"Nettoyage des locaux"}
    answer = browser.get(reverse(EXPORT), {"q": "motunique"})
    assert "motunique" not in answer.content.decode()


@pytest.mark.attaque("B07")
@pytest.mark.parametrize("objet", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A1"])
def test_the_cells_of_the_export_are_inert(equipe, objet):
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, objet=objet)
    answer = equipe.browser().get(reverse(EXPORT))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][1] == f"'{print_ligne(objet)}"
    assert "attachment" in answer["Content-Disposition"]


def test_the_export_keeps_every_word(equipe):
    objet = 'Bois ; « chêne », "hêtre"\tet pin'
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, objet=objet)
    answer = equipe.browser().get(reverse(EXPORT))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][1] == 'Bois\u202f; «\u202fchêne\u202f», "hêtre"\tet pin'


def test_the_list_costs_the_same_whatever_its_length(equipe, django_assert_max_num_queries):
    user = equipe.person()
    for _ in range(12):
        ParticipationFactory(marche=MarcheFactory(), user=user)
    browser = Browser(user)
    browser.get(reverse(LIST))
    with django_assert_max_num_queries(12):
        assert len(shown(browser)) == 1
