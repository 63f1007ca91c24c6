"""By the keyboard alone: name a version, go back to it, invite somebody with a role, verify that nothing was altered."""

import re

import pytest
from playwright.sync_api import Page, expect

from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Invitation
from procurement.marches.services import share_marche
from tests.e2e.test_au_clavier_seul import assert_held, follow, go_to, press
from tests.e2e.test_rediger_a_plusieurs import say
from tests.support.equipe import Equipe, make_equipe, text_of
from tests.wikimarche.factories import type_words
from wikimarche.models import Version


pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def site_options() -> dict[str, str]:
    """Without second factor: who manages or verifies would meet its page first."""
    return {"DEMO": "on"}


@pytest.fixture
def equipe(live_server_url, settings) -> Equipe:
    settings.DEMO = True
    return make_equipe()


def go_to_tab(page: Page, name: str) -> None:
    """One stop for all the tabs of a panel; the arrows go from one to the next."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role') === 'tab'"):
            break
    tab = page.get_by_role("tab", name=name)
    for _ in range(6):
        if tab.evaluate("(one) => one === document.activeElement"):
            break
        page.keyboard.press("ArrowRight")
    expect(tab).to_be_focused()
    expect(tab).to_have_attribute("aria-selected", "true")


def slide(page: Page, key: str, numero: int) -> None:
    """Move the first handle of the timeline until it is on a version: the page compares from there."""
    handle = page.get_by_role("slider", name="Avant")
    for _ in range(60):
        page.keyboard.press("Tab")
        if handle.evaluate("(one) => one === document.activeElement"):
            break
    expect(handle).to_be_focused()
    with page.expect_navigation(url=re.compile(rf"[?&]de={numero}(&|$)")):
        for _ in range(numero):
            page.keyboard.press(key)
            if handle.get_attribute("aria-valuenow") == str(numero):
                break
    expect(handle).to_have_attribute("aria-valuenow", str(numero))


def test_a_version_is_named_then_compared_and_one_goes_back_to_it(open_as, equipe):
    page = open_as(equipe.person(), equipe.piece.get_absolute_url())
    go_to_tab(page, "Historique")
    follow(page, "Toutes les versions")
    go_to(page, "Nom de la version")
    page.keyboard.type("Envoi aux directions")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    say(page, "Envoi aux directions")
    named = Version.objects.get(piece=equipe.piece, nom="Envoi aux directions")

    type_words(equipe.gestionnaire, equipe.article, "Ici, ")
    follow(page, "Comparer")
    expect(page.locator("h1")).to_contain_text("Envoi aux directions")
    expect(page.locator("[data-wm-compteur]")).to_have_text("Changement 1 sur 1")
    expect(page.locator("ins").first).to_contain_text("Ici,")
    slide(page, "Home", 1)
    expect(page.locator("h1")).to_contain_text("de la version 1 à la")
    slide(page, "ArrowRight", named.numero)
    expect(page.locator("h1")).to_contain_text("Envoi aux directions")

    press(page, f"Restaurer la version {named.numero}")
    expect(page.get_by_role("dialog")).to_be_visible()
    follow(page, "Restaurer la pièce")
    say(page, "rien n’est effacé")
    assert text_of(equipe.article) == "Le délai est de trente jours."


def test_somebody_is_invited_with_a_role(open_as, equipe):
    page = open_as(equipe.gestionnaire, equipe.marche.get_absolute_url())
    follow(page, "Inviter")
    go_to(page, "Adresse électronique")
    page.keyboard.type("absente@test.example")
    page.keyboard.press("Tab")
    chosen = page.get_by_role("radio", name="Éditeur", exact=True)
    for _ in range(6):
        if chosen.evaluate("(one) => one === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    expect(chosen).to_be_focused()
    expect(chosen).to_be_checked()
    go_to(page, "Un mot pour cette personne")
    page.keyboard.type("Peux-tu relire ?")
    follow(page, "Envoyer l’invitation")
    say(page, "absente@test.example")
    sent = Invitation.objects.get(marche=equipe.marche, email="absente@test.example")
    assert (sent.role, sent.mot) == (RoleParticipation.EDITEUR, "Peux-tu relire ?")


def test_a_jurist_verifies_that_nothing_was_altered(open_as, equipe):
    """The verdict is said, and the keyboard stays on the button that asked for it."""
    jurist = equipe.person("juriste")
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    page = open_as(jurist, equipe.marche.get_absolute_url())
    follow(page, "Historique")
    press(page, "Vérifier l’intégrité")
    expect(page.locator("#integrite")).to_contain_text(
        "Rien n’a été modifié après coup", timeout=30_000
    )
    expect(page.locator("#integrite")).to_have_attribute("aria-live", "polite")
    assert_held(page)
    expect(page.get_by_role("button", name="Vérifier l’intégrité")).to_be_focused()
