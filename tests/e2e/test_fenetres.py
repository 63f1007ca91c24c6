"""Windows opened while one writes, by the keyboard alone: accessible, closed by Escape, and one is back in the text."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.test_au_clavier_seul import HELD
from tests.e2e.test_couper_et_joindre import choose_tool
from tests.e2e.test_rediger_a_plusieurs import SETTLED, enter
from tests.e2e.test_tous_les_ecrans import JUDGE, OPTIONS
from tests.support.client import give_session
from tests.support.fils import comment_on
from wikimarche.models import Article


pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
WINDOWS = {
    "comment": ("Commenter les mots choisis", ""),
    "retire": ("Article", "Retirer l’article"),
    "link": ("Texte", "Lien"),
    "note": ("Note de bas de page", ""),
    "reference": ("Renvoi vers un article", ""),
    "datum": ("Donnée de la fiche", ""),
}


@pytest.fixture
def page(new_page, live_server_url, equipe) -> Page:
    opened = new_page(reduced_motion="reduce")
    give_session(opened, live_server_url, equipe.person())
    opened.goto(equipe.piece.get_absolute_url())
    return opened


def judge(page: Page) -> list[str]:
    """What is wrong with the page as it stands, light and dark, on a desk and on a narrow phone."""
    faults = []
    for theme, width in (("light", 1280), ("dark", 1280), ("light", 320)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page, options=OPTIONS).response["violations"]
        faults += [f"{theme} {width}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]
    page.set_viewport_size({"width": 1280, "height": 800})
    return faults


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_is_accessible_and_gives_the_keyboard_back(page, equipe, window):
    enter(page, str(equipe.article.pk))
    page.keyboard.press("Control+a")
    page.wait_for_function("() => !getSelection().isCollapsed")
    choose_tool(page, *WINDOWS[window])
    expect(page.locator("dialog[open]")).to_be_visible()
    page.wait_for_function("() => document.activeElement.closest('dialog[open]') !== null")
    assert judge(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.wait_for_function(HELD)


def test_the_panel_with_an_answer_being_written_is_accessible(page, equipe):
    comment_on(equipe.browser("commentateur"), equipe.article)
    page.goto(equipe.piece.get_absolute_url())
    page.locator("[data-wm-fil] textarea").first.focus()
    page.keyboard.type("Oui, trente.")
    for summary in page.locator("[data-wm-fil] summary").all():
        summary.evaluate("(one) => one.parentElement.setAttribute('open', '')")
    assert judge(page) == []
    assert page.evaluate(JUDGE) == []


def test_an_article_is_added_then_retired_by_the_keyboard_alone(page, equipe):
    enter(page, str(equipe.article.pk))
    choose_tool(page, "Article", "Ajouter un article après")
    expect(page.locator("[data-wm-titre][contenteditable]")).to_be_focused()
    page.keyboard.type("Pénalités")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wm-ecrit .ProseMirror-focused")
    page.wait_for_function(SETTLED)
    new = Article.objects.get(piece=equipe.piece, titre="Pénalités")
    choose_tool(page, "Article", "Retirer l’article")
    page.locator("dialog[open] input, dialog[open] textarea").first.wait_for()
    page.keyboard.type("Doublon")
    page.keyboard.press("Enter")
    expect(page.locator(f"#a-{new.pk}")).to_have_count(0)
    new.refresh_from_db()
    assert new.motif_retrait == "Doublon"
    page.wait_for_function(HELD)
