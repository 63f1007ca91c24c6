"""Lots and criteria written by two people at once: nothing typed is lost, a conflict shows both."""

from decimal import Decimal

import pytest
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import verify_evidence
from procurement.marches.models import Critere, Lot
from procurement.marches.services import Overtaken, set_criteres, set_lots
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
    form = answer.context["form"]
    data = {"vue": form.vue}
    fields = [*form.formset.management_form, *(field for row in form.formset for field in row)]
    values = {field.html_name: field.value() for field in fields}
    empty = (None, "", False)
    return data | {
        name: str(value)
        for name, value in values.items()
        if not any(value is nothing for nothing in empty)
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
                           "form-2-nature": "delai", "form-2-poids": "10"})  # fmt: skip
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Une autre personne vient d’écrire «\u202f50" in page
    assert 'value="30"' in page
    assert "Délai" in page
    assert criteres_of(pondere.marche) == [
        ("Prix", Decimal(50)), ("Valeur technique", Decimal(50)),
    ]  # fmt: skip
    answer = me.post(url, sent_by(answer))
    assert "Les poids font 90" in answer.content.decode()
    fixed = {**sent_by(answer), "form-0-poids": "60"}
    assert me.post(url, fixed).status_code == 302
    assert criteres_of(pondere.marche) == [
        ("Prix", Decimal(60)), ("Valeur technique", Decimal(30)), ("Délai", Decimal(10)),
    ]  # fmt: skip


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
