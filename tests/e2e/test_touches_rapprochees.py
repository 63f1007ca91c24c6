"""Keys closer to each other than what the browser tells of its cursor: each acts where the eye sees it.

Against the in-memory harness of frontend/harness, so that the editor is judged alone. A slow machine is
played by a script that strikes two keys, or lets time pass, before the browser may tell anything.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from frontend.harness.serveur import Serveur
from tests.e2e.test_curseur_en_vue import assert_in_sight, lengthen
from tests.e2e.test_ecrire_dans_un_article import CLEAN, enter, open_page  # noqa: F401 (fixture)
from tests.support.outage import intercept


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
STRIKE = """const { view } = document.querySelector("[data-wm-piece]").wmPage.current;
  const strike = (key, keyCode) =>
    view.dom.dispatchEvent(new KeyboardEvent("keydown", { key, keyCode, bubbles: true, cancelable: true }));
  const move = (way, unit) => getSelection().modify("move", way, unit);"""
"""Keys as the editor hears them; what the browser does of an arrow or of Home is played beside."""


@pytest.fixture
def serveur() -> Iterator[Serveur]:
    harness = Serveur()
    yield harness
    harness.close()


def lines(one):
    return [block.get("content", [{"text": ""}])[0]["text"] for block in one.corps["content"]]


def test_the_line_is_cut_where_the_key_before_put_the_cursor(serveur, open_page):  # noqa: F811
    """« End », then Enter at once."""
    one, page = lengthen(serveur.piece.articles[1]), open_page("nadia")
    enter(page, one, "start")
    page.evaluate(
        f"() => {{ {STRIKE} strike('End', 35); move('forward', 'lineboundary'); strike('Enter', 13); }}"
    )
    page.keyboard.type("ZZ")
    page.wait_for_function(CLEAN)
    assert lines(one)[:3] == ["Ligne 0 du règlement.", "ZZ", "Ligne 1 du règlement."]


def test_the_head_of_the_text_is_reached_as_soon_as_one_is_in_it(serveur, open_page):  # noqa: F811
    one, page = lengthen(serveur.piece.articles[1]), open_page("nadia")
    enter(page, one)
    page.evaluate(
        f"""async () => {{ {STRIKE} view.dom.blur(); view.focus();
          await new Promise((done) => setTimeout(done, 60));
          strike('Home', 36); move('backward', 'documentboundary');
          await new Promise((done) => setTimeout(done, 60)); }}"""
    )
    page.keyboard.type("ZZ")
    page.wait_for_function(CLEAN)
    assert lines(one)[0] == "ZZLigne 0 du règlement."
    assert "ZZ" not in lines(one)[-1]


def test_the_line_a_key_reaches_is_in_sight_however_late_it_is_told(serveur, open_page):  # noqa: F811
    one, page = lengthen(serveur.piece.articles[1]), open_page("nadia", 390, 844)
    enter(page, one, "start")
    for _ in range(40):
        page.evaluate(
            f"""() => {{ {STRIKE} strike('ArrowDown', 40); move('forward', 'line');
              for (const until = Date.now() + 60; Date.now() < until; ); }}"""
        )
        assert_in_sight(page)


def test_an_arrow_goes_to_the_next_article_from_the_end_one_sees_alone(serveur, open_page):  # noqa: F811
    """« Ctrl+Home », then the arrow at once: from the head of the text, and not from where one was."""
    one, page = lengthen(serveur.piece.articles[1]), open_page("nadia")
    enter(page, one)
    page.evaluate(
        f"""() => {{ {STRIKE} view.input.lastFocus = 0;
          strike('Home', 36); move('backward', 'documentboundary'); strike('ArrowRight', 39); }}"""
    )
    page.keyboard.type("ZZ")
    page.wait_for_function(CLEAN)
    assert lines(one)[0] == "ZZLigne 0 du règlement."


def test_letters_struck_for_an_article_that_does_not_open_stay_where_one_writes(serveur, open_page):  # noqa: F811
    one, page = lengthen(serveur.piece.articles[1]), open_page("nadia")
    enter(page, one)
    asked = []
    intercept(page, f"**/{serveur.piece.articles[2].id}/**", lambda route: asked.append(route))  # noqa: PLW0108
    with page.expect_request(lambda request: serveur.piece.articles[2].id in request.url):
        page.keyboard.press("Tab")
    page.keyboard.type("ZZ")
    asked[0].abort()
    expect(page.locator("[data-wm-toasts]")).to_contain_text("ne peut pas être ouvert")
    page.keyboard.type("YY")
    page.wait_for_function(CLEAN)
    assert lines(one)[-1] == "Ligne 79 du règlement.ZZYY"
