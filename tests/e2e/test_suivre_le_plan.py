"""An open page follows the plan that others change, even when it cannot be read at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.client import give_session
from tests.support.outage import intercept
from tests.wikimarche.factories import ArticleFactory


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def open_piece(new_page, live_server_url, equipe):
    def open_one(role: str) -> Page:
        page = new_page()
        give_session(page, live_server_url, equipe.person(role))
        page.goto(equipe.piece.get_absolute_url())
        return page

    return open_one


@pytest.mark.parametrize("role", ["editeur", "observateur"])
def test_a_plan_that_could_not_be_read_is_read_again(open_piece, equipe, role):
    page = open_piece(role)
    page.expected_errors.append("503")
    refused = []

    def refuse_once(route):
        if refused:
            return route.continue_()
        refused.append(route.request.url)
        return route.fulfill(status=503, body="")

    intercept(page, "**/plan/", refuse_once)
    ArticleFactory(piece=equipe.piece, titre="Pénalités")
    expect(page.locator("[data-wm-article]")).to_have_count(3, timeout=20_000)
    assert refused
    expect(page.locator("[data-wm-sommaire]")).to_contain_text("Pénalités")


def test_the_ring_of_an_entry_is_seen_on_its_four_sides(open_piece):
    page = open_piece("observateur")
    entry = page.locator("[data-wm-sommaire] a").first
    page.keyboard.press("Tab")
    entry.focus()
    cut = entry.evaluate(
        """(one) => { const ring = getComputedStyle(one), column = one.closest(".offcanvas-body, .wm-volet").getBoundingClientRect();
        const box = one.getBoundingClientRect(), wide = parseFloat(ring.outlineOffset) + parseFloat(ring.outlineWidth);
        return { style: ring.outlineStyle, right: box.right + wide - column.right, left: column.left - box.left + wide }; }"""
    )
    assert cut["style"] == "solid"
    assert cut["right"] <= 0
    assert cut["left"] <= 0
