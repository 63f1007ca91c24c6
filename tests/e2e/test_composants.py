"""The page of components and the example screens in a real browser: look, keyboard, accessibility."""

import os
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.services import services, wm
from tests.support.outage import intercept


pytestmark = pytest.mark.browser
SIZES = {"bureau": (1280, 800), "tablette": (1100, 800), "mobile": (390, 844), "etroit": (320, 700)}
LOOKS = [(size, "light") for size in SIZES] + [("bureau", "dark"), ("mobile", "dark")]
APART = """() => { const boxes = [...document.querySelectorAll(".wm-frise .v:not(.muet)")].map((one) => one.getBoundingClientRect());
  boxes.sort((one, other) => one.left - other.left);
  return boxes.length > 1 && boxes.slice(1).every(({ left }, at) => boxes[at].right <= left); }"""
SCREENS = ["", "exemples/accueil/", "exemples/marche/", "exemples/piece/", "exemples/comparer/"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def live_server_url():
    """The site with DEBUG, on no database: these pages ask it nothing."""
    port = wm.free_port(services.valkey.port + 40)
    url = f"http://127.0.0.1:{port}"
    nowhere = f"postgres://x:x@127.0.0.1:{wm.free_port(port + 1)}/x"
    child = wm.Child(
        "composants",
        [sys.executable, "-m", "uvicorn", "procurement.wsgi:application", "--interface=wsgi", f"--port={port}"],
        {
            **os.environ,
            **services.environment(services.database, PUBLIC_URL=url),
            "DATABASE_URL": nowhere,
            "DEBUG": "1",
        },
        services.data / "composants.log",
    )  # fmt: skip
    child.start()
    child.wait_ready(lambda: wm.answers_http(url + "/composants/"), seconds=40)
    yield url
    child.stop()


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("screen", SCREENS)
def test_screen_is_accessible_and_fits(new_page, screen, size, theme):
    page = new_page(SIZES[size], color_scheme=theme, reduced_motion="reduce")
    page.goto(f"/composants/{screen}")
    folder = wm.ROOT / "var" / "captures"
    folder.mkdir(parents=True, exist_ok=True)
    name = screen.strip("/").replace("/", "-") or "composants"
    page.screenshot(path=folder / f"{name}-{size}-{theme}.png", full_page=not screen)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    result = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert not result.response["violations"], result.generate_report()


def test_refused_button_is_reached_and_does_nothing(page):
    page.goto("/composants/exemples/marche/")
    button = page.get_by_role("button", name="Demander les visas")
    button.focus()
    expect(button).to_be_focused()
    expect(button).to_have_accessible_description("Trois points à corriger d’abord")
    page.keyboard.press("Enter")
    assert page.url.endswith("/composants/exemples/marche/")


def test_question_is_asked_and_focus_comes_back(page):
    page.goto("/composants/")
    page.locator("#essai-confirmer").press("Enter")
    dialog = page.get_by_role("dialog", name="Retirer l’article 6.3, Tenue de travail ?")
    expect(dialog).to_contain_text("Il reste dans l’historique")
    expect(dialog.get_by_role("button", name="Annuler")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("#essai-confirmer")).to_be_focused()
    assert "?" not in page.url
    page.locator("#essai-confirmer").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Retirer l’article").click()
    page.wait_for_url("**/composants/?")


def test_tabs_with_the_arrows(page):
    page.goto("/composants/exemples/piece/")
    page.get_by_role("tab", name="Commentaires 3").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Historique")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Historique")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Commentaires 3")).to_be_hidden()
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Contrôles")).to_be_focused()


def test_theme_is_remembered(page):
    page.goto("/composants/")
    page.get_by_role("button", name="Passer en thème sombre ou clair").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/composants/exemples/accueil/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_timeline_with_the_keyboard(page):
    page.goto("/composants/exemples/comparer/")
    handle = page.get_by_role("slider", name="Avant")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    expect(handle).to_have_attribute("aria-valuenow", "20")
    page.wait_for_url("**/exemples/comparer/?de=20&a=37")


def test_phone_opens_the_panel_on_the_right_tab(new_page):
    page = new_page((390, 844), reduced_motion="reduce")
    page.goto("/composants/exemples/piece/")
    page.get_by_role("link", name="Versions").click()
    expect(page.get_by_role("tabpanel", name="Historique")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("tabpanel", name="Historique")).to_be_hidden()
    page.get_by_role("button", name="Sommaire").click()
    page.get_by_role("link", name="4.3 Consommables sanitaires").click()
    page.wait_for_url("**#a4.3")


def test_job_advances_and_ends(page):
    page.goto("/composants/")
    expect(page.locator("#travail-exemple")).to_contain_text(
        "Cinq pièces mises en PDF.", timeout=8000
    )


def test_server_that_is_gone_is_told_in_words(page):
    page.goto("/composants/")
    page.expected_errors += ["ERR_FAILED", "htmx"]
    intercept(page, "**/progression/**", lambda route: route.abort())
    expect(page.locator("[data-wm-toasts]")).to_contain_text(
        "Le serveur ne répond pas", timeout=8000
    )


def test_messages_leave_and_never_pile_up(page):
    page.clock.install()
    page.goto("/composants/")
    said = page.locator("[data-wm-toasts] .wm-message")

    def say(texte: str, genre: str) -> None:
        page.evaluate(
            "(detail) => document.dispatchEvent(new CustomEvent('wm:message', { detail }))",
            {"texte": texte, "genre": genre},
        )

    for number in range(5):
        say(f"Refus {number}.", "erreur")
    expect(said).to_have_text(["Refus 2.", "Refus 3.", "Refus 4."])
    say("C’est fait.", "succes")
    page.clock.fast_forward(9_000)
    expect(said).to_have_text(["Refus 3.", "Refus 4."])
    said.first.hover()
    page.clock.fast_forward(31_000)
    expect(said).to_have_text(["Refus 3."])
    page.mouse.move(1, 1)
    page.clock.fast_forward(3_000)
    expect(said).to_have_count(0)


def test_what_can_be_undone_gives_its_place_up_last(page):
    page.goto("/composants/")
    page.evaluate(
        """() => { for (const texte of ["L’article est retiré.", "Un.", "Deux.", "Trois."]) document.dispatchEvent(
            new CustomEvent("wm:message", { detail: { texte, geste: texte.length > 6 && { libelle: "Rétablir", run() {} } } })) }"""
    )
    said = page.locator("[data-wm-toasts] .wm-message p")
    expect(said).to_have_text(["L’article est retiré.", "Deux.", "Trois."])


def test_page_works_before_its_script(new_page):
    page = new_page((390, 844), javascript=False)
    page.goto("/composants/exemples/piece/#sommaire")
    expect(page.get_by_role("link", name="4.2 Dosage et dilution")).to_be_visible()
    page.goto("/composants/exemples/comparer/")
    expect(page.get_by_role("button", name="Comparer", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Passer en thème sombre ou clair")).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 1000, 390])
def test_the_labels_of_a_timeline_never_touch(new_page, width):
    """Two versions close to one another, with long names: names yield, then the label itself."""
    page = new_page((width, 800))
    page.goto("/composants/exemples/comparer/")
    labels = page.locator(".wm-frise .v:not(.muet)")
    expect(labels.first).to_contain_text("1")
    page.evaluate("() => document.fonts.ready")
    # Arranged as the axis is measured, a moment after the page is drawn.
    page.wait_for_function(APART)
    texts = " ".join(labels.all_inner_texts())
    assert "37" in texts
