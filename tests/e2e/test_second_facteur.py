"""The second factor is asked for while one writes: nothing is refused, and the page says where to go."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from procurement.marches.enums import RoleParticipation
from procurement.marches.services import change_role
from tests.e2e.test_commenter import choose
from tests.e2e.test_rediger_a_plusieurs import enter
from tests.support.equipe import text_of
from wikimarche.enums import GenreFil
from wikimarche.models import Fil
from wikimarche.services import open_fil


pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def page(open_as, equipe):
    """A person who writes becomes gestionnaire, and has no second factor yet."""
    writer = equipe.person()
    page = open_as(writer, equipe.piece.get_absolute_url())
    page.expected_errors.append("403")
    page.wait_for_selector("[data-wm-fils]")
    enter(page, str(equipe.article.pk))
    give(equipe, RoleParticipation.GESTIONNAIRE)
    return page


def give(equipe, role) -> None:
    participation = equipe.participation(equipe.person())
    change_role(by=equipe.gestionnaire, participation=participation, role=role)


def test_what_one_types_waits_for_it_and_leaves_after(page, equipe):
    page.keyboard.type(" Puis dix.")
    state = page.locator("[data-wm-enregistrement]")
    expect(state).to_contain_text("Double authentification demandée, votre texte est gardé ici")
    way = state.get_by_role("link")
    expect(way).to_have_attribute("href", re.compile(reverse("mfa_index")))
    expect(page.locator(".wm-message")).to_contain_text("demande une double authentification")
    expect(page.locator(".wm-ecarte")).to_have_count(0)
    give(equipe, RoleParticipation.EDITEUR)
    open_fil(
        by=equipe.gestionnaire, article=equipe.second, genre=GenreFil.QUESTION, texte="Fermes ?"
    )
    expect(state.locator(".wm-enreg-mot")).to_contain_text("Enregistré", timeout=20_000)
    assert text_of(equipe.article) == "Le délai est de trente jours. Puis dix."
    # The page follows the others again, by itself.
    expect(page.locator("[data-wm-fil]")).to_contain_text("Fermes ?", timeout=20_000)


def test_a_comment_waits_for_it_in_its_window(page, equipe):
    choose(page, equipe.second, "Les prix")
    page.locator(".wm-commenter").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Votre commentaire").fill("Fermes ?")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("double authentification")
    give(equipe, RoleParticipation.EDITEUR)
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    assert Fil.objects.get().commentaires.get().texte == "Fermes ?"
