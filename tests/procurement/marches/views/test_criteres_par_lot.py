"""Criteria of one lot: chosen on the form, weighed lot by lot, told everywhere, gone with their lot."""

from decimal import Decimal

import lxml.html
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import verify_evidence
from procurement.marches.models import Critere
from procurement.marches.registry import points_of
from procurement.marches.services import Overtaken, set_criteres, set_lots
from procurement.marches.views import marches as views
from tests.procurement.marches.factories import MarcheFactory
from tests.procurement.marches.views.test_rows import criteres_url, seen, two


def row(intitule, poids, lot=None, nature="technique"):
    portee = str(lot.pk) if lot else ""
    return {"intitule": intitule, "nature": nature, "poids": Decimal(poids), "portee": portee}


def kept(marche):
    return [
        (critere.intitule, critere.lot.numero if critere.lot else None, critere.poids)
        for critere in Critere.objects.filter(marche=marche, retire=False).select_related("lot")
    ]


def write(equipe, *rows):
    set_criteres(by=equipe.gestionnaire, marche=equipe.marche, criteres=rows)


def words_of(answer):
    return " ".join(lxml.html.fromstring(answer.text).text_content().split())


@pytest.fixture
def lots(equipe):
    rows = [{"intitule": "Bureaux"}, {"intitule": "Vitres"}]
    return set_lots(by=equipe.gestionnaire, marche=equipe.marche, lots=rows)


@pytest.fixture
def by_lot(equipe, lots):
    """Prix for all, then what each lot is judged on: a hundred each."""
    write(equipe, row("Prix", 60, nature="prix"), *(row("Technique", 40, lot) for lot in lots))
    return equipe


# ── The form ────────────────────────────────────────────────────────────────────────────────────


def test_one_chooses_every_lot_or_one_of_them(equipe, lots):
    browser, url = equipe.browser(), criteres_url(equipe.marche)
    page = lxml.html.fromstring(browser.get(url).text)
    (choice,) = page.xpath("//select[@name='form-0-portee']")
    said = [option.text for option in choice.iter("option")]
    assert said == ["Tous les lots", "Lot 1\u202f: Bureaux", "Lot 2\u202f: Vitres"]
    sent = {
        **seen(browser, url),
        "form-0-intitule": "Prix", "form-0-nature": "prix", "form-0-poids": "60",
        "form-1-intitule": "Méthode", "form-1-nature": "technique", "form-1-poids": "40",
        "form-1-portee": str(lots[1].pk),
    }  # fmt: skip
    answer = browser.post(url, sent, follow=True)
    assert kept(equipe.marche) == [("Prix", None, 60), ("Méthode", 2, 40)]
    assert "Lot 1 : les poids font 60 %, il manque 40 %." in words_of(answer)
    again = lxml.html.fromstring(browser.get(url).text)
    (chosen,) = again.xpath("//select[@name='form-1-portee']/option[@selected]")
    assert chosen.text == "Lot 2\u202f: Vitres"


def test_a_marche_in_one_piece_asks_nothing_more(equipe):
    page = lxml.html.fromstring(equipe.browser().get(criteres_url(equipe.marche)).text)
    assert page.xpath("//select[contains(@name, 'portee')]") == []


def test_the_lot_of_a_criterion_is_changed_and_both_changes_are_kept(by_lot, lots):
    url = criteres_url(by_lot.marche)
    (me, mine), (they, theirs) = two(by_lot, url)
    they.post(url, {**theirs, "form-0-intitule": "Prix global"})
    assert me.post(
        url, {**mine, "form-1-portee": str(lots[1].pk), "form-2-portee": str(lots[0].pk)}
    )
    assert kept(by_lot.marche) == [
        ("Prix global", None, 60),
        ("Technique", 2, 40),
        ("Technique", 1, 40),
    ]


def test_two_who_choose_another_lot_are_shown_both(by_lot, lots):
    url = criteres_url(by_lot.marche)
    (me, mine), (they, theirs) = two(by_lot, url)
    they.post(url, {**theirs, "form-2-portee": "", "form-2-poids": "0,5", "form-1-poids": "1"})
    answer = me.post(url, {**mine, "form-2-portee": str(lots[0].pk), "form-2-poids": "0,4"})
    assert answer.status_code == 200
    assert "Une autre personne vient d’écrire «\u202fTous les lots\u202f»" in answer.text


def test_a_lot_withdrawn_meanwhile_is_no_choice(by_lot, lots):
    browser, url = by_lot.browser(), criteres_url(by_lot.marche)
    sent = seen(browser, url)
    set_lots(
        by=by_lot.gestionnaire,
        marche=by_lot.marche,
        lots=[{"id": str(lots[0].pk), "intitule": "Bureaux"}],
    )
    before = kept(by_lot.marche)
    answer = browser.post(url, sent)
    assert answer.status_code == 200
    assert "Ce lot n’est plus dans le marché" in answer.text
    assert kept(by_lot.marche) == before


def test_a_lot_withdrawn_while_the_answer_is_on_its_way_loses_nothing(by_lot, lots, monkeypatch):
    """The page offered it, the form still knows it, and the lock comes after it is gone."""
    browser, url = by_lot.browser(), criteres_url(by_lot.marche)
    sent = seen(browser, url)
    write_them, gone = views.set_criteres, []

    def withdrawn_first(**asked):
        if not gone:
            gone.append(True)
            kept_lot = {"id": str(lots[0].pk), "intitule": "Bureaux"}
            set_lots(by=by_lot.gestionnaire, marche=by_lot.marche, lots=[kept_lot])
        return write_them(**asked)

    monkeypatch.setattr(views, "set_criteres", withdrawn_first)
    answer = browser.post(url, {**sent, "form-0-intitule": "Prix global"})
    assert answer.status_code == 200
    assert "Prix global" in answer.text
    assert "Prix global" not in [intitule for intitule, *_ in kept(by_lot.marche)]


def test_every_lot_withdrawn_meanwhile_leaves_nothing_that_cannot_be_corrected(by_lot, lots):
    browser, url = by_lot.browser(), criteres_url(by_lot.marche)
    sent = {**seen(browser, url), "form-TOTAL_FORMS": "4", "form-3-portee": str(lots[0].pk)}
    sent |= {"form-3-intitule": "Délai", "form-3-nature": "technique", "form-3-poids": "10"}
    set_lots(by=by_lot.gestionnaire, marche=by_lot.marche, lots=[])
    answer = browser.post(url, sent)
    assert "choix valide" not in answer.text
    if answer.status_code != 302:
        assert "Ce lot n’est plus" not in answer.text


def test_withdrawing_a_lot_says_which_criteria_go_with_it(by_lot, lots):
    browser, url = by_lot.browser(), reverse("marches:lots_set", args=[by_lot.marche.pk])
    sent = seen(browser, url) | {"form-1-DELETE": "on"}
    page = words_of(browser.post(url, sent, follow=True))
    assert "Retirés avec leur lot, des critères d’attribution : « Technique »." in page


def test_a_lot_of_another_marche_is_refused(equipe, lots):
    (foreign, *_) = set_lots(
        by=(other := MarcheFactory()).author, marche=other, lots=[{"intitule": "Ailleurs"}]
    )
    with pytest.raises(ValidationError, match="Ce lot n’est pas de ce marché"):
        write(equipe, row("Prix", 60, foreign))
    url = criteres_url(equipe.marche)
    browser = equipe.browser()
    sent = {"form-0-intitule": "Prix", "form-0-nature": "prix", "form-0-poids": "60"}
    answer = browser.post(url, {**seen(browser, url), **sent, "form-0-portee": str(foreign.pk)})
    assert answer.status_code == 200
    assert kept(equipe.marche) == []


# ── Weights, lot by lot ─────────────────────────────────────────────────────────────────────────


def test_weights_make_a_hundred_for_each_lot_not_in_all(by_lot):
    assert sum(poids for _, _, poids in kept(by_lot.marche)) == 140
    (criteria,) = [point for point in points_of(by_lot.marche) if point.rang == 40]
    assert (criteria.fait, criteria.detail) == (True, "Les critères sont fixés.")


def test_too_much_for_one_lot_is_refused(by_lot, lots):
    before = kept(by_lot.marche)
    with pytest.raises(ValidationError) as refused:
        write(
            by_lot,
            row("Prix", 60),
            row("Technique", 40, lots[0]),
            row("Technique", "40.5", lots[1]),
        )
    (said,) = refused.value.messages
    assert said == "Lot 2\u202f: les poids font 100,5\u00a0%, c’est 0,5\u00a0% de trop."
    assert kept(by_lot.marche) == before
    url, browser = criteres_url(by_lot.marche), by_lot.browser()
    answer = browser.post(url, {**seen(browser, url), "form-2-poids": "40,5"})
    assert answer.status_code == 200
    assert "Lot 2 : les poids font 100,5 %" in words_of(answer)
    assert kept(by_lot.marche) == before


def test_the_fiche_names_the_lot_and_says_what_a_lot_lacks(by_lot, lots):
    write(by_lot, row("Prix", 60), row("Technique", 40, lots[0]), row("Technique", 30, lots[1]))
    said = words_of(by_lot.browser("observateur").get(by_lot.marche.get_absolute_url()))
    assert "Technique · Lot 1" in said
    assert "Lot 2 : les poids font 90 %, il manque 10 %." in said
    assert "Lot 1 : les poids" not in said
    (criteria,) = [point for point in points_of(by_lot.marche) if point.rang == 40]
    assert criteria.titre == "Compléter les critères"


# ── History, and a lot that goes ────────────────────────────────────────────────────────────────


def told(equipe, tag):
    """What became of each row at the last act, by its label."""
    entries = [
        entry.corps.get("details", {}) for entry in list_entries(equipe.marche.pk, action=tag)
    ]
    return next(details["changements"] for details in entries if "changements" in details)


def test_the_history_says_which_lot(by_lot, lots):
    assert told(by_lot, "marches:criteres:set")["Technique"] == {
        "avant": "",
        "après": "n°\u00a02, lot 1, Valeur technique, 40\u00a0%",
    }
    assert told(by_lot, "marches:criteres:set")["Prix"]["après"] == "n°\u00a01, Prix, 60\u00a0%"
    first, second, third = Critere.objects.filter(marche=by_lot.marche).order_by("rang")
    write(
        by_lot,
        {**row("Prix", 60, nature="prix"), "id": str(first.pk)},
        {**row("Technique", 40), "id": str(second.pk)},
    )
    changes = told(by_lot, "marches:criteres:set")
    assert changes["Technique"] == {"avant": "lot 1", "après": "tous les lots"}
    assert third.pk not in Critere.objects.filter(retire=False).values_list("pk", flat=True)
    page = by_lot.browser("gestionnaire").get(
        reverse("marches:history_read", args=[by_lot.marche.pk])
    )
    assert "de « lot 1 » à « tous les lots »" in words_of(page)


def test_criteria_go_with_their_lot(by_lot, lots):
    set_lots(
        by=by_lot.gestionnaire,
        marche=by_lot.marche,
        lots=[{"id": str(lots[1].pk), "intitule": "Vitres"}],
    )
    assert kept(by_lot.marche) == [("Prix", None, 60), ("Technique", 1, 40)]
    changes = told(by_lot, "marches:lots:set")
    assert changes["Critère «\u202fTechnique\u202f»"] == {
        "avant": "n°\u00a02, lot 1, Valeur technique, 40\u00a0%",
        "après": "",
    }


def test_the_evidence_of_criteria_by_lot_holds(equipe_durable):
    equipe = equipe_durable
    lots = set_lots(
        by=equipe.gestionnaire, marche=equipe.marche, lots=[{"intitule": "A"}, {"intitule": "B"}]
    )
    write(equipe, row("Prix", 100, lots[0]), row("Prix", 100, lots[1]))
    set_lots(by=equipe.gestionnaire, marche=equipe.marche, lots=[])
    assert kept(equipe.marche) == []
    assert verify_evidence().breaks == []


def test_a_page_of_before_is_overtaken(by_lot, lots):
    seen_rows = {
        str(critere.pk): {
            "intitule": critere.intitule,
            "portee": "",
            "nature": critere.nature,
            "poids": critere.poids,
        }
        for critere in Critere.objects.filter(marche=by_lot.marche, retire=False)
    }
    with pytest.raises(Overtaken):
        set_criteres(
            by=by_lot.gestionnaire, marche=by_lot.marche, criteres=[row("Prix", 60)], vus=seen_rows
        )
