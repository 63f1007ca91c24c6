"""While one types, the pièce freezes, or one leaves the marché: said once and truly, the words kept to copy."""

import re

import pytest
from playwright.sync_api import Page, expect

from procurement.marches.services import end_participation
from tests.e2e.test_rediger_a_plusieurs import enter
from tests.support.outage import intercept
from wikimarche.services import withdraw_piece


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
TOASTS = ".wm-message p"
HEAR = """document.addEventListener("wm:message", ({ detail }) =>
  sessionStorage.setItem("dits", `${sessionStorage.getItem("dits") ?? ""}|${detail.texte}`))"""
LOST = "Vous n’avez plus accès à cette pièce."


@pytest.fixture
def page(open_as, equipe) -> Page:
    """An éditeur, at the end of the first article."""
    opened = open_as(equipe.person(), equipe.piece.get_absolute_url())
    opened.expected_errors.extend(["403", "404", "409"])
    enter(opened, str(equipe.article.pk))
    return opened


@pytest.fixture(params=["by a save", "by a question"])
def heard(request, page) -> str:
    """How the page hears of it first: the other way takes its time."""
    slow = re.compile("/nouveautes/" if request.param == "by a save" else "/commits/")
    intercept(page, slow, lambda route: (page.wait_for_timeout(1500), route.continue_()))
    return request.param


def test_a_piece_frozen_while_one_types(page, equipe, heard):
    """Nothing is said before the page turns to reading, which says it. The words arrive as one: no key is struck after that."""
    page.evaluate(HEAR)
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    page.keyboard.insert_text(" toujours")
    expect(page.locator(".wm-lecture")).to_contain_text("son texte est figé", timeout=15_000)
    expect(page.locator(TOASTS)).to_have_count(1)
    expect(page.locator(TOASTS)).to_contain_text("son texte est figé")
    expect(page.locator(".wm-ecarte blockquote")).to_have_text(["toujours"])
    expect(page.get_by_role("button", name="Remettre")).to_have_count(0)
    assert page.evaluate("sessionStorage.getItem('dits')") is None


def test_a_person_who_leaves_the_marche_while_she_types(page, equipe, heard):
    """No page could be read again: this one stays, and nothing serves to write in it."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("window.same = true")
    mine = equipe.participation(equipe.person())
    end_participation(by=equipe.gestionnaire, participation=mine)
    page.keyboard.insert_text(" toujours")
    expect(page.locator(".wm-lecture")).to_contain_text(LOST, timeout=15_000)
    expect(page.locator(TOASTS)).to_have_count(1)
    expect(page.locator(TOASTS)).to_contain_text(LOST)
    expect(page.locator(".wm-ecarte blockquote")).to_have_text(["toujours"])
    expect(page.locator(".wm-ecarte .note")).to_contain_text(LOST)
    expect(page.locator(".wm-ecarte")).to_be_focused()
    for gone in ("Remettre", "Article", "Écrire dans l’article 1", "Envoyer en relecture"):
        expect(page.get_by_role("button", name=gone, exact=True)).to_have_count(0)
    expect(page.locator("[data-wm-barre]")).to_have_count(0)
    page.locator(f"#a-{equipe.article.pk} [data-wm-corps]").click()
    expect(page.locator(".wm-ecrit")).to_have_count(0)
    page.get_by_role("button", name="Copier").click()
    expect(page.get_by_text("Texte copié.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "toujours"
    assert page.evaluate("window.same") is True


def test_a_reader_who_leaves_the_marche_is_told(open_as, equipe):
    reader = equipe.person("observateur")
    page = open_as(reader, equipe.piece.get_absolute_url())
    page.expected_errors.append("404")
    expect(page.locator(".wm-lecture")).to_contain_text("Vous lisez cette pièce")
    end_participation(by=equipe.gestionnaire, participation=equipe.participation(reader))
    expect(page.locator(".wm-lecture")).to_have_text(LOST, timeout=15_000)
    expect(page.locator(TOASTS)).to_have_text([LOST])
