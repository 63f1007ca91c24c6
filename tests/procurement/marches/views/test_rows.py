"""Lots and criteria written by two people at once: nothing typed is lost, a conflict shows both."""

import re
from decimal import Decimal

import lxml.html
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import verify_evidence
from procurement.marches.models import Critere, Lot
from procurement.marches.services import (
    Overtaken,
    create_marche,
    set_criteres,
    set_lots,
    update_marche,
)
from tests.support.client import Browser


def lots_url(marche):
    return reverse("marches:lots_set", args=[marche.pk])


def criteres_url(marche):
    return reverse("marches:criteres_set", args=[marche.pk])


def seen(browser, url):
    """What the page sends when nothing is touched."""
    return sent_by(browser.get(url))


def sent_by(answer):
    """What the page just answered would send back as it stands."""
    forms = lxml.html.fromstring(answer.text).forms
    form = next(each for each in forms if "vue" in each.fields)
    return {
        name: value
        for name, value in form.form_values()
        if value and name != "csrfmiddlewaretoken" and "__prefix__" not in name
    }


def lots_of(marche):
    return list(
        Lot.objects.filter(marche=marche, retire=False).values_list("intitule", "montant_estime")
    )


def criteres_of(marche):
    return list(
        Critere.objects.filter(marche=marche, retire=False).values_list("intitule", "poids")
    )


@pytest.fixture
def alloti(equipe):
    rows = [
        {"intitule": name, "montant_estime": None} for name in ("Bureaux", "Ateliers", "Vitres")
    ]
    set_lots(by=equipe.gestionnaire, marche=equipe.marche, lots=rows)
    return equipe


@pytest.fixture
def pondere(equipe):
    rows = [
        {"intitule": "Prix", "nature": "prix", "poids": Decimal(60)},
        {"intitule": "Valeur technique", "nature": "technique", "poids": Decimal(40)},
    ]
    set_criteres(by=equipe.gestionnaire, marche=equipe.marche, criteres=rows)
    return equipe


def two(equipe, url):
    """The page as two people have it before them, and the browsers that send it."""
    mine, theirs = equipe.browser(), equipe.browser("gestionnaire")
    return (mine, seen(mine, url)), (theirs, seen(theirs, url))


def test_each_keeps_the_row_she_changed(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-0-intitule": "Bureaux du siège"})
    assert me.post(url, {**mine, "form-2-montant_estime": "12 500,50"}).status_code == 302
    assert lots_of(alloti.marche) == [
        ("Bureaux du siège", None), ("Ateliers", None), ("Vitres", Decimal("12500.50")),
    ]  # fmt: skip


def test_each_keeps_the_field_she_changed_in_one_row(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-0-intitule": "Bureaux du siège"})
    me.post(url, {**mine, "form-0-montant_estime": "5"})
    assert lots_of(alloti.marche)[0] == ("Bureaux du siège", Decimal(5))


def test_both_add_a_row(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-3-intitule": "Le leur"})
    me.post(url, {**mine, "form-3-intitule": "Le mien"})
    assert [name for name, _ in lots_of(alloti.marche)] == [
        "Bureaux", "Ateliers", "Vitres", "Le leur", "Le mien",
    ]  # fmt: skip


def test_a_page_left_as_it_was_takes_nothing_back(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-1-DELETE": "on", "form-3-intitule": "Le leur"})
    me.post(url, mine)
    assert [name for name, _ in lots_of(alloti.marche)] == ["Bureaux", "Vitres", "Le leur"]


def test_the_same_field_shows_both_and_waits(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-0-intitule": "Le leur", "form-2-intitule": "Vitrerie"})
    answer = me.post(url, {**mine, "form-0-intitule": "Le mien", "form-3-intitule": "En plus"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Une autre personne vient d’écrire «\u202fLe leur\u202f»" in page
    assert 'value="Le mien"' in page
    assert [name for name, _ in lots_of(alloti.marche)] == ["Le leur", "Ateliers", "Vitrerie"]
    assert me.post(url, sent_by(answer)).status_code == 302
    assert [name for name, _ in lots_of(alloti.marche)] == [
        "Le mien", "Ateliers", "Vitrerie", "En plus",
    ]  # fmt: skip


def test_a_row_taken_away_by_one_and_changed_by_the_other_waits(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-1-DELETE": "on"})
    answer = me.post(url, {**mine, "form-1-intitule": "Ateliers et garages"})
    assert "vient de retirer cette ligne" in answer.content.decode()
    assert "Ateliers et garages" in answer.content.decode()
    assert [name for name, _ in lots_of(alloti.marche)] == ["Bureaux", "Vitres"]
    me.post(url, sent_by(answer))
    assert [name for name, _ in lots_of(alloti.marche)] == [
        "Bureaux", "Vitres", "Ateliers et garages",
    ]  # fmt: skip


def test_a_row_changed_by_one_and_taken_away_by_the_other_waits(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-1-intitule": "Ateliers et garages"})
    answer = me.post(url, {**mine, "form-1-DELETE": "on"})
    assert "vient de changer cette ligne que vous retirez" in answer.content.decode()
    assert len(lots_of(alloti.marche)) == 3
    me.post(url, sent_by(answer))
    assert [name for name, _ in lots_of(alloti.marche)] == ["Bureaux", "Vitres"]


def test_a_mistake_shown_again_brings_back_no_old_value(alloti):
    """The page of an error carries what it was typed on: theirs is not undone by sending it again."""
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-0-intitule": "Le leur"})
    answer = me.post(url, {**mine, "form-2-montant_estime": "beaucoup"})
    again = {**sent_by(answer), "form-2-montant_estime": "7"}
    me.post(url, again)
    assert lots_of(alloti.marche) == [("Le leur", None), ("Ateliers", None), ("Vitres", Decimal(7))]


def test_weights_that_no_longer_make_100_together_show_both(pondere):
    url = criteres_url(pondere.marche)
    (me, mine), (they, theirs) = two(pondere, url)
    they.post(url, {**theirs, "form-0-poids": "50", "form-1-poids": "50"})
    answer = me.post(url, {**mine, "form-1-poids": "30", "form-2-intitule": "Délai",
                           "form-2-nature": "delai", "form-2-poids": "30"})  # fmt: skip
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Une autre personne vient d’écrire «\u202f50" in page
    assert 'value="30"' in page
    assert "Délai" in page
    assert criteres_of(pondere.marche) == [
        ("Prix", Decimal(50)), ("Valeur technique", Decimal(50)),
    ]  # fmt: skip
    answer = me.post(url, sent_by(answer))
    assert "Les poids font 110\u00a0%, c’est 10\u00a0% de trop." in answer.content.decode()
    fixed = {**sent_by(answer), "form-0-poids": "40"}
    assert me.post(url, fixed).status_code == 302
    assert criteres_of(pondere.marche) == [
        ("Prix", Decimal(40)), ("Valeur technique", Decimal(30)), ("Délai", Decimal(30)),
    ]  # fmt: skip


def test_a_new_marche_offers_several_rows(equipe):
    page = equipe.browser().get(criteres_url(equipe.marche)).context["form"]
    assert len(page.rangs) == 3


def test_a_row_left_empty_is_no_mistake(equipe):
    url, browser = criteres_url(equipe.marche), equipe.browser()
    price = {"form-0-intitule": "Prix", "form-0-nature": "prix", "form-0-poids": "40"}
    assert browser.post(url, {**seen(browser, url), **price}).status_code == 302
    assert criteres_of(equipe.marche) == [("Prix", Decimal(40))]


def test_less_than_100_is_a_draft_that_says_what_is_missing(equipe):
    url, browser = criteres_url(equipe.marche), equipe.browser("gestionnaire")
    price = {"form-0-intitule": "Prix", "form-0-nature": "prix", "form-0-poids": "40"}
    answer = browser.post(url, {**seen(browser, url), **price}, follow=True)
    said = "Les poids font 40\u00a0%, il manque 60\u00a0%."
    assert f"Les critères sont gardés. {said}" in answer.content.decode()
    move = browser.get(reverse("marches:marche_move", args=[equipe.marche.pk])).content.decode()
    missing = move[move.index("Ce qui manque encore") :]
    assert "Compléter les critères" in missing
    assert said in missing
    technique = {
        "form-1-intitule": "Technique", "form-1-nature": "technique", "form-1-poids": "60",
    }  # fmt: skip
    browser.post(url, {**seen(browser, url), **technique})
    move = browser.get(reverse("marches:marche_move", args=[equipe.marche.pk])).content.decode()
    assert "les critères</a>" not in move


def test_a_mistake_in_a_row_is_told_at_the_head_and_names_its_field(equipe):
    url = criteres_url(equipe.marche)
    sent = seen(equipe.browser(), url)
    sent |= {"form-1-intitule": "Délai", "form-1-poids": "40"}
    page = lxml.html.fromstring(equipe.browser().post(url, sent).text)
    (summary,) = page.xpath("//form//*[@role='alert']")
    (link,) = summary.iter("a")
    assert (link.get("href"), link.text) == ("#id_form-1-nature", "Ligne 2, Nature")
    assert page.get_element_by_id("id_form-1-nature") is not None
    told = page.get_element_by_id("id_form-1-nature_error").text_content().strip()
    assert told == "«\u202fNature\u202f» est obligatoire."


def test_the_first_row_goes_no_higher_and_the_last_no_lower(alloti):
    page = lxml.html.fromstring(alloti.browser().get(lots_url(alloti.marche)).text)
    rows = page.xpath("//ol[@class='wm-rangs']/li")
    off = [[b.get("disabled") is not None for b in row.xpath(".//button")] for row in rows]
    assert off == [[True, False], *[[False, False]] * (len(rows) - 2), [False, True]]


def test_a_button_adds_a_row_and_loses_nothing(equipe):
    url, browser = criteres_url(equipe.marche), equipe.browser()
    typed = {"form-0-intitule": "Prix", "form-1-poids": "beaucoup", "geste": "ajouter"}
    answer = browser.post(url, {**seen(browser, url), **typed})
    assert answer.status_code == 200
    assert "corriger" not in answer.content.decode()
    again = sent_by(answer)
    assert again["form-TOTAL_FORMS"] == "4"
    assert (again["form-0-intitule"], again["form-1-poids"]) == ("Prix", "beaucoup")
    assert criteres_of(equipe.marche) == []


def test_rows_are_added_up_to_a_limit(equipe):
    url, browser = criteres_url(equipe.marche), equipe.browser()
    data = {**seen(browser, url), "form-TOTAL_FORMS": "50", "geste": "ajouter"}
    page = browser.post(url, data)
    assert sent_by(page)["form-TOTAL_FORMS"] == "50"
    assert "Ajouter une ligne" not in page.content.decode()


def test_a_button_moves_a_row_and_saving_keeps_its_place(alloti):
    vitres = Lot.objects.get(marche=alloti.marche, intitule="Vitres")
    url, browser = lots_url(alloti.marche), alloti.browser()
    page = browser.post(url, {**seen(browser, url), "geste": "monter-2"})
    page = browser.post(url, {**sent_by(page), "geste": "monter-2"})
    assert [name for name, _ in lots_of(alloti.marche)] == ["Bureaux", "Ateliers", "Vitres"]
    assert browser.post(url, sent_by(page)).status_code == 302
    assert [name for name, _ in lots_of(alloti.marche)] == ["Vitres", "Bureaux", "Ateliers"]
    vitres.refresh_from_db()
    assert vitres.numero == 1


def test_lots_that_change_places_leave_the_evidence_whole(equipe_durable):
    equipe, url = equipe_durable, lots_url(equipe_durable.marche)
    rows = [{"intitule": name, "montant_estime": None} for name in ("Un", "Deux", "Trois")]
    set_lots(by=equipe.gestionnaire, marche=equipe.marche, lots=rows)
    browser = Browser(equipe.gestionnaire)
    assert browser.post(url, {**seen(browser, url), "ordre": "2,1,0"}).status_code == 302
    assert [name for name, _ in lots_of(equipe.marche)] == ["Trois", "Deux", "Un"]
    report = verify_evidence(chain=equipe.marche.pk)
    assert report.ok, report.breaks


@pytest.mark.parametrize("geste", ["monter-0", "descendre-3", "monter-99", "monter-x", "x"])
def test_a_row_that_cannot_move_stays(alloti, geste):
    url, browser = lots_url(alloti.marche), alloti.browser()
    data = seen(browser, url)
    assert sent_by(browser.post(url, {**data, "geste": geste}))["ordre"] == data["ordre"]


@pytest.mark.parametrize("ordre", ["", "9,9,-1,x", "1,1,1", "0" * 400])
def test_an_order_that_makes_no_sense_loses_no_row(alloti, ordre):
    url, browser = lots_url(alloti.marche), alloti.browser()
    assert browser.post(url, {**seen(browser, url), "ordre": ordre}).status_code == 302
    assert {name for name, _ in lots_of(alloti.marche)} == {"Bureaux", "Ateliers", "Vitres"}


def test_one_moves_a_row_while_the_other_adds_and_takes_away(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-0-DELETE": "on", "form-3-intitule": "Le leur"})
    assert me.post(url, {**mine, "ordre": "2,0,1,3"}).status_code == 302
    assert [name for name, _ in lots_of(alloti.marche)] == ["Vitres", "Le leur", "Ateliers"]


def names_of(page):
    return re.findall(r'name="form-\d+-intitule" value="([^"]+)"', page)


def test_two_who_reorder_at_once_see_the_order_of_the_first_and_lose_nothing(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    assert they.post(url, {**theirs, "ordre": "1,0,2,3"}).status_code == 302
    answer = me.post(
        url, {**mine, "ordre": "2,0,1,3", "form-2-montant_estime": "5", "form-3-intitule": "Neuf"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert [name for name, _ in lots_of(alloti.marche)] == ["Ateliers", "Bureaux", "Vitres"]
    assert "Une autre personne vient de changer l’ordre de ces lignes." in page
    assert names_of(page) == ["Ateliers", "Bureaux", "Vitres", "Neuf"]
    assert "Votre ordre était\u202f: Vitres, Bureaux, Ateliers, Neuf." in page
    me.post(url, sent_by(answer))
    assert lots_of(alloti.marche) == [
        ("Ateliers", None), ("Bureaux", None), ("Vitres", 5), ("Neuf", None),
    ]  # fmt: skip


def test_one_may_take_her_own_order_again(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "ordre": "1,0,2,3"})
    answer = me.post(url, {**mine, "ordre": "2,0,1,3", "form-3-intitule": "Neuf"})
    (geste,) = re.findall(r'name="geste" value="(ranger-[\d-]+)"', answer.content.decode())
    answer = me.post(url, {**sent_by(answer), "geste": geste})
    assert names_of(answer.content.decode()) == ["Vitres", "Bureaux", "Ateliers", "Neuf"]
    assert me.post(url, sent_by(answer)).status_code == 302
    names = [name for name, _ in lots_of(alloti.marche)]
    assert names == ["Vitres", "Bureaux", "Ateliers", "Neuf"]


def test_two_who_choose_the_same_order_agree(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "ordre": "1,0,2,3"})
    assert me.post(url, {**mine, "ordre": "1,0,2,3"}).status_code == 302


def test_who_moves_nothing_keeps_the_order_of_the_other(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "ordre": "1,0,2,3"})
    assert me.post(url, {**mine, "form-0-montant_estime": "5"}).status_code == 302
    assert lots_of(alloti.marche) == [("Ateliers", None), ("Bureaux", 5), ("Vitres", None)]


@pytest.mark.parametrize("geste", ["ranger-", "ranger-9-9", "ranger-0-0-0", "ranger-x", "ranger-²"])
def test_a_forged_order_loses_no_row(alloti, geste):
    url, browser = lots_url(alloti.marche), alloti.browser()
    answer = browser.post(url, {**seen(browser, url), "geste": geste})
    assert sorted(names_of(answer.content.decode())) == ["Ateliers", "Bureaux", "Vitres"]


def test_criteria_reordered_at_once_wait_too(pondere):
    rows = [
        {"intitule": name, "nature": "prix", "poids": Decimal(10)}
        for name in ("Un", "Deux", "Trois")
    ]
    set_criteres(by=pondere.gestionnaire, marche=pondere.marche, criteres=rows)
    url = criteres_url(pondere.marche)
    (me, mine), (they, theirs) = two(pondere, url)
    they.post(url, {**theirs, "ordre": "1,0,2,3"})
    assert me.post(url, {**mine, "ordre": "2,1,0,3"}).status_code == 409
    assert [name for name, _ in criteres_of(pondere.marche)] == ["Deux", "Un", "Trois"]


def test_a_conflict_is_shown_in_my_order(alloti):
    url = lots_url(alloti.marche)
    (me, mine), (they, theirs) = two(alloti, url)
    they.post(url, {**theirs, "form-0-intitule": "Le leur"})
    answer = me.post(url, {**mine, "form-0-intitule": "Le mien", "ordre": "2,0,1,3"})
    assert "Une autre personne vient d’écrire" in answer.content.decode()
    me.post(url, sent_by(answer))
    assert [name for name, _ in lots_of(alloti.marche)] == ["Vitres", "Le mien", "Ateliers"]


def test_too_much_is_refused_with_what_was_typed_in_its_order(pondere):
    url, browser = criteres_url(pondere.marche), pondere.browser()
    answer = browser.post(url, {**seen(browser, url), "form-0-poids": "80", "ordre": "1,0,2"})
    page = answer.content.decode()
    assert "Les poids font 120\u00a0%, c’est 20\u00a0% de trop. Rien n’est enregistré." in page
    assert page.index('value="Valeur technique"') < page.index('value="Prix"')
    assert criteres_of(pondere.marche)[0] == ("Prix", Decimal(60))


def test_the_page_of_the_marche_shows_the_amount_of_each_lot(alloti):
    url, browser = lots_url(alloti.marche), alloti.browser()
    browser.post(url, {**seen(browser, url), "form-2-montant_estime": "12 500,50"})
    page = browser.get(alloti.marche.get_absolute_url()).content.decode()
    assert "12\u202f500,50\u00a0€\u00a0HT" in page
    assert page.count("montant à dire") == 2


@pytest.mark.parametrize("vue", ["", "x", "a:b:c"])
def test_a_forged_view_counts_for_nothing(alloti, vue):
    url = lots_url(alloti.marche)
    browser = alloti.browser()
    data = {**seen(browser, url), "vue": vue, "form-0-intitule": "Autre"}
    assert browser.post(url, data).status_code == 302
    assert [name for name, _ in lots_of(alloti.marche)] == ["Autre", "Ateliers", "Vitres"]


@pytest.mark.attaque("A15")
def test_the_view_of_another_marche_is_not_taken(alloti):
    from tests.procurement.marches.factories import MarcheFactory  # noqa: PLC0415

    other = MarcheFactory(by=alloti.gestionnaire, in_two_lots=True)
    browser = alloti.browser("gestionnaire")
    foreign = seen(browser, lots_url(other))["vue"]
    browser.post(
        lots_url(alloti.marche), {**seen(browser, lots_url(alloti.marche)), "vue": foreign}
    )
    assert Lot.objects.filter(marche=other, retire=False).count() == 2
    assert len(lots_of(alloti.marche)) == 3


def test_a_lot_keeps_its_identity_when_another_goes(alloti):
    vitres = Lot.objects.get(marche=alloti.marche, intitule="Vitres")
    url, browser = lots_url(alloti.marche), alloti.browser()
    browser.post(url, {**seen(browser, url), "form-1-DELETE": "on"})
    vitres.refresh_from_db()
    assert (vitres.numero, vitres.intitule, vitres.retire) == (2, "Vitres", False)


def test_nothing_is_written_when_nothing_changed(alloti):
    url, browser = lots_url(alloti.marche), alloti.browser()
    before = len(list_entries(alloti.marche.pk, action="marches:lots:set"))
    assert browser.post(url, seen(browser, url)).status_code == 302
    assert len(list_entries(alloti.marche.pk, action="marches:lots:set")) == before


def test_rows_merged_with_what_is_no_longer_there_are_not_written(alloti):
    with pytest.raises(Overtaken):
        set_lots(by=alloti.gestionnaire, marche=alloti.marche, lots=[], vus={})
    with pytest.raises(Overtaken):
        set_criteres(
            by=alloti.gestionnaire, marche=alloti.marche, criteres=[], vus={"x": {"poids": 1}}
        )


def test_four_writers_at_once_lose_nothing(equipe_durable, at_once):
    """Each adds her lot from a page without any: four lots, whatever the order."""
    equipe, url = equipe_durable, lots_url(equipe_durable.marche)
    pages = []
    for _ in range(4):
        browser = Browser(equipe.gestionnaire)
        pages.append((browser, seen(browser, url)))

    def add(page, name):
        browser, data = page
        return browser.post(url, {**data, "form-0-intitule": name}).status_code

    names = [f"Lot de {who}" for who in ("Anne", "Bao", "Chloé", "Driss")]
    done = at_once(*(lambda page=page, name=name: add(page, name)
                     for page, name in zip(pages, names, strict=True)))  # fmt: skip
    assert done == [302] * 4
    assert sorted(name for name, _ in lots_of(equipe.marche)) == names
    report = verify_evidence(chain=equipe.marche.pk)
    assert report.ok, report.breaks


UNPRINTED = "L'école : 5 %"


def test_a_row_that_a_service_wrote_without_the_signs_of_print_is_changed_through_the_page(equipe):
    """A command, the demonstration, an import: the page reads back what it showed, and sees no colleague in it."""
    by, marche = equipe.gestionnaire, equipe.marche
    set_lots(by=by, marche=marche, lots=[{"intitule": f" {UNPRINTED} "}])
    criteres = [{"intitule": UNPRINTED, "nature": "prix", "poids": Decimal(40)}]
    set_criteres(by=by, marche=marche, criteres=criteres)
    browser = equipe.browser("gestionnaire")
    for url in (lots_url(marche), criteres_url(marche)):
        answer = browser.post(url, {**seen(browser, url), "form-0-intitule": "Autre"})
        assert answer.status_code == 302
    assert [name for name, _ in lots_of(marche) + criteres_of(marche)] == ["Autre", "Autre"]


def test_a_fiche_that_a_service_wrote_is_kept_as_it_is_printed(equipe):
    by = equipe.gestionnaire
    update_marche(by=by, marche=equipe.marche, objet=UNPRINTED, lieu_execution=UNPRINTED)
    opened = create_marche(by=by, organisation=equipe.marche.organisation, objet=UNPRINTED)
    equipe.marche.refresh_from_db()
    printed = "L’école\u00a0: 5\u00a0%"
    kept = (equipe.marche.objet, equipe.marche.lieu_execution, opened.objet)
    assert kept == (printed, printed, printed)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"nature": "couleur"}, "nature"),
        ({"poids": "beaucoup"}, "poids"),
        ({"poids": Decimal("NaN")}, "poids"),
        ({"poids": None}, "poids"),
        ({"intitule": "  "}, "intitule"),
    ],
)
def test_a_criterion_that_cannot_be_read_is_refused_in_words(pondere, wrong, field):
    row = {"intitule": "Délai", "nature": "delai", "poids": Decimal(10), **wrong}
    with pytest.raises(ValidationError) as refused:
        set_criteres(by=pondere.gestionnaire, marche=pondere.marche, criteres=[row])
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize("amount", ["cher", Decimal("NaN"), Decimal("1e20")])
def test_an_amount_that_cannot_be_read_is_refused_in_words(alloti, amount):
    row = {"intitule": "Toits", "montant_estime": amount}
    with pytest.raises(ValidationError) as refused:
        set_lots(by=alloti.gestionnaire, marche=alloti.marche, lots=[row])
    assert list(refused.value.message_dict) == ["montant_estime"]


def test_numbers_given_as_words_are_kept_and_said_as_numbers(equipe):
    by, marche = equipe.gestionnaire, equipe.marche
    set_lots(by=by, marche=marche, lots=[{"intitule": "Toits", "montant_estime": "12500.50"}])
    criteres = [{"intitule": "Prix", "nature": "prix", "poids": "40"}]
    set_criteres(by=by, marche=marche, criteres=criteres)
    assert lots_of(marche) == [("Toits", Decimal("12500.50"))]
    assert criteres_of(marche) == [("Prix", Decimal(40))]
