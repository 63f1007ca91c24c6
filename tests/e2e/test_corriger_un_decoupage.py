"""Correcting the cutting of a document by keyboard: one stays on the button one pressed."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_rediger_a_plusieurs import write_ccap
from tests.support.equipe import make_equipe
from wikimarche.services import read_document, receive_document


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
# Pressed by somebody quicker than any timer: at the very moment it stands in the page.
PRESS_AT_ONCE = """(words) => new MutationObserver((_, watch) => {
  const button = [...document.querySelectorAll(".wm-decoupage button")].find((one) => one.innerText.includes(words));
  if (!button) return;
  watch.disconnect();
  button.focus();
  button.click();
}).observe(document.querySelector(".wm-decoupage"), { childList: true, subtree: true })"""

UNDER = """([header, bar]) => { const { bottom } = header.getBoundingClientRect(), box = bar.getBoundingClientRect();
  return bottom <= box.top && box.top < bottom + 2 && box.height < 110; }"""
"""Whether the bar, on a line or two, stands against the header."""


@pytest.fixture
def decoupage(open_as, settings) -> Page:
    """The page of a cutting to correct, opened by an éditeur."""
    settings.DEMO = False
    equipe = make_equipe()
    importation, _ = receive_document(
        by=equipe.gestionnaire, piece=equipe.piece, content=write_ccap(), nom="CCAP.docx"
    )
    read_document(by=equipe.gestionnaire, importation=importation)
    return open_as(equipe.person(), f"/importations/{importation.pk}/")


def test_a_button_pressed_as_soon_as_it_is_seen_stays_under_the_keyboard(decoupage):
    """The page is not read again: a form just arrived is already a fragment’s."""
    page = decoupage
    page.evaluate("window.same = true")
    page.evaluate(PRESS_AT_ONCE, "Remonter d’un niveau")
    row = page.locator(".wm-decoupage > li").nth(1)
    row.locator("summary").click()
    expect(page.locator("#decoupage-numero")).to_have_value("2")
    expect(row.get_by_role("button", name="Remonter d’un niveau")).to_be_focused()
    assert page.evaluate("window.same") is True


def test_the_same_correction_goes_on_with_the_same_key(decoupage):
    page = decoupage
    row = page.locator(".wm-decoupage > li").nth(1)
    row.locator("summary").click()
    up = row.get_by_role("button", name="Remonter d’un niveau")
    down = row.get_by_role("button", name="Mettre en retrait d’un niveau")
    down.focus()
    for numero, button in ((2, up), (3, down), (4, up), (5, down)):
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#decoupage-numero")).to_have_value(str(numero))
        expect(button).to_be_focused()


def test_what_is_cut_off_asks_for_its_title(decoupage):
    page = decoupage
    rows = page.locator(".wm-decoupage > li")
    rows.nth(1).locator("summary").click()
    rows.nth(1).get_by_role("button", name="Fusionner avec l’article précédent").click()
    expect(page.locator("#decoupage-numero")).to_have_value("2")
    page.get_by_role("button", name="Scinder ici").first.click()
    expect(page.locator("#decoupage-numero")).to_have_value("3")
    expect(rows.nth(1).get_by_role("textbox", name="Titre")).to_be_focused()


def test_a_cut_by_keyboard_leads_to_the_new_article_in_sight(decoupage):
    page = decoupage
    rows = page.locator(".wm-decoupage > li")
    last = rows.count() - 1
    rows.nth(last).locator("summary").focus()
    page.keyboard.press("Enter")
    join = rows.nth(last).get_by_role("button", name="Fusionner avec l’article précédent")
    join.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#decoupage-numero")).to_have_value("2")
    expect(rows.nth(last - 1).locator("summary")).to_be_focused()
    cut = rows.nth(last - 1).get_by_role("button", name="Scinder ici").last
    cut.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#decoupage-numero")).to_have_value("3")
    title = rows.nth(last).get_by_role("textbox", name="Titre")
    expect(title).to_be_focused()
    expect(title).to_be_in_viewport()


COVERED = """(field) => {
  const { left, top, width, height } = field.getBoundingClientRect();
  return !field.contains(document.elementFromPoint(left + width / 2, top + height / 2)); }"""


@pytest.mark.parametrize("width", [1280, 390])
def test_a_cut_in_a_row_just_opened_leads_to_its_title_and_nothing_hides_it(decoupage, width):
    """What was read from the server a moment ago answers elsewhere than a row that a correction wrote."""
    page = decoupage
    page.set_viewport_size({"width": width, "height": 500})
    rows = page.locator(".wm-decoupage > li")
    rows.nth(1).locator("summary").click()
    rows.nth(1).get_by_role("button", name="Fusionner avec l’article précédent").click()
    expect(page.locator("#decoupage-numero")).to_have_value("2")
    page.reload()
    rows.nth(0).locator("summary").click()
    rows.nth(0).get_by_role("button", name="Scinder ici").first.click()
    expect(page.locator("#decoupage-numero")).to_have_value("3")
    title = rows.nth(1).get_by_role("textbox", name="Titre")
    expect(title).to_be_focused()
    expect(title).to_have_accessible_description(
        "Un nouvel article commence ici\u202f: donnez-lui son titre."
    )
    assert not title.evaluate(COVERED)


def test_what_a_script_drew_on_a_part_that_is_replaced_is_not_copied_as_an_inline_style(decoupage):
    """The policy of the site refuses one: `decoupage` fails on what the console says of it."""
    page = decoupage
    row = page.locator(".wm-decoupage > li").nth(1)
    row.locator("summary").click()
    expect(row.get_by_role("button", name="Remonter d’un niveau")).to_be_visible()
    page.evaluate("for (const one of document.querySelectorAll('main [id]')) one.style.order = 0")
    row.get_by_role("button", name="Remonter d’un niveau").click()
    expect(page.locator("#decoupage-numero")).to_have_value("2")


@pytest.mark.parametrize(
    ("width", "stays"),
    [(1280, "#decoupage-tete"), (390, "form:has(#decoupage-annuler)")],
)
def test_what_takes_back_a_correction_stays_in_sight_under_the_header(decoupage, width, stays):
    page = decoupage
    page.set_viewport_size({"width": width, "height": 844})
    page.locator(".wm-decoupage > li").nth(1).locator("summary").click()
    up = page.get_by_role("button", name="Remonter d’un niveau")
    up.click()
    expect(page.locator("#decoupage-numero")).to_have_value("2")
    expect(up).to_be_focused()
    page.evaluate("document.querySelector('#decoupage').style.minHeight = '4000px'")
    page.evaluate("scrollTo(0, 1200)")
    bar, header = page.locator(stays), page.locator(".wm-bandeau")
    undo = bar.get_by_role("button", name="Annuler la dernière correction")
    expect(undo).to_be_in_viewport(ratio=1)
    page.wait_for_function(UNDER, arg=[header.element_handle(), bar.element_handle()])
    undo.click()
    expect(page.locator("#decoupage-numero")).to_have_value("3")


def test_a_cut_before_other_articles_leads_to_the_title_and_is_said(decoupage):
    page = decoupage
    rows = page.locator(".wm-decoupage > li")
    said = page.locator("#decoupage-dit")
    expect(said).to_have_role("status")
    rows.nth(1).locator("summary").focus()
    page.keyboard.press("Enter")
    rows.nth(1).get_by_role("button", name="Fusionner avec l’article précédent").focus()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("fusionné")
    expect(rows.nth(0).locator("summary")).to_be_focused()
    rows.nth(0).get_by_role("button", name="Scinder ici").first.focus()
    page.keyboard.press("Enter")
    title = rows.nth(1).get_by_role("textbox", name="Titre")
    expect(title).to_be_focused()
    expect(title).to_be_in_viewport()
    expect(said).to_have_text("Un nouvel article commence ici : donnez-lui son titre.")
    page.get_by_role("button", name="Annuler la dernière correction").press("Enter")
    expect(said).to_have_text("La dernière correction est annulée.")
