"""Cutting an article in two and joining both again, by the keyboard alone, on the real site."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_rediger_a_plusieurs import SETTLED, enter
from tests.support.client import give_session
from tests.support.equipe import text_of
from tests.wikimarche.domain.factories import doc, p, texte
from tests.wikimarche.factories import ArticleFactory
from wikimarche.models import Article


pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
DATUM = {"type": "variable", "attrs": {"chemin": "marche.objet"}}

NAME = """() => { const { activeElement: one } = document;
  return one.getAttribute("aria-label") ?? one.innerText.trim(); }"""
"""Name of what has the keyboard."""
AT_HEAD = """() => {
  const { $from } = document.querySelector("[data-wm-piece]").wmPage.current.seance.state.selection;
  return $from.index(0) === 1 && $from.parentOffset === 0; }"""
"""Whether the cursor is at the head of the second block."""


@pytest.fixture
def duree(equipe) -> Article:
    """Two paragraphs, the second with a datum of the fiche and a cross-reference."""
    renvoi = {"type": "renvoi", "attrs": {"article": str(equipe.second.pk)}}
    return ArticleFactory(
        piece=equipe.piece,
        titre="Durée",
        corps=doc(
            p("Le marché part de sa notification.", id="aaaaaaaa"),
            p(texte("Il porte sur "), DATUM, texte(", voir "), renvoi, texte("."), id="bbbbbbbb"),
        ),
    )


@pytest.fixture
def page(new_page, live_server_url, equipe, duree) -> Page:
    opened = new_page()
    give_session(opened, live_server_url, equipe.person())
    opened.goto(equipe.piece.get_absolute_url())
    return opened


def choose_tool(page: Page, tool: str, words: str = "") -> None:
    """From the text to a tool of the bar, then to an entry of its menu, and Enter."""
    page.keyboard.press("Alt+F10")
    for key, name in (("ArrowRight", tool), ("ArrowDown", words)):
        if not name:
            return
        for _ in range(40):
            if page.evaluate(NAME).startswith(name):
                break
            page.keyboard.press(key)
        assert page.evaluate(NAME).startswith(name)
        page.keyboard.press("Enter")


def settle(page: Page) -> None:
    page.wait_for_function(SETTLED)


def lines(article: Article) -> list[str]:
    return text_of(article).split("\n")


def test_one_goes_on_where_both_texts_meet_and_nothing_blank_is_left(page, equipe, duree):
    enter(page, str(duree.pk))
    page.keyboard.press("Control+Home")
    page.keyboard.type("Ici, ")
    settle(page)
    page.keyboard.press("Control+End")
    page.keyboard.press("Home")
    page.wait_for_function(AT_HEAD)
    choose_tool(page, "Article", "Scinder ici")
    titre = page.locator("[data-wm-titre][contenteditable]")
    expect(titre).to_be_focused()
    page.keyboard.type("Objet")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wm-ecrit .ProseMirror-focused")
    settle(page)
    assert lines(duree) == ["Ici, Le marché part de sa notification."]
    new = Article.objects.get(piece=equipe.piece, titre="Objet")
    assert len(lines(new)) == 1
    choose_tool(page, "Article", "Fusionner")
    page.wait_for_selector(f"#a-{duree.pk}.wm-ecrit .ProseMirror-focused")
    page.keyboard.type("ICI ")
    settle(page)
    assert lines(duree)[:2] == ["Ici, Le marché part de sa notification.", "Objet"]
    assert lines(duree)[2].startswith("ICI Il porte sur ")
    assert len(lines(duree)) == 3
