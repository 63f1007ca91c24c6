"""Words of a comment being written: sent once, kept until then whatever becomes of the page."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_commenter import choose, comment, equipe, open_piece  # noqa: F401 (fixtures)
from wikimarche.models import Commentaire, Fil


pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def page(open_piece, equipe) -> Page:  # noqa: F811
    """Who moderates has opened a thread, and stands before it."""
    page = open_piece(equipe.person("moderateur"))
    choose(page, equipe.article, "trente jours")
    comment(page, "Trente ?")
    return page


def answer(page: Page):
    return page.locator("[data-wm-fil]").get_by_label("Votre réponse")


def said() -> list[str]:
    return list(Commentaire.objects.order_by("instant").values_list("texte", flat=True))


def test_an_answer_sent_is_said_once(page):
    answer(page).fill("Oui, trente.")
    page.get_by_role("button", name="Répondre", exact=True).click()
    expect(page.locator("[data-wm-fil] .reponse")).to_contain_text("Oui, trente.")
    expect(answer(page)).to_have_value("")
    page.get_by_role("button", name="Résoudre").click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("Résolu")
    assert said() == ["Trente ?", "Oui, trente.", ""]


def test_words_corrected_and_reasons_given_are_left_behind(page):
    page.locator("summary", has_text="Corriger").click()
    page.locator("textarea[id^=corrige-]").fill("Trente, ou soixante ?")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("corrigé")
    expect(page.locator("textarea[id^=corrige-]")).to_be_hidden()
    page.locator("summary", has_text="Ne plus citer").click()
    page.get_by_label("Pourquoi", exact=True).fill("Trop long.")
    page.get_by_role("button", name="Retirer le passage").click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("Passage retiré")
    expect(page.locator("input[name=motif]")).to_have_value("")
    page.locator("summary", has_text="Masquer").click()
    page.locator("input[id^=masque-]").fill("Hors sujet.")
    page.locator("[data-wm-fil] form").get_by_role("button", name="Masquer").click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("Motif : Hors sujet.")
    expect(page.locator("input[name=motif]")).to_have_count(0)
    assert Fil.objects.get().citation == "Passage retiré"


def test_an_answer_that_was_refused_keeps_its_words(page):
    page.expected_errors.append("503")
    page.route("**/repondre/", lambda route: route.fulfill(status=503, body=""))
    answer(page).fill("Oui, trente.")
    page.get_by_role("button", name="Répondre", exact=True).click()
    expect(page.locator(".wm-message.e-rouge")).to_be_visible()
    expect(answer(page)).to_have_value("Oui, trente.")
    page.unroute("**/repondre/")
    page.get_by_role("button", name="Répondre", exact=True).click()
    expect(answer(page)).to_have_value("")
    assert said() == ["Trente ?", "Oui, trente."]


def test_words_typed_while_the_answer_leaves_stay(page):
    page.route("**/repondre/", lambda route: (page.wait_for_timeout(500), route.continue_()))
    answer(page).fill("Oui, trente.")
    page.get_by_role("button", name="Répondre", exact=True).click()
    answer(page).press_sequentially(" Et puis")
    expect(page.locator("[data-wm-fil] .reponse")).to_contain_text("Oui, trente.")
    expect(answer(page)).to_have_value(" Et puis")
    assert said() == ["Trente ?", "Oui, trente."]
