"""The outline of a pièce: an article is moved and put back, and the line of a drop tells the truth."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_rediger_a_plusieurs import enter
from tests.wikimarche.views.plan import WHOLE, Plan
from wikimarche.services import create_piece


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
UNDO = "Défaire le déplacement"


@pytest.fixture
def page(plan_page) -> Page:
    return plan_page


def entry(page: Page, plan: Plan, name: str):
    return page.locator(f'[data-wm-sommaire] a[href="#a-{plan[name].pk}"]')


def numbers(page: Page) -> str:
    entries = page.locator("[data-wm-sommaire] a").all()
    return ", ".join(re.sub(r"\s+", " ", one.inner_text()).strip() for one in entries)


def by_keys(key):
    def move(page, plan, name):
        entry(page, plan, name).focus()
        page.keyboard.press(f"Alt+Shift+{key}")

    return move


def by_menu(words):
    def move(page, plan, name):
        enter(page, str(plan[name].pk))
        page.locator(".wm-barre .dropdown-item", has_text=words).evaluate("(one) => one.click()")

    return move


def by_mouse(onto, part):
    def move(page, plan, name):
        box = entry(page, plan, onto).bounding_box()
        entry(page, plan, name).drag_to(
            entry(page, plan, onto), target_position={"x": 40, "y": box["height"] * part}
        )

    return move


@pytest.mark.parametrize(
    ("name", "move", "moved"),
    [
        ("B1", by_keys("ArrowLeft"), "1 A, 2 B, 2.1 B2, 3 B1, 3.1 B1a, 4 C"),
        ("C", by_keys("ArrowRight"), "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 2.2 B2, 2.3 C"),
        ("B2", by_keys("ArrowUp"), "1 A, 2 B, 2.1 B2, 2.2 B1, 2.2.1 B1a, 3 C"),
        ("B1", by_menu("Remonter d’un niveau"), "1 A, 2 B, 2.1 B2, 3 B1, 3.1 B1a, 4 C"),
        ("A", by_menu("Descendre l’article"), "1 B, 1.1 B1, 1.1.1 B1a, 1.2 B2, 2 A, 3 C"),
        ("A", by_mouse("B", 0.9), "1 B, 1.1 B1, 1.1.1 B1a, 1.2 B2, 2 A, 3 C"),
        ("C", by_mouse("B1", 0.5), "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 2.1.2 C, 2.2 B2"),
    ],
)
def test_a_move_is_undone_to_the_very_place(page, plan, name, move, moved):
    move(page, plan, name)
    undo = page.get_by_role("button", name=UNDO)
    expect(undo).to_be_visible()
    assert numbers(page) == moved
    assert plan.printed == moved
    undo.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("L’article est revenu à sa place.")).to_be_visible()
    assert numbers(page) == WHOLE
    assert plan.printed == WHOLE
    expect(undo).to_have_count(0)
    page.wait_for_function("() => document.activeElement !== document.body")


def test_one_stays_on_the_entry_one_moves_and_takes_back(page, plan):
    """With the keys alone, and the last move only: the message before it is gone."""
    entry(page, plan, "B1").focus()
    page.keyboard.press("Alt+Shift+ArrowLeft")
    expect(page.get_by_role("button", name=UNDO)).to_have_count(1)
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(entry(page, plan, "C").locator(".n")).to_have_text("3")
    expect(page.get_by_role("button", name=UNDO)).to_have_count(1)
    expect(entry(page, plan, "B1")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(entry(page, plan, "C").locator(".n")).to_have_text("4")
    expect(entry(page, plan, "B1")).to_be_focused()
    assert plan.printed == "1 A, 2 B, 2.1 B2, 3 B1, 3.1 B1a, 4 C"


def test_a_move_undone_once_its_parent_left_the_text_is_refused_with_its_reason(page, plan):
    entry(page, plan, "B1").focus()
    page.keyboard.press("Alt+Shift+ArrowLeft")
    expect(page.get_by_role("button", name=UNDO)).to_be_visible()
    plan.do("retire", "B", motif="Doublon")
    before = plan.printed
    page.expected_errors.append("409")
    page.get_by_role("button", name=UNDO).click()
    expect(page.locator(".wm-message.e-rouge")).to_contain_text("vient d’être retiré")
    assert plan.printed == before


def test_a_move_undone_over_that_of_a_colleague_is_refused_with_the_order_of_now(page, plan):
    """Even once the page shows what she did: her move is not undone with mine."""
    entry(page, plan, "B1").focus()
    page.keyboard.press("Alt+Shift+ArrowLeft")
    expect(page.get_by_role("button", name=UNDO)).to_be_visible()
    colleague = plan.equipe.browse(plan.equipe.person("editeur", "autre"))
    plan.do("move", "B1", parent="", apres="", browser=colleague)
    expect(entry(page, plan, "B1").locator(".n")).to_have_text("1")
    page.expected_errors.append("409")
    page.get_by_role("button", name=UNDO).click()
    expect(page.locator(".wm-message.e-rouge")).to_contain_text("vient de changer l’ordre")
    assert plan.printed == "1 B1, 1.1 B1a, 2 A, 3 B, 3.1 B2, 4 C"


def written(page: Page, plan: Plan, name: str) -> str:
    return page.locator(f"#a-{plan[name].pk} [data-wm-corps]").inner_text().strip()


def test_undoing_in_the_text_takes_back_the_last_gesture_before_the_words(page, plan):
    """As in a word processor: what was done last goes first, and the words typed before it stay."""
    enter(page, str(plan["C"].pk))
    page.keyboard.type(" Deux mots.")
    page.keyboard.press("Alt+Shift+ArrowUp")
    expect(entry(page, plan, "C").locator(".n")).to_have_text("2")
    page.keyboard.press("Control+z")
    expect(entry(page, plan, "C").locator(".n")).to_have_text("3")
    expect(page.get_by_text("L’article est revenu à sa place.")).to_be_visible()
    assert written(page, plan, "C").endswith(" Deux mots.")
    page.keyboard.press("Control+z")
    expect(page.locator(f"#a-{plan['C'].pk} [data-wm-corps]")).not_to_contain_text("mots")
    assert plan.printed == WHOLE


def test_what_is_typed_after_a_gesture_is_undone_before_it(page, plan):
    enter(page, str(plan["C"].pk))
    page.keyboard.press("Alt+Shift+ArrowUp")
    expect(entry(page, plan, "C").locator(".n")).to_have_text("2")
    page.keyboard.type(" Trois")
    page.keyboard.press("Control+z")
    expect(page.locator(f"#a-{plan['C'].pk} [data-wm-corps]")).not_to_contain_text("Trois")
    assert numbers(page) == "1 A, 2 C, 3 B, 3.1 B1, 3.1.1 B1a, 3.2 B2"


def test_the_last_gesture_alone_is_offered_back(page, plan):
    """Whatever its kind: undoing an older one would not give the plan one remembers."""
    enter(page, str(plan["A"].pk))
    page.locator(".wm-barre .dropdown-item", has_text="Sans numéro").evaluate(
        "(one) => one.click()"
    )
    expect(entry(page, plan, "B").locator(".n")).to_have_text("1")
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(page.get_by_role("button", name=UNDO)).to_be_visible()
    expect(page.get_by_role("button", name="Numéroter de nouveau")).to_have_count(0)


LINE = """(li, pseudo) => {
  const { bottom, left } = li.getBoundingClientRect();
  const style = getComputedStyle(li, pseudo);
  return [style.content === "none" ? null : bottom - parseFloat(style.bottom), left + parseFloat(style.left)];
}"""


def test_the_line_of_a_drop_is_drawn_where_the_article_goes(page, plan):
    """After an article is after all that it holds, as far in as the article is."""
    entry(page, plan, "A").hover()
    page.mouse.down()
    found = {}
    for name in ("B", "B1", "B2"):
        box = entry(page, plan, name).bounding_box()
        for _ in range(2):
            page.mouse.move(box["x"] + 40, box["y"] + box["height"] * 0.9)
        row = page.locator(f'li[data-wm-entree="{plan[name].pk}"]')
        expect(row).to_have_attribute("data-depot", "apres")
        found[name] = row.evaluate(LINE, "::after")
    page.keyboard.press("Escape")
    page.mouse.up()
    last = {name: entry(page, plan, name).bounding_box() for name in ("B1a", "B2")}
    for name, under in (("B", "B2"), ("B1", "B1a"), ("B2", "B2")):
        assert found[name][0] >= last[under]["y"] + last[under]["height"] - 1, name
    assert found["B1"][0] < last["B2"]["y"] + 2
    assert found["B"][1] < found["B1"][1] == found["B2"][1]


def test_an_empty_piece_does_not_say_what_to_drag(open_as, equipe):
    piece = create_piece(by=equipe.gestionnaire, marche=equipe.marche, type="CCAP", titre="")
    page = open_as(equipe.person(), piece.get_absolute_url())
    hint = page.get_by_text("Glissez un article")
    expect(hint).to_be_hidden()
    page.get_by_role("button", name="Ajouter un premier article").click()
    expect(hint).to_be_visible()
