"""What one types is in sight: no bar of the page covers the cursor, wherever it went.

Against the in-memory harness of frontend/harness, so that the editor is judged alone.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from frontend.harness.serveur import Serveur
from tests.conftest import LARGE, SMALL
from tests.e2e.test_ecrire_dans_un_article import enter, open_page  # noqa: F401 (fixture)


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
CURSOR = 'document.querySelector("[data-wm-piece]").wmPage.current'
# The line of the cursor, and whether its own text is what the eye finds there.
IN_SIGHT = f"""() => {{ const {{ view }} = {CURSOR};
  const {{ left, top, bottom }} = view.coordsAtPos(view.state.selection.head);
  return [top + 1, bottom - 1].every((y) => view.dom.contains(document.elementFromPoint(left, y))); }}"""
SIZES = [pytest.param(LARGE, id="desk"), pytest.param(SMALL, id="phone")]


@pytest.fixture
def serveur() -> Iterator[Serveur]:
    harness = Serveur()
    yield harness
    harness.close()


def lengthen(one):
    """An article of several screens."""
    one.corps = {
        "type": "doc",
        "content": [
            {
                "type": "paragraph",
                "attrs": {"id": f"{n:010}"},
                "content": [{"type": "text", "text": f"Ligne {n} du règlement."}],
            }
            for n in range(80)
        ],
    }
    return one


def assert_in_sight(page):
    page.wait_for_function(IN_SIGHT, timeout=5_000)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("place", "key"), [("end", "ArrowUp"), ("start", "ArrowDown")])
def test_the_line_one_writes_is_under_no_bar(serveur, open_page, size, place, key):  # noqa: F811
    one, page = lengthen(serveur.piece.articles[1]), open_page("nadia", *size)
    enter(page, one, place)
    for _ in range(79):
        page.keyboard.press(key)
        assert_in_sight(page)
    page.keyboard.type("vu")
    assert_in_sight(page)


@pytest.mark.parametrize("size", SIZES)
def test_an_article_entered_from_its_neighbour_is_in_sight(serveur, open_page, size):  # noqa: F811
    long, after = lengthen(serveur.piece.articles[1]), serveur.piece.articles[2]
    page = open_page("nadia", *size)
    enter(page, long, "start")
    page.keyboard.press("Tab")
    page.wait_for_selector(f"#a-{after.id}.wm-ecrit .ProseMirror-focused")
    assert_in_sight(page)
    page.keyboard.press("Shift+Tab")
    page.wait_for_selector(f"#a-{long.id}.wm-ecrit .ProseMirror-focused")
    assert_in_sight(page)
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('.wm-centre').scrollTop = 0; window.scrollTo(0, 0)")
    page.locator(f"#a-{long.id} [data-wm-ecrire]").evaluate("(button) => button.click()")
    page.wait_for_selector(f"#a-{long.id}.wm-ecrit .ProseMirror-focused")
    assert_in_sight(page)


TOOLS = ".wm-barre[data-wm-barre]"
BOTTOM = f"""document.querySelector("{TOOLS}").getBoundingClientRect().bottom"""


def test_the_keyboard_of_a_phone_takes_the_place_of_the_tabs(serveur, open_page):  # noqa: F811
    """Half of the screen is left: the tools stand on the keyboard, the tabs come back with the page."""
    one, (width, height) = lengthen(serveur.piece.articles[1]), SMALL
    page = open_page("nadia", width, height)
    tabs = page.locator(".wm-bas")
    enter(page, one, "start")
    expect(tabs).to_be_visible()
    page.set_viewport_size({"width": width, "height": 440})
    expect(tabs).to_be_hidden()
    page.wait_for_function(f"() => {BOTTOM} === 440")
    page.keyboard.type("vu")
    assert_in_sight(page)
    page.keyboard.press("Escape")
    expect(tabs).to_be_visible()
    page.wait_for_function(f"() => {BOTTOM} < 440")
    page.locator(f"#a-{one.id} [data-wm-titre]").click()
    expect(tabs).to_be_hidden()
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": width, "height": height})
    expect(tabs).to_be_visible()


# As phones do by themselves: the page keeps its height, less of it is seen.
OPEN_KEYBOARD = """(left) => { for (const [name, value] of [["height", left], ["offsetTop", 0]])
    Object.defineProperty(visualViewport, name, { configurable: true, get: () => value });
  visualViewport.dispatchEvent(new Event("resize")); }"""
LINE_BOTTOM = f"{CURSOR}.view.coordsAtPos({CURSOR}.view.state.selection.head).bottom"
TOOLS_TOP = f"""document.querySelector("{TOOLS}").getBoundingClientRect().top"""


def test_the_line_one_taps_rises_above_the_keyboard_that_opens(serveur, open_page):  # noqa: F811
    """Before any key is struck; and one may look elsewhere while the keyboard stays."""
    one, left = lengthen(serveur.piece.articles[1]), 440
    page = open_page("nadia", *SMALL)
    enter(page, one, "start")
    page.locator(f"#a-{one.id} [data-wm-corps] p").nth(12).click()
    # The browser tells the editor of its own selection a moment after the tap.
    page.wait_for_function(f"() => {left} < {LINE_BOTTOM} && {LINE_BOTTOM} < {SMALL[1]}")
    page.evaluate(OPEN_KEYBOARD, left)
    expect(page.locator(TOOLS)).to_have_css("bottom", f"{SMALL[1] - left}px")
    page.wait_for_function(f"() => 0 < {LINE_BOTTOM} && {LINE_BOTTOM} <= {TOOLS_TOP}")
    page.evaluate("window.scrollTo(0, 0)")
    page.evaluate("visualViewport.dispatchEvent(new Event('scroll'))")
    assert page.evaluate("window.scrollY") == 0


def test_the_title_one_taps_rises_above_the_keyboard_that_opens(serveur, open_page):  # noqa: F811
    lengthen(serveur.piece.articles[0])
    page = open_page("nadia", *SMALL)
    title = page.locator(f"#a-{serveur.piece.articles[1].id} [data-wm-titre]")
    title.evaluate("(one) => window.scrollTo(0, scrollY + one.getBoundingClientRect().top - 500)")
    title.click()
    expect(title).to_be_focused()
    assert title.bounding_box()["y"] > 440
    page.evaluate(OPEN_KEYBOARD, 440)
    expect(page.locator(TOOLS)).to_have_css("bottom", f"{SMALL[1] - 440}px")
    title_bottom = "document.activeElement.getBoundingClientRect().bottom"
    page.wait_for_function(f"() => 0 < {title_bottom} && {title_bottom} <= {TOOLS_TOP}")
