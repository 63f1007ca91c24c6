"""Wherever one clicks in an article, what is typed next is seen and kept, and takes the place of nothing.

Against the in-memory harness of frontend/harness, so that the editor is judged alone.
"""

from collections.abc import Iterator

import pytest

from frontend.harness.serveur import Serveur
from tests.e2e.test_ecrire_dans_un_article import CLEAN, enter, open_page  # noqa: F401 (fixture)
from tests.support.outage import intercept
from wikimarche.domain.canonical import plain_text


pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
ATOM = ":is(.wm-variable, .wm-renvoi, .wm-note-bas)"


@pytest.fixture
def serveur() -> Iterator[Serveur]:
    harness = Serveur()
    yield harness
    harness.close()


def put_atoms(serveur):
    """One paragraph per place of an atom: alone, first, last, between two words."""
    one, target = serveur.piece.articles[1], serveur.piece.articles[0]
    variable = {"type": "variable", "attrs": {"chemin": "marche.duree_mois"}}
    renvoi = {"type": "renvoi", "attrs": {"article": target.id}}
    rows = [[variable], [variable, "après"], ["avant ", variable], ["voir ", renvoi, " fin"]]
    one.corps = {
        "type": "doc",
        "content": [
            {
                "type": "paragraph",
                "attrs": {"id": f"{n:010}"},
                "content": [
                    {"type": "text", "text": part} if isinstance(part, str) else part
                    for part in row
                ],
            }
            for n, row in enumerate(rows)
        ],
    }
    return one


def atoms(node):
    own = node["type"] in {"variable", "renvoi"}
    return own + sum(atoms(child) for child in node.get("content", ()))


@pytest.mark.parametrize("entered", [False, True], ids=["on the page", "in the editor"])
@pytest.mark.parametrize("row", range(4), ids=["alone", "first", "last", "between"])
def test_a_click_on_a_word_of_the_fiche_puts_the_cursor_beside_it(
    serveur,
    open_page,  # noqa: F811
    row,
    entered,
):
    one = put_atoms(serveur)
    page = open_page("nadia")
    if entered or row == 3:  # a renvoi of the page is a link: it is followed
        enter(page, one)
    line = page.locator(f"#a-{one.id} [data-wm-corps] > p").nth(row)
    box = line.locator(ATOM).bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    page.wait_for_selector(f"#a-{one.id}.wm-ecrit .ProseMirror-focused")
    page.keyboard.type("ZZ")
    page.keyboard.press("End")
    page.keyboard.type("YY")
    page.wait_for_function(CLEAN)
    assert plain_text(one.corps).count("ZZ") == plain_text(one.corps).count("YY") == 1
    assert atoms(one.corps) == 4
    assert "ZZ" in line.inner_text()
    assert line.inner_text().rstrip().endswith("YY")


@pytest.mark.parametrize("row", range(4), ids=["alone", "first", "last", "between"])
@pytest.mark.parametrize("key", ["ArrowRight", "ArrowLeft", "Control+ArrowRight"])
def test_arrows_step_over_a_word_of_the_fiche(serveur, open_page, row, key):  # noqa: F811
    """Selected on the way, what is typed next would silently take its place."""
    one = put_atoms(serveur)
    page = open_page("nadia")
    enter(page, one)
    line = page.locator(f"#a-{one.id} [data-wm-corps] > p").nth(row)
    put_cursor(page, row, 0 if "Right" in key else 1)
    page.keyboard.press(key)
    page.keyboard.type("ZZ")
    page.wait_for_function(CLEAN)
    assert atoms(one.corps) == 4
    own = line.locator(ATOM).inner_text()
    assert ("ZZ" + own if key == "ArrowLeft" else own + "ZZ") in line.inner_text()


def put_cursor(page, row, after):
    """Against the atom of a line, on one side."""
    page.evaluate(
        """([row, after]) => {
          const { view } = document.querySelector("[data-wm-piece]").wmPage.current;
          let found = null;
          view.state.doc.child(row).forEach((node, at) => {
            if (["variable", "renvoi"].includes(node.type.name)) found = at;
          });
          let start = 1;
          for (let i = 0; i < row; i++) start += view.state.doc.child(i).nodeSize;
          const { selection, tr, doc } = view.state;
          view.dispatch(tr.setSelection(selection.constructor.create(doc, start + found + after)));
          view.focus();
        }""",
        [row, after],
    )


def test_shift_and_an_arrow_take_a_word_of_the_fiche_in_the_selection(serveur, open_page):  # noqa: F811
    one = put_atoms(serveur)
    page = open_page("nadia")
    enter(page, one)
    put_cursor(page, 3, 0)
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.type("ZZ")
    page.wait_for_function(CLEAN)
    assert atoms(one.corps) == 3
    assert "voir ZZ fin" in plain_text(one.corps)


@pytest.mark.parametrize(("key", "after"), [("Backspace", 1), ("Delete", 0)])
def test_a_key_that_deletes_shows_what_it_will_take_first(serveur, open_page, key, after):  # noqa: F811
    one = put_atoms(serveur)
    page = open_page("nadia")
    enter(page, one)
    put_cursor(page, 3, after)
    page.keyboard.press(key)
    selected = page.locator(f"#a-{one.id} .ProseMirror-selectednode")
    assert selected.inner_text().startswith("article")
    page.keyboard.press(key)
    page.keyboard.type("ZZ")
    page.wait_for_function(CLEAN)
    assert atoms(one.corps) == 3
    assert "voir ZZ fin" in plain_text(one.corps)


def test_a_change_without_words_that_is_refused_is_told(serveur, open_page):  # noqa: F811
    one = put_atoms(serveur)
    page = open_page("nadia")
    enter(page, one)
    put_cursor(page, 3, 0)
    said = "Ce renvoi vise un article qui n’est pas dans le texte de la pièce."
    intercept(
        page,
        "**/commits/**",
        lambda route: route.fulfill(status=400, json={"erreur": said, "code": "invalide"}),
    )
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Control+b")
    page.get_by_text(said).wait_for()
    page.unroute("**/commits/**")
    page.wait_for_function(CLEAN)
    assert atoms(one.corps) == 4


def test_a_click_in_the_margin_of_the_text_opens_it(serveur, open_page):  # noqa: F811
    one, page = serveur.piece.articles[2], open_page("nadia")
    section = page.locator(f"#a-{one.id}")
    page.wait_for_selector(f"#a-{one.id} [data-wm-ecrire]", state="attached")
    box, corps = section.bounding_box(), section.locator("[data-wm-corps]").bounding_box()
    page.mouse.click(box["x"] + 30, (corps["y"] + corps["height"] + box["y"] + box["height"]) / 2)
    page.wait_for_selector(f"#a-{one.id}.wm-ecrit .ProseMirror-focused")
    page.keyboard.type("ZZ")
    page.wait_for_function(CLEAN)
    assert "ZZ" in plain_text(one.corps)


def test_the_cursor_of_a_title_is_where_one_clicked(serveur, open_page):  # noqa: F811
    one, page = serveur.piece.articles[2], open_page("nadia")
    title = page.locator(f"#a-{one.id} [data-wm-titre]")
    page.wait_for_selector(f"#a-{one.id} [data-wm-ecrire]", state="attached")
    box = title.bounding_box()
    page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
    page.keyboard.type("Nos ")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#a-{one.id}.wm-ecrit .ProseMirror-focused")
    page.wait_for_function(CLEAN)
    assert one.titre == "Nos Produits d’entretien"


@pytest.mark.parametrize("titre", ["Produits", ""])
def test_the_whole_line_of_a_title_opens_it(serveur, open_page, titre):  # noqa: F811
    one = serveur.piece.articles[2]
    one.titre = titre
    page = open_page("nadia")
    page.wait_for_selector(f"#a-{one.id} [data-wm-ecrire]", state="attached")
    line = page.locator(f"#t-{one.id}").bounding_box()
    page.mouse.click(line["x"] + line["width"] - 40, line["y"] + line["height"] / 2)
    page.keyboard.type(" neufs")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#a-{one.id}.wm-ecrit .ProseMirror-focused")
    page.wait_for_function(CLEAN)
    assert one.titre == f"{titre} neufs".strip()


def test_the_key_that_closes_a_window_writes_nothing_in_the_text(serveur, open_page):  # noqa: F811
    """Held a moment too long, it repeats once the text has the focus back."""
    one, page = serveur.piece.articles[1], open_page("nadia")
    enter(page, one)
    page.keyboard.type("Pour ")
    page.get_by_role("button", name="Donnée de la fiche du marché").click()
    page.get_by_label("Chercher une donnée").fill("duree")
    page.keyboard.press("ArrowDown")
    page.keyboard.down("Enter")
    page.wait_for_selector(f"#a-{one.id} .ProseMirror-focused")
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.type(" au plus.")
    page.keyboard.press("Enter")
    page.keyboard.type("Suite.")
    page.wait_for_function(CLEAN)
    assert len(one.corps["content"]) == 2
    assert atoms(one.corps) == 1
