"""The whole path without a mouse: nothing keeps the keyboard, nothing loses it.

Each Tab goes on to something else, and no act leaves the focus nowhere: a page read anew begins at
its beginning, a page that changes keeps the keyboard where one acted.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from procurement.marches.models import Marche
from tests.e2e.test_rediger_a_plusieurs import (  # noqa: F401 (fixtures)
    live_server_process,
    outbox,
    people,
    say,
    settle,
    sign_in,
    worker,
    write_ccap,
)


pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WHERE = """() => { const one = document.activeElement;
  return [one.tagName, one.getAttribute("aria-label") ?? one.labels?.[0]?.innerText ?? (one.matches("a, button, summary") ? one.innerText : "")].join(" ").replace(/\\s+/g, " "); }"""
HELD = "() => document.activeElement !== document.body"


def go_to(page: Page, words: str, *, most: int = 200) -> None:
    """Press Tab until what has the focus says these words."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(WHERE))
        if words in seen[-1].replace("\u202f", " ").replace("\u00a0", " "):
            return
        assert seen[-3:] != [seen[-1]] * 3 or seen[-1].startswith("BODY"), f"trapped in {seen[-1]}"
    raise AssertionError(f"The keyboard does not reach « {words} »: {seen[-most:]}")


def press(page: Page, words: str, key: str = "Enter") -> None:
    go_to(page, words)
    page.keyboard.press(key)


def follow(page: Page, words: str) -> None:
    """Go to a link or a button that opens another page."""
    go_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def assert_held(page: Page) -> None:
    """Wherever one acted: on what was put in its place."""
    page.wait_for_function(HELD)


def test_the_whole_path_with_the_keyboard_alone(
    new_page,
    people,  # noqa: F811
    worker,  # noqa: F811
    cloned_database,
    tmp_path,
):
    page = new_page()
    sign_in(page, people["nadia"])
    follow(page, "Ouvrir un marché")
    go_to(page, "Qu’achetez-vous")
    page.keyboard.type("Entretien des espaces verts")
    follow(page, "Ouvrir le marché")
    say(page, "Le marché est ouvert")

    follow(page, "Modifier la fiche")
    go_to(page, "Durée")
    page.keyboard.type("48")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    say(page, "La fiche est à jour")
    assert Marche.objects.get().duree_mois == 48

    follow(page, "Ajouter une pièce")
    go_to(page, "Type de pièce")
    page.keyboard.type("CCAP")
    follow(page, "Ajouter la pièce")
    say(page, "La pièce est créée")
    follow(page, "Importer un document")
    bring_in(page, tmp_path)
    correct(page)
    follow(page, "Mettre")
    say(page, "Le document est dans la pièce")

    write(page)
    compare_and_restore(page)
    export(page)


def bring_in(page, tmp_path):
    document = tmp_path / "CCAP.docx"
    document.write_bytes(write_ccap())
    page.wait_for_url("**/importer/")
    field = page.locator("input[type=file]")
    # Asked for before the first key: what opens is heard, however long the browser takes to hand its dialogues over.
    with page.expect_file_chooser(timeout=60_000) as chooser:
        for _ in range(60):
            page.keyboard.press("Tab")
            if field.evaluate("(one) => one === document.activeElement"):
                break
        expect(field).to_be_focused()
        page.keyboard.press("Enter")
    chooser.value.set_files(document)
    follow(page, "Lire le document")
    page.wait_for_url("**/importations/**")
    expect(page.locator(".wm-decoupage")).to_be_visible(timeout=90_000)


def correct(page):
    """Open a row, raise it, lower it, join it to the one before, take all three back."""
    rows = page.locator(".wm-decoupage > li")
    count, numero = rows.count(), page.locator("#decoupage-numero")
    press(page, "Forme du marché")
    expect(rows.nth(1).get_by_role("button", name="Renommer")).to_be_visible()
    press(page, "Remonter d’un niveau")
    expect(numero).to_have_value("2")
    expect(rows.nth(1).get_by_role("button", name="Remonter d’un niveau")).to_be_focused()
    press(page, "Mettre en retrait d’un niveau")
    expect(numero).to_have_value("3")
    expect(rows.nth(1).get_by_role("button", name="Mettre en retrait d’un niveau")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(count - 1)
    expect(rows.nth(0).locator("summary")).to_be_focused()
    for left in (5, 6, 7):
        go_to(page, "Annuler la dernière correction")
        page.keyboard.press("Enter")
        expect(numero).to_have_value(str(left))
        assert_held(page)
    expect(rows).to_have_count(count)


def write(page):
    """Words, then a table from the menu of the tools, written in and left."""
    page.wait_for_selector("[data-wm-ecrire]", state="attached")
    press(page, "Écrire dans l’article 1")
    page.wait_for_selector(".wm-ecrit .ProseMirror-focused")
    page.keyboard.type(" Écrit sans souris.")
    page.keyboard.press("Alt+F10")
    for _ in range(30):
        if "Tableau" in page.evaluate(WHERE):
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    entry = page.get_by_role("button", name="Insérer un tableau")
    expect(entry).to_be_visible()
    for _ in range(5):
        if entry.evaluate("(one) => one === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    expect(entry).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".ProseMirror table")).to_be_visible()
    page.wait_for_selector(".wm-ecrit .ProseMirror-focused")
    page.keyboard.type("Lieu")
    page.keyboard.press("Tab")
    page.keyboard.type("Surface")
    cells = page.locator(".ProseMirror :is(td, th)")
    expect(cells.nth(0)).to_have_text("Lieu")
    expect(cells.nth(1)).to_have_text("Surface")
    settle(page)
    page.keyboard.press("Escape")
    expect(page.locator("[data-wm-ecrire]").first).to_be_focused()


def compare_and_restore(page):
    page.keyboard.press("Control+Home")
    follow(page, "Comparer")
    page.wait_for_url("**/comparer/**")
    expect(page.locator("[data-wm-compteur]")).to_contain_text("Changement 1 sur")
    press(page, "Changement suivant")
    press(page, "Restaurer cet article")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_function("() => document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Restaurer cet article").first).to_be_focused()
    page.keyboard.press("Enter")
    follow(page, "Restaurer l’article")
    say(page, "rien n’est effacé")
    page.wait_for_url(re.compile(r"/pieces/[^/]+/(#.*)?$"))
    expect(page.locator("[data-wm-article]").first).not_to_contain_text("sans souris")


def export(page):
    go_to(page, "Historique")
    for _ in range(60):
        if page.evaluate("document.activeElement.getAttribute('role') === 'tab'"):
            break
        page.keyboard.press("Tab")
    for name in ("Historique", "Exporter"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_be_focused()
    follow(page, "Préparer le fichier")
    page.wait_for_url("**/travaux/**")
    expect(page.get_by_role("link", name="Télécharger")).to_be_visible(timeout=120_000)
    go_to(page, "Télécharger")
    with page.expect_download():
        page.keyboard.press("Enter")
