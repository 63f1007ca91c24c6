"""Several criteria at once, with the keyboard, with and without script; a form that leaves once."""

import pytest
from playwright.sync_api import Page, expect

from procurement.marches.models import Critere, Invitation
from procurement.marches.services import set_lots
from tests.support.client import Browser
from tests.support.equipe import make_equipe


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(autouse=True)
def demonstration(monkeypatch):
    """The server of these tests asks for no second factor."""
    monkeypatch.setenv("DEMO", "on")


@pytest.fixture
def equipe(demonstration, live_server_url):
    return make_equipe()


def sign_in(page: Page, user, url: str) -> None:
    """Take the session of a person who signed in, second factor included."""
    cookies = Browser(user).cookies
    page.context.add_cookies(
        [{"name": name, "value": cookies[name].value, "url": url} for name in cookies]
    )


def fill(page: Page, rank: int, intitule: str, nature: str, poids: str) -> None:
    page.locator(f"#id_form-{rank}-intitule").fill(intitule)
    page.locator(f"#id_form-{rank}-nature").select_option(nature)
    page.locator(f"#id_form-{rank}-poids").fill(poids)


def kept(equipe) -> list[tuple[str, int]]:
    rows = Critere.objects.filter(marche=equipe.marche, retire=False).order_by("rang")
    return [(row.intitule, int(row.poids)) for row in rows]


@pytest.mark.parametrize("javascript", [True, False])
def test_four_criteria_in_one_page(equipe, new_page, live_server_url, javascript):
    page = new_page(javascript=javascript)
    sign_in(page, equipe.person(), live_server_url)
    page.goto(f"/marches/{equipe.marche.pk}/criteres/")
    fill(page, 0, "Prix", "prix", "40")
    fill(page, 1, "Technique", "technique", "30")
    fill(page, 2, "Délai", "delai", "10")
    page.get_by_role("button", name="Ajouter une ligne").press("Enter")
    fill(page, 3, "Environnement", "environnement", "20")
    if javascript:
        expect(page.get_by_text("Les poids font 100")).to_be_visible()
    page.get_by_role("button", name="Monter la ligne 4").press("Enter")
    expect(page.locator("[name^=form-][name$=-intitule]").nth(2)).to_have_value("Environnement")
    # « Entrée » in a box saves: it does not press the first button that stands on the page.
    page.locator("#id_form-0-intitule").press("Enter")
    expect(page.get_by_text("Les critères sont à jour.")).to_be_visible()
    assert kept(equipe) == [("Prix", 40), ("Technique", 30), ("Environnement", 20), ("Délai", 10)]


def test_the_total_of_each_lot_is_said_as_the_server_says_it(equipe, new_page, live_server_url):
    rows = [{"intitule": f"Site {rank}"} for rank in range(1, 6)]
    lots = set_lots(by=equipe.gestionnaire, marche=equipe.marche, lots=rows)
    page = new_page()
    sign_in(page, equipe.person(), live_server_url)
    page.goto(f"/marches/{equipe.marche.pk}/criteres/")
    total = page.locator("[data-wm-total]")
    fill(page, 0, "Prix", "prix", "60")
    expect(total).to_have_text("Les poids font 60\u00a0%, il manque 40\u00a0%.")
    fill(page, 1, "Méthode", "technique", "40")
    page.locator("#id_form-1-portee").select_option(label="Lot 2\u202f: Site 2")
    short = "les poids font 60\u00a0%, il manque 40\u00a0%."
    said = (
        " ".join(f"Lot {rank}\u202f: {short}" for rank in (1, 3, 4)) + " De même pour 1 autre lot."
    )
    expect(total).to_have_text(said)
    page.get_by_role("button", name="Enregistrer").last.click()
    expect(page.get_by_text(f"Les critères sont gardés. {said}")).to_be_visible()
    page.goto(f"/marches/{equipe.marche.pk}/criteres/")
    expect(page.locator("#id_form-1-portee")).to_have_value(str(lots[1].pk))
    expect(total).to_have_text(said)


def test_the_total_follows_what_is_typed_and_the_new_row_takes_the_focus(
    equipe, new_page, live_server_url
):
    page = new_page()
    sign_in(page, equipe.person(), live_server_url)
    page.goto(f"/marches/{equipe.marche.pk}/criteres/")
    total = page.locator("[data-wm-total]")
    expect(total).to_have_text("Les poids font 0\u00a0%, il manque 100\u00a0%.")
    page.locator("#id_form-0-poids").fill("62,5")
    expect(total).to_have_text("Les poids font 62,5\u00a0%, il manque 37,5\u00a0%.")
    page.locator("#id_form-1-poids").fill("60")
    expect(total).to_have_text("Les poids font 122,5\u00a0%, c’est 22,5\u00a0% de trop.")
    page.get_by_role("button", name="Ajouter une ligne").click()
    expect(page.locator("#id_form-3-intitule")).to_be_focused()


def test_a_double_click_sends_one_invitation(equipe, new_page, live_server_url):
    page = new_page()
    sign_in(page, equipe.gestionnaire, live_server_url)
    page.goto(f"/marches/{equipe.marche.pk}/inviter/")
    page.get_by_label("Adresse électronique").fill("absente@test.example")
    page.get_by_role("button", name="Envoyer l’invitation").dblclick()
    expect(page.get_by_text("L’invitation part à absente@test.example.")).to_be_visible()
    assert Invitation.objects.filter(email="absente@test.example").count() == 1
