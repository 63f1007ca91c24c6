"""The panel of comments follows the text of an open page: the number of an article, words that are gone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_commenter import choose, comment, open_piece  # noqa: F401 (a fixture)
from tests.e2e.test_rediger_a_plusieurs import enter
from tests.wikimarche.factories import ArticleFactory
from wikimarche.services import retire_article


pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def page(open_piece, equipe):  # noqa: F811
    """Words of the second article are commented."""
    page = open_piece(equipe.person("commentateur"))
    choose(page, equipe.second, "Les prix")
    comment(page, "Lesquels ?")
    expect(page.locator("[data-wm-fil] .lieu")).to_have_text("art. 2")
    return page


def test_a_thread_follows_the_number_of_its_article(page, equipe):
    retire_article(by=equipe.gestionnaire, article=equipe.article, motif="Dit ailleurs.")
    expect(page.locator("[data-wm-fil] .lieu")).to_have_text("art. 1", timeout=15_000)


def test_a_thread_says_that_its_words_are_gone_and_back(page, open_piece, equipe):  # noqa: F811
    writer = open_piece(equipe.person())
    enter(writer, str(equipe.second.pk))
    choose(writer, equipe.second, "Les prix sont fermes")
    writer.keyboard.press("Delete")
    for one in (page, writer):
        expect(one.locator("[data-wm-fil]")).to_contain_text(
            "Ce passage n’est plus dans le texte", timeout=15_000
        )
    writer.keyboard.press("Control+z")
    for one in (page, writer):
        expect(one.locator("[data-wm-fil]")).not_to_contain_text("n’est plus", timeout=15_000)


def test_the_panel_is_read_no_more_than_it_needs(page, equipe):
    # What her own comment makes the page ask is asked before.
    for _ in range(2):
        with page.expect_response("**/nouveautes/**"):
            pass
    asked = []
    page.on("request", lambda one: "/commentaires/" in one.url and asked.append(one.url))
    ArticleFactory(piece=equipe.piece, titre="Pénalités")
    expect(page.locator("[data-wm-document]")).to_contain_text("Pénalités", timeout=15_000)
    page.wait_for_timeout(4000)
    assert asked == []
