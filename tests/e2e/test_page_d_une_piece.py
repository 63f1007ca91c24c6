"""The page of a pièce while others are there: its head stays true and still, all of it fits a phone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_commenter import open_piece  # noqa: F401 (a fixture)
from tests.support.equipe import commits_url, words


OVERFLOW = (
    "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
)
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
WITHIN = """(buttons) => buttons.filter((one) => one.offsetParent !== null).map((one) => one.getBoundingClientRect())
  .filter(({ left, right, width }) => left < 0 || right > innerWidth || width < 24).length"""


def say(page, texte, geste=""):
    """A message such as the scripts of a page show."""
    page.evaluate(
        """([texte, libelle]) => document.dispatchEvent(new CustomEvent("wm:message", { detail:
        { texte, genre: "succes", geste: libelle ? { libelle, run: () => {} } : null } }))""",
        [texte, geste],
    )


def test_the_hour_of_the_last_save_follows_the_version(open_piece, equipe):  # noqa: F811
    page = open_piece(equipe.person("observateur"))
    page.locator("[data-wm-instant]").evaluate("(node) => (node.textContent = 'à 3 h')")
    equipe.browser().send_json(commits_url(equipe.article), words("Ici, "))
    expect(page.locator("[data-wm-instant]")).not_to_have_text("à 3 h", timeout=10_000)


@pytest.mark.parametrize("width", [320, 360, 390])
def test_the_tools_fit_a_phone(open_piece, equipe, width):  # noqa: F811
    page = open_piece(equipe.person())
    page.set_viewport_size({"width": width, "height": 780})
    expect(page.get_by_role("button", name="Article", exact=True).last).to_be_visible()
    assert page.locator("[data-wm-barre] button.wm-rond").evaluate_all(WITHIN) == 0
    words = page.locator(".wm-bas a").evaluate_all(OVERFLOW)
    assert words == []
    expect(page.locator(".wm-enreg-mot:visible")).to_have_count(1)


def test_a_long_title_stays_on_its_line(open_piece, equipe):  # noqa: F811
    page = open_piece(equipe.person("observateur"))
    title = page.locator(".wm-piece h1")
    page.evaluate("() => document.fonts.ready")
    height = title.bounding_box()["height"]
    title.evaluate("(node) => (node.textContent = 'Un titre de pièce '.repeat(12))")
    assert title.bounding_box()["height"] == height


@pytest.mark.parametrize("width", [320, 390, 768, 1000, 1280])
def test_who_comes_moves_nothing_of_the_text(open_piece, equipe, width):  # noqa: F811
    page = open_piece(equipe.person("observateur"))
    page.set_viewport_size({"width": width, "height": 780})
    top = page.locator(".wm-feuille").bounding_box()["y"]
    for _ in range(7):
        page.locator("[data-wm-presences]").evaluate(
            """(box) => { const one = document.createElement("span"); one.className = "wm-init p c2";
            one.textContent = "AB"; box.append(one); }"""
        )
        assert page.locator(".wm-feuille").bounding_box()["y"] == top
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_a_message_offers_is_reached_under_later_ones_and_stays(open_piece, equipe):  # noqa: F811
    page = open_piece(equipe.person())
    page.clock.install()
    undo = page.get_by_role("button", name="Défaire la fusion")
    say(page, "La fusion est faite.", geste="Défaire la fusion")
    say(page, "Enregistré.")
    page.locator("a.evite").focus()
    page.keyboard.press("F6")
    expect(undo).to_be_focused()
    for texte in ("Un.", "Deux.", "Trois."):
        say(page, texte)
    page.clock.run_for(60_000)
    expect(undo).to_be_focused()
    page.keyboard.press("F6")
    expect(page.locator("a.evite")).to_be_focused()
    page.clock.run_for(5_000)
    expect(undo).to_have_count(0)


def test_a_message_is_reached_by_the_keyboard_and_covers_no_panel(open_piece, equipe):  # noqa: F811
    page = open_piece(equipe.person())
    say(page, "Fait.", geste="Défaire")
    page.keyboard.press("F6")
    expect(page.get_by_role("button", name="Défaire", exact=True)).to_be_focused()
    page.wait_for_function(
        """() => document.querySelector(".wm-message").getBoundingClientRect().right
          <= document.querySelector(".wm-droite").getBoundingClientRect().left"""
    )
