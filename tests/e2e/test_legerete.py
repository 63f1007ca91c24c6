"""What a page weighs, and whether it moves under the eyes: the budgets of the interface."""

import gzip

import pytest
from playwright.sync_api import Page, expect

from tests.support.client import give_session
from tests.support.fils import comment_on
from tests.wikimarche.factories import type_words


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SCRIPTS, STYLES = 150_000, 60_000
"""Bytes once compressed: of scripts outside the editor, of style sheets."""
MOVED = 0.02
"""Share of the window that may move without a gesture; what one sees as still is under 0.1."""
WATCH = """window.moved = 0; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.moved += one.value;
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture
def page(new_page, live_server_url, equipe) -> Page:
    opened = new_page()
    give_session(opened, live_server_url, equipe.person())
    return opened


def weigh(page: Page, path: str) -> dict[str, int]:
    """Bytes of what a page asks for, compressed, by kind; the editor apart."""
    found: dict[str, int] = {}
    heard = []
    # A method of a list is not a listener that Playwright can take back.
    page.on("response", lambda answer: heard.append(answer))  # noqa: PLW0108
    page.goto(path)
    page.wait_for_load_state("networkidle")
    for answer in heard:
        kind = answer.request.resource_type
        if "editor" in answer.url.rpartition("/")[2]:
            kind = "editor"
        if kind in ("script", "stylesheet", "editor"):
            found[kind] = found.get(kind, 0) + len(gzip.compress(answer.body()))
    return found


def test_a_page_weighs_no_more_than_its_budget(page, equipe):
    for path in ("/", equipe.marche.get_absolute_url(), equipe.piece.get_absolute_url()):
        weight = weigh(page, path)
        assert 0 < weight["script"] <= SCRIPTS, (path, weight)
        assert 0 < weight["stylesheet"] <= STYLES, (path, weight)


def test_nothing_moves_when_what_others_do_arrives(page, equipe):
    page.add_init_script(WATCH)
    page.goto(equipe.piece.get_absolute_url())
    page.wait_for_selector("[data-wm-fils]")
    type_words(equipe.gestionnaire, equipe.article, "Mot ")
    comment_on(equipe.browser("commentateur"), equipe.second)
    expect(page.locator(f"#a-{equipe.article.pk}")).to_contain_text("Mot", timeout=15_000)
    expect(page.locator("[data-wm-fil]")).to_have_count(1, timeout=15_000)
    assert page.evaluate("window.moved") <= MOVED


def test_the_judge_sees_what_moves(page, equipe):
    page.add_init_script(WATCH)
    page.goto(equipe.piece.get_absolute_url())
    page.evaluate(
        """() => { const gap = document.createElement("div"); gap.style.height = "200px";
        document.querySelector("[data-wm-document]").prepend(gap); }"""
    )
    page.wait_for_function(f"() => window.moved > {MOVED}")
