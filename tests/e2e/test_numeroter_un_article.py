"""An article loses its number and takes it again, from the menu of the article and by the message that says it."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_deplacer_un_article import by_menu, numbers
from tests.wikimarche.views.plan import WHOLE


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
WITHOUT = "1 A, B, B1, B1a, B2, 2 C"


@pytest.fixture
def page(plan_page) -> Page:
    return plan_page


def test_an_article_loses_its_number_and_takes_it_again(page, plan):
    by_menu("Avec ou sans numéro")(page, plan, "B")
    expect(page.get_by_text("L’article est sans numéro.")).to_be_visible()
    assert numbers(page) == plan.printed == WITHOUT
    expect(page.get_by_role("toolbar", name="Écrire dans l’article sans numéro")).to_be_visible()
    page.get_by_role("button", name="Numéroter de nouveau").click()
    expect(page.get_by_text("L’article est numéroté.")).to_be_visible()
    assert numbers(page) == plan.printed == WHOLE


def test_what_an_article_without_number_holds_says_why_it_has_none(page, plan):
    by_menu("Avec ou sans numéro")(page, plan, "B")
    expect(page.get_by_text("L’article est sans numéro.")).to_be_visible()
    page.expected_errors.append("409")
    by_menu("Avec ou sans numéro")(page, plan, "B1")
    expect(page.get_by_text("qui est sans numéro")).to_be_visible()
    assert plan.printed == WITHOUT
    by_menu("Retirer l’article…")(page, plan, "B1")
    expect(page.get_by_role("dialog")).to_contain_text("Retirer l’article « B1 »")
