"""Reading a comparison: the counter, the keys, the filters and the presentation follow one another."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from frontend.harness.serveur import Serveur


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def serveur() -> Iterator[Serveur]:
    harness = Serveur()
    yield harness
    harness.close()


@pytest.fixture
def page(browser, serveur) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{serveur.url}comparer/")
    yield page
    context.close()


def wait_at(page: Page, place: Locator, least: int, most: int) -> None:
    """So far from the top of what scrolls, pane or page."""
    page.wait_for_function(
        """([place, least, most]) => {
          const top = Math.max(0, document.querySelector(".wm-centre").getBoundingClientRect().top);
          const far = place.getBoundingClientRect().top - top;
          return least <= far && far <= most; }""",
        arg=[place.element_handle(), least, most],
    )


def test_next_and_previous_with_keys_and_buttons(page):
    counter = page.locator("[data-wm-compteur]")
    expect(counter).to_have_text("Changement 1 sur 5")
    page.keyboard.press("j")
    page.keyboard.press("n")
    expect(counter).to_have_text("Changement 3 sur 5")
    wait_at(page, page.locator("#g3"), 0, 300)
    page.keyboard.press("k")
    expect(counter).to_have_text("Changement 2 sur 5")
    expect(page.locator("[data-wm-detail=g2]")).to_be_visible()
    page.get_by_role("button", name="Changement précédent").click()
    page.get_by_role("button", name="Changement précédent").click()
    expect(counter).to_have_text("Changement 5 sur 5")
    expect(page.locator(".wm-chg a[aria-current]")).to_contain_text("Article 5")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_long_article_is_opened_at_its_changed_words(page, width, height):
    """Words changed a screen below the title of their article; the list does not pull the page."""
    page.set_viewport_size({"width": width, "height": height})
    page.locator("#g3").evaluate(
        """(place) => {
          const long = document.createElement("p");
          long.style.height = "1500px";
          place.prepend(long);
        }"""
    )

    page.keyboard.press("j")
    wait_at(page, page.locator("#g2"), 60, 90)
    page.keyboard.press("j")
    wait_at(page, page.locator("#g3").locator("ins, del").first, 60, 90)


def test_filters_narrow_the_round(page):
    counter = page.locator("[data-wm-compteur]")
    page.get_by_role("button", name="Texte 3").click()
    expect(counter).to_have_text("Changement 1 sur 3")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".wm-chg a[aria-current]")).to_contain_text("Article 5")
    page.get_by_label("Auteur").select_option("herve")
    expect(counter).to_have_text("Changement 1 sur 1")
    # Typing in a list is not walking.
    page.get_by_label("Auteur").press("n")
    expect(counter).to_have_text("Changement 1 sur 1")


def test_the_presentation_is_kept(page):
    side = page.get_by_role("button", name="Côte à côte")
    side.click()
    expect(side).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator("[data-wm-comparaison]")).to_have_attribute("data-vue", "cote")
    expect(page.get_by_role("button", name="Côte à côte")).to_have_attribute("aria-pressed", "true")


def test_one_article_is_looked_at_alone(page):
    counter, articles = page.locator("[data-wm-compteur]"), page.get_by_label("Article", exact=True)
    articles.select_option(index=3)
    expect(counter).to_have_text("Changement 1 sur 1")
    expect(page.locator(".wm-chg li:visible")).to_have_count(1)
    articles.select_option(value="")
    expect(counter).to_have_text(re.compile("^Changement . sur 5$"))


def test_an_article_chosen_by_the_address_is_looked_at_alone_as_the_page_opens(page):
    wanted = (
        page.get_by_label("Article", exact=True).locator("option").nth(2).get_attribute("value")
    )
    page.goto(f"{page.url.partition('#')[0]}?article={wanted}")
    expect(page.locator("[data-wm-compteur]")).to_have_text("Changement 1 sur 1")
