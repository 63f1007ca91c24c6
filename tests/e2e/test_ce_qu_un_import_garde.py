"""What an import keeps is read in place: the others come under the first, and the document is one click away."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.equipe import make_equipe
from tests.wikimarche.views.test_importation_kept import busy_word
from wikimarche.services import accept_importation, read_document, receive_document


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def garde(open_as, settings) -> Page:
    """The page of a document that is in its pièce, opened by an éditeur."""
    settings.DEMO = False
    equipe = make_equipe()
    importation, _ = receive_document(
        by=equipe.gestionnaire, piece=equipe.piece, content=busy_word(), nom="CCAP.docx"
    )
    read_document(by=equipe.gestionnaire, importation=importation)
    accept_importation(by=equipe.gestionnaire, importation=importation)
    return open_as(equipe.person(), f"/importations/{importation.pk}/")


def test_the_others_come_under_the_first(garde):
    page = garde
    page.evaluate("window.same = true")
    notes = page.locator("#commentaires .wm-note")
    expect(notes).to_have_count(10)
    page.locator("#commentaires").get_by_role("link", name="Voir les autres").click()
    expect(notes).to_have_count(25)
    expect(notes.nth(24)).to_contain_text("Remarque 24")
    expect(page.locator("#suggestions .wm-note")).to_have_count(10)
    assert page.evaluate("window.same") is True


def test_the_document_is_fetched(garde):
    with garde.expect_download() as fetched:
        garde.get_by_role("link", name="Télécharger le document reçu").click()
    assert fetched.value.suggested_filename == "CCAP.docx"


def test_a_phone_shows_it_without_sliding_sideways(garde):
    garde.set_viewport_size({"width": 390, "height": 844})
    assert garde.evaluate("document.documentElement.scrollWidth") <= 390
