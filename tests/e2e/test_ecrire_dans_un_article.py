"""Two people, two real browsers, one article: nothing that was acknowledged is lost, both see the server's text.

Against the in-memory harness of frontend/harness, so that the editor is judged alone.
"""

import random
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from frontend.harness.serveur import Article, Serveur
from tests.support.outage import lose_network
from wikimarche.domain.canonical import plain_text
from wikimarche.domain.schema import parse_doc


pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CLEAN = """() => { const page = document.querySelector("[data-wm-piece]").wmPage;
  return [...page.seances.values()].every((seance) => !seance.dirty); }"""
TEXT = 'document.querySelector("[data-wm-piece]").wmPage.current.seance.state.doc.toJSON()'
NUMERO = 'document.querySelector("[data-wm-piece]").wmPage.current.seance.numero'


@pytest.fixture
def serveur() -> Iterator[Serveur]:
    harness = Serveur()
    yield harness
    harness.close()


@pytest.fixture
def open_page(browser: Browser, serveur: Serveur) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(moi: str, width: int = 1280, height: int = 800) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{moi}: {error}"))
        page.on(
            "console",
            lambda message: (
                errors.append(f"{moi}: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )
        page.goto(f"{serveur.url}?moi={moi}")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


def article(serveur: Serveur, index: int = 2) -> Article:
    return serveur.piece.articles[index]


def enter(page: Page, one: Article, place: str = "end") -> None:
    page.wait_for_selector(f"#a-{one.id} [data-wm-ecrire]", state="attached")
    page.locator(f"#a-{one.id} [data-wm-ecrire]").evaluate("(button) => button.click()")
    page.wait_for_selector(f"#a-{one.id}.wm-ecrit .ProseMirror-focused")
    put_cursor(page, place)


def put_cursor(page: Page, place: str) -> None:
    page.evaluate(
        f"(where) => document.querySelector('[data-wm-piece]').wmPage.place({'{edge: where}' if place in ('start', 'end') else '{pos: Number(where)}'})",
        place,
    )


def settle(serveur: Serveur, one: Article, *pages: Page) -> None:
    for page in pages:
        page.wait_for_function(CLEAN, timeout=20_000)
    for page in pages:
        page.wait_for_function(f"() => {NUMERO} === {one.numero}", timeout=20_000)
    for page in pages:
        assert page.evaluate(TEXT) == with_defaults(page, one.corps)
    parse_doc(one.corps)


def with_defaults(page: Page, corps: dict) -> dict:
    """The same document, written by the browser's schema."""
    return page.evaluate(
        'corps => document.querySelector("[data-wm-piece]").wmPage.current.seance.state.schema.nodeFromJSON(corps).toJSON()',
        corps,
    )


def test_type_in_the_same_paragraph(serveur, open_page):
    one, nadia, herve = article(serveur), open_page("nadia"), open_page("herve")
    enter(nadia, one)
    enter(herve, one, "20")
    for i in range(50):
        nadia.keyboard.type(f"n{i:02}é ")
        herve.keyboard.type(f"h{i:02}à ")
        if i == 25:
            serveur.piece.unavailable = 4
        if i == 35:
            serveur.piece.lose_answers = 3
    settle(serveur, one, nadia, herve)
    text = plain_text(one.corps)
    for i in range(50):
        assert text.count(f"n{i:02}é") == 1
        assert text.count(f"h{i:02}à") == 1
    assert {commit["auteur"]["nom"] for commit in one.commits} == {"Nadia Belkacem", "Hervé Tanguy"}


@pytest.mark.parametrize(
    ("index", "place", "first"),
    [
        pytest.param(1, "end", "", id="in an empty paragraph"),
        pytest.param(2, "end", "", id="at the end"),
        pytest.param(2, "5", "", id="inside a word"),
        pytest.param(1, "end", "Elle écri", id="where the other one's word stops"),
    ],
)
def test_words_typed_at_the_same_place_stay_whole(serveur, open_page, index, place, first):
    """Letter by letter, each before the other's letter arrives, at every pace of the commits."""
    one, nadia, herve = article(serveur, index), open_page("nadia"), open_page("herve")
    enter(nadia, one, place)
    nadia.keyboard.type(first)
    nadia.wait_for_function(CLEAN)
    enter(herve, one, place)
    herve.wait_for_function(f"() => {NUMERO} === {one.numero}")
    chance = random.Random(f"{place}{first}")  # noqa: S311 (the same scenario each time)
    serveur.piece.delay = 0.15
    words = {nadia: "bonjour", herve: "salutations"}
    for n in range(11):
        for page in chance.sample([nadia, herve], 2):
            page.keyboard.type(words[page][n : n + 1])
            page.wait_for_timeout(chance.choice([0, 40, 300, 900]))
    settle(serveur, one, nadia, herve)
    text = plain_text(one.corps)
    assert f"{first}bonjour" in text
    assert "salutations" in text
    assert len(one.commits) > 4


def test_follow_an_article_one_only_reads(serveur, open_page):
    one, nadia, herve = article(serveur), open_page("nadia"), open_page("herve")
    enter(nadia, one)
    nadia.keyboard.type(" Ajout de Nadia.")
    herve.wait_for_selector(f"#a-{one.id} .wm-ici:has-text('Nadia Belkacem écrit ici')")
    herve.wait_for_selector(f"#a-{one.id} [data-wm-corps]:has-text('Ajout de Nadia.')")
    marks = herve.locator("[data-wm-sommaire] .wm-ici, [data-wm-sommaire] [data-wm-ici]")
    expect(marks).to_have_count(1)


ACTIONS = [
    "type",
    "type",
    "type",
    "enter",
    "backspace",
    "bold",
    "list",
    "ordered",
    "table",
    "undo",
    "redo",
    "heading",
    "move",
    "tab",
    "delete",
    "quote",
]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cross_everything(serveur, open_page, seed):
    chance = random.Random(seed)  # noqa: S311 (the same scenario each time)
    one, nadia, herve = article(serveur), open_page("nadia"), open_page("herve")
    enter(nadia, one)
    enter(herve, one, "12")
    serveur.piece.delay = 0.2
    for i in range(60):
        page = chance.choice([nadia, herve])
        act(page, chance.choice(ACTIONS), i, chance)
        page.wait_for_timeout(chance.randrange(120))
        if i % 20 == 7:
            serveur.piece.lose_answers = 1
    settle(serveur, one, nadia, herve)


def act(page: Page, action: str, i: int, chance: random.Random) -> None:
    keys = {
        "enter": "Enter",
        "backspace": "Backspace",
        "bold": "Control+b",
        "undo": "Control+z",
        "redo": "Control+y",
        "tab": "Tab",
    }
    names = {"list": "Liste", "ordered": "Liste numérotée"}
    items = {
        "table": ("Tableau", "Insérer un tableau"),
        "heading": ("Texte", "Intertitre"),
        "quote": ("Texte", "Citation"),
    }
    if action == "type":
        page.keyboard.type(f"mot{i} ")
    elif action == "tab":
        # Out of a list or a table, Tab would walk to the next article.
        inside = page.evaluate(
            "Boolean(document.getSelection().anchorNode?.parentElement?.closest('.ProseMirror :is(li, td, th)'))"
        )
        if inside:
            page.keyboard.press("Tab")
    elif action in keys:
        page.keyboard.press(keys[action])
    elif action in names:
        page.get_by_role("button", name=names[action], exact=True).evaluate(
            "(button) => button.click()"
        )
    elif action in items:
        menu, item = items[action]
        toggle = page.get_by_role("toolbar").get_by_role("button", name=menu, exact=True)
        toggle.locator("xpath=..").locator(".dropdown-item", has_text=item).first.evaluate(
            "(button) => button.click()"
        )
    elif action == "delete":
        for _ in range(chance.randrange(1, 9)):
            page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Delete")
    else:
        size = page.evaluate(
            'document.querySelector("[data-wm-piece]").wmPage.current.seance.state.doc.content.size'
        )
        put_cursor(page, str(chance.randrange(1, size)))
        page.evaluate('document.querySelector("[data-wm-piece]").wmPage.current.view.focus()')


def test_write_offline_and_come_back(serveur, open_page):
    one, nadia, herve = article(serveur), open_page("nadia"), open_page("herve")
    enter(nadia, one)
    enter(herve, one, "start")
    lose_network(nadia.context)
    nadia.keyboard.type(" hors ligne de bout en bout", delay=5)
    nadia.wait_for_selector(".wm-enreg:has-text('Hors ligne, votre texte est gardé ici')")
    for i in range(8):
        herve.keyboard.type(f"dedans{i} ")
        nadia.keyboard.type(f" dehors{i}")
        nadia.keyboard.press("Enter")
    nadia.context.set_offline(False)
    settle(serveur, one, nadia, herve)
    words = plain_text(one.corps).split()
    assert "hors ligne de bout en bout" in plain_text(one.corps)
    for i in range(8):
        assert words.count(f"dedans{i}") == 1
        assert words.count(f"dehors{i}") == 1
    nadia.wait_for_selector(".wm-enreg:has-text('Enregistré à')")


def test_close_the_tab_while_saving(serveur, open_page):
    one, nadia = article(serveur), open_page("nadia")
    serveur.piece.delay = 0.8
    enter(nadia, one)
    nadia.keyboard.type(" le dernier")
    nadia.wait_for_function(
        "() => document.querySelector('[data-wm-piece]').wmPage.current.seance.inflight"
    )
    nadia.keyboard.type(" mot")
    nadia.close()
    # Both requests outlive the page; what counts is that they arrive, not how fast the machine is.
    reader = open_page("herve")
    for _ in range(300):
        if "mot" in plain_text(one.corps).split():
            break
        reader.wait_for_timeout(100)
    reader.wait_for_timeout(1000)
    assert plain_text(one.corps).count("le dernier mot") == 1
    assert plain_text(one.corps).split().count("mot") == 1
    assert len(one.commits) == 2


def test_reload_with_unsent_text(serveur, open_page):
    one, nadia = article(serveur), open_page("nadia")
    enter(nadia, one)
    nadia.keyboard.type(" premier")
    nadia.wait_for_function(CLEAN)
    serveur.piece.unavailable = 1000
    nadia.keyboard.type(" deuxième")
    nadia.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    nadia.keyboard.type(" troisième")
    nadia.wait_for_timeout(400)
    nadia.on("dialog", lambda dialog: dialog.accept())
    nadia.reload()
    serveur.piece.unavailable = 0
    nadia.reload()
    nadia.wait_for_selector(f"#a-{one.id} [data-wm-corps]:has-text('premier deuxième troisième')")
    assert plain_text(one.corps).count("premier deuxième troisième") == 1
    nadia.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.includes('brouillon'))"
    )


def test_text_without_a_place_is_offered_back(serveur, open_page):
    one, nadia, herve = article(serveur), open_page("nadia"), open_page("herve")
    enter(nadia, one, "40")
    enter(herve, one)
    lose_network(nadia.context)
    nadia.keyboard.insert_text("précieux")
    herve.keyboard.press("Control+a")
    herve.keyboard.type("Tout est récrit.")
    herve.wait_for_function(CLEAN)
    nadia.context.set_offline(False)
    nadia.wait_for_selector(".wm-ecarte:has-text('précieux')")
    assert "précieux" not in plain_text(one.corps)
    nadia.get_by_role("button", name="Remettre").click()
    settle(serveur, one, nadia, herve)
    assert plain_text(one.corps).count("précieux") == 1
    expect(nadia.locator(".wm-ecarte")).to_have_count(0)


def test_frozen_article_refuses_and_keeps_the_text_in_sight(serveur, open_page):
    one, nadia = article(serveur), open_page("nadia")
    enter(nadia, one)
    one.fige = True
    nadia.keyboard.insert_text(" trop tard")
    nadia.wait_for_selector(".wm-ecarte:has-text('trop tard')")
    assert "trop tard" not in plain_text(one.corps)
    expect(nadia.locator(f"#a-{one.id}.wm-ecrit")).to_have_count(0)
    expect(nadia.locator(f"#a-{one.id} [data-wm-corps]")).not_to_contain_text("trop tard")


def test_walk_and_rearrange_with_the_keyboard(serveur, open_page):
    piece, nadia = serveur.piece, open_page("nadia")
    first, second, third = piece.articles[0], piece.articles[1], piece.articles[2]
    enter(nadia, first)
    nadia.keyboard.press("ArrowDown")
    nadia.wait_for_selector(f"#a-{second.id}.wm-ecrit")
    nadia.keyboard.press("Tab")
    nadia.wait_for_selector(f"#a-{third.id}.wm-ecrit")
    nadia.keyboard.type("Mot d’abord. ")
    nadia.keyboard.press("Alt+Shift+ArrowUp")
    nadia.wait_for_function(
        f"() => document.querySelectorAll('[data-wm-article]')[1].id === 'a-{third.id}'"
    )
    assert piece.articles[1] is third
    assert plain_text(third.corps).startswith("Mot d’abord.")
    nadia.keyboard.type("Puis ")
    settle(serveur, third, nadia)
    assert "Puis" in plain_text(third.corps)
    nadia.keyboard.press("Escape")
    nadia.wait_for_selector("[data-wm-ecrire]:focus")
    expect(nadia.locator(".wm-ecrit")).to_have_count(0)


def test_rename_split_and_retire(serveur, open_page):
    piece, nadia, herve = serveur.piece, open_page("nadia"), open_page("herve")
    one = piece.articles[2]
    nadia.locator(f"#a-{one.id} [data-wm-titre]").click()
    nadia.keyboard.press("Control+A")
    nadia.keyboard.type("Un titre neuf")
    nadia.keyboard.press("Enter")
    herve.wait_for_selector(f"#a-{one.id} [data-wm-titre]:has-text('Un titre neuf')")
    assert one.titre == "Un titre neuf"
    enter(nadia, one, "5")
    nadia.locator(".wm-barre .dropdown-item", has_text="Scinder ici").evaluate(
        "(button) => button.click()"
    )
    herve.wait_for_function("() => document.querySelectorAll('[data-wm-article]').length === 6")
    suite = piece.articles[3]
    # What was cut off asks for its title, and Enter goes on with its text: that is what is retired now.
    nadia.wait_for_selector(f"#a-{suite.id} [data-wm-titre]:focus")
    nadia.keyboard.type("La suite")
    nadia.keyboard.press("Enter")
    nadia.wait_for_selector(f"#a-{suite.id} .ProseMirror-focused")
    herve.wait_for_selector(f"#a-{suite.id} [data-wm-titre]:has-text('La suite')")
    assert suite.titre == "La suite"
    nadia.locator(".wm-barre .dropdown-item", has_text="Retirer l’article").evaluate(
        "(button) => button.click()"
    )
    nadia.get_by_label("Pour quelle raison ?").fill("Doublon")
    nadia.keyboard.press("Enter")
    herve.wait_for_selector(f"#a-{suite.id}", state="detached")


def test_paste_keeps_only_what_the_schema_knows(serveur, open_page):
    one, nadia = article(serveur), open_page("nadia")
    enter(nadia, one)
    nadia.evaluate(
        """() => { const data = new DataTransfer();
        data.setData("text/html", '<h1 style="color:red">Titre</h1><p onclick="x()">a <b>gras</b> <a href="javascript:alert(1)">lien</a><script>1</script></p><iframe src="x"></iframe><img src="http://x/y.png" alt="z">');
        document.querySelector('.ProseMirror').dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }"""
    )
    settle(serveur, one, nadia)
    kinds = str(one.corps)
    assert "gras" in kinds
    assert "lien" in kinds
    assert "javascript" not in kinds
    assert "image" not in kinds


WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin:0cm}</style>
<!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]--></head><body lang=FR><!--StartFragment-->
<h2 style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>3.<span style='font:7.0pt "Times New Roman"'>&nbsp; </span></span>Contrôles<o:p></o:p></h2>
<p class=MsoNormal style='margin:0cm'>Le titulaire <b style='mso-bidi-font-weight:normal'>remet</b> un <span style='font-style:italic'>relevé</span><a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span class=MsoFootnoteReference>[1]</span></a>.<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]>sols<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72pt;mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>a)<span>&nbsp; </span></span>carrelés</p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span>&nbsp; </span></span>vitres</p>
<table class=MsoTableGrid border=1 style='border-collapse:collapse'><tr><td colspan=2 width=300 style='width:225pt'><p class=MsoNormal>Total</p></td></tr><tr><td><p class=MsoNormal>1</p></td><td><p class=MsoNormal>2</p></td></tr></table>
<div style='mso-element:footnote-list'><hr><div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a href="#_ftnref1">[1]</a> Chaque mois.</p></div></div>
<!--EndFragment--></body></html>"""


def word_list(*lines: tuple[str, str, str]) -> str:
    """Items as Word copies them: the name of their list, their sign, their words."""
    return "<html>" + "".join(
        f"<p class=MsoListParagraph style='mso-list:{name} level1 lfo1'>"
        f"<span style='mso-list:Ignore'>{sign}<span>&nbsp; </span></span>{words}</p>"
        for name, sign, words in lines
    )


def shape(node: dict) -> object:
    """Kinds and words alone: what a person sees of a pasted text."""
    if node["type"] == "text":
        marks = "".join(f"<{mark['type']}>" for mark in node.get("marks", []))
        return marks + node["text"]
    if node["type"] == "note_bas_de_page":
        return f"[{node['attrs']['texte']}]"
    return node["type"], *map(shape, node.get("content", []))


def paste(page: Page, html: str) -> None:
    """Paste at the cursor what a program has copied."""
    page.evaluate(
        """(html) => { const data = new DataTransfer();
        data.setData("text/html", html);
        document.querySelector('.ProseMirror').dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }""",
        html,
    )


def test_a_list_pasted_from_word_right_after_another_is_another_list(serveur, open_page):
    one, nadia = article(serveur, 1), open_page("nadia")
    enter(nadia, one)
    lines = [
        ("l0", "·", "sols"),
        ("l1", "1.", "laver"),
        ("l1", "2.", "rincer"),
        ("l0", "·", "vitres"),
    ]
    paste(nadia, word_list(*lines, ("l2", "1.", "finir")))
    settle(serveur, one, nadia)
    shapes = [shape(block) for block in one.corps["content"]]
    lists = [
        (kind, [words for _item, (_p, words) in items]) for kind, *items in shapes if "list" in kind
    ]
    assert lists[:4] == [
        ("bullet_list", ["sols"]),
        ("ordered_list", ["laver", "rincer"]),
        ("bullet_list", ["vitres"]),
        ("ordered_list", ["finir"]),
    ]


def test_the_article_named_comes_before_those_that_only_speak_of_it(serveur, open_page):
    one, named = article(serveur, 1), article(serveur, -1)
    article(serveur, 0).titre, named.titre = "Incidence sur les pénalités", "Pénalités"
    nadia = open_page("nadia")
    enter(nadia, one)
    nadia.get_by_role("button", name="Renvoi vers un article", exact=True).click()
    options = nadia.get_by_role("dialog").locator(".wm-option:visible")
    before = options.all_inner_texts()
    assert "Incidence" in before[0]
    (said,) = (label for label in before if label.endswith(" Pénalités"))
    for asked in ("pénalités", "PENALITES ", said.partition(" ")[0]):
        nadia.get_by_role("searchbox").fill(asked)
        assert options.first.inner_text() == said
    nadia.get_by_role("searchbox").fill("")
    assert options.all_inner_texts() == before


def test_paste_from_word(serveur, open_page):
    """Its lists are lists, its notes are notes, its typed numbers go: ours are computed."""
    one, nadia = article(serveur, 1), open_page("nadia")
    enter(nadia, one)
    paste(nadia, WORD)
    settle(serveur, one, nadia)
    blocks = [shape(block) for block in one.corps["content"]]
    assert blocks[:3] == [
        ("heading", "Contrôles"),
        ("paragraph", "Le titulaire ", "<strong>remet", " un ", "<em>relevé", "[Chaque mois.]", "."),
        (
            "bullet_list",
            ("list_item", ("paragraph", "sols"), ("ordered_list", ("list_item", ("paragraph", "carrelés")))),
            ("list_item", ("paragraph", "vitres")),
        ),
    ]  # fmt: skip
    assert blocks[3][0] == "table"
    assert blocks[3][1] == ("table_row", ("table_cell", ("paragraph", "Total")))
    assert "ftn" not in str(one.corps)


def test_undo_and_redo_bear_on_one_s_own_text_alone(serveur, open_page):
    one, nadia, herve = article(serveur, 1), open_page("nadia"), open_page("herve")
    enter(nadia, one)
    enter(herve, one)
    nadia.keyboard.type("premier ")
    settle(serveur, one, nadia, herve)
    put_cursor(herve, "start")
    herve.keyboard.type("collègue ")
    settle(serveur, one, nadia, herve)
    for _ in range(5):
        nadia.keyboard.press("Control+z")
    settle(serveur, one, nadia, herve)
    assert plain_text(one.corps).split() == ["collègue"]
    nadia.keyboard.press("Control+y")
    settle(serveur, one, nadia, herve)
    assert sorted(plain_text(one.corps).split()) == ["collègue", "premier"]
    herve.keyboard.press("Control+z")
    settle(serveur, one, nadia, herve)
    assert plain_text(one.corps).split() == ["premier"]


def test_saved_is_said_after_the_commit_alone(serveur, open_page):
    one, nadia = article(serveur), open_page("nadia")
    serveur.piece.delay = 3
    enter(nadia, one)
    before = len(one.commits)
    seen = "document.querySelector('.wm-enreg-mot').textContent.trim()"
    nadia.keyboard.type(" mot")
    nadia.wait_for_function(f"() => {seen} === 'Enregistrement…'")
    assert len(one.commits) == before
    nadia.wait_for_function(f"() => {seen}.startsWith('Enregistré à')")
    assert len(one.commits) == before + 1
    serveur.piece.unavailable = 1
    nadia.keyboard.type(" suivant")
    nadia.wait_for_function(
        f"() => {seen} === 'Le serveur ne répond pas, votre texte est gardé ici'"
    )
    assert len(one.commits) == before + 1
    nadia.wait_for_function(f"() => {seen}.startsWith('Enregistré à')", timeout=15_000)
    assert plain_text(one.corps).endswith(" mot suivant")


def test_leaving_with_unsent_text_asks_first(serveur, open_page):
    one, nadia = article(serveur), open_page("nadia")
    asked: list[str] = []
    nadia.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    enter(nadia, one)
    nadia.keyboard.type(" gardé")
    nadia.wait_for_function(CLEAN)
    serveur.piece.unavailable = 1000
    nadia.keyboard.type(" pas encore parti")
    nadia.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    with nadia.expect_event("dialog"):
        nadia.evaluate("window.location.assign('/comparer/')")
    assert asked == ["beforeunload"]
    assert "/comparer/" not in nadia.url
    assert "pas encore parti" in nadia.locator(f"#a-{one.id} [data-wm-corps]").inner_text()
    serveur.piece.unavailable = 0
    nadia.wait_for_function(CLEAN, timeout=20_000)
    nadia.goto(f"{serveur.url}comparer/")
    assert asked == ["beforeunload"]


def test_nothing_left_after_signing_out(serveur, open_page):
    one, nadia = article(serveur), open_page("nadia")
    enter(nadia, one)
    serveur.piece.unavailable = 1000
    nadia.keyboard.type(" secret")
    # Something is there to be erased.
    nadia.wait_for_function(
        "() => Object.keys(localStorage).some((key) => key.startsWith('wm:brouillon:'))"
    )
    nadia.on("dialog", lambda dialog: dialog.accept())
    nadia.get_by_role("button", name="Se déconnecter", exact=True).click()
    nadia.get_by_role("button", name="Effacer et me déconnecter").click()
    nadia.wait_for_url("**/sortir/")
    assert (
        nadia.evaluate(
            "Object.keys(sessionStorage).concat(Object.keys(localStorage)).filter((key) => key.startsWith('wm:'))"
        )
        == []
    )


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_accessible_while_writing(serveur, open_page, width, height, tmp_path):
    one, nadia = article(serveur), open_page("nadia", width, height)
    enter(nadia, one)
    results = Axe().run(nadia, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert [(one["id"], one["nodes"][0]["html"]) for one in results.response["violations"]] == []


def test_a_cut_is_undone_in_one_gesture(serveur, open_page):
    piece, nadia = serveur.piece, open_page("nadia")
    one = piece.articles[2]
    before = plain_text(one.corps)
    enter(nadia, one, "5")
    nadia.locator(".wm-barre .dropdown-item", has_text="Scinder ici").evaluate(
        "(button) => button.click()"
    )
    nadia.wait_for_selector("[data-wm-titre]:focus")
    undo = nadia.get_by_role("button", name="Défaire la scission")
    undo.focus()
    nadia.keyboard.press("Enter")
    nadia.wait_for_selector(f"#a-{one.id} .ProseMirror-focused")
    nadia.wait_for_function("() => document.querySelectorAll('[data-wm-article]').length === 5")
    assert plain_text(one.corps) == before


KINDS = f"({TEXT}).content.map((block) => block.type)"


def test_a_table_takes_the_place_of_the_empty_paragraph_one_is_in(serveur, open_page):
    page, one = open_page("nadia"), serveur.piece.articles[1]
    enter(page, one)
    item = page.locator(".wm-barre .dropdown-item", has_text="Insérer un tableau")
    item.evaluate("(button) => button.click()")
    assert page.evaluate(KINDS) == ["table", "paragraph"]
    page.keyboard.type("Lot")
    first = page.locator(".ProseMirror table tr:first-child > :first-child")
    expect(first).to_have_text("Lot")
    settle(serveur, one, page)
    for _ in range(2):
        page.keyboard.press("Control+z")
    assert page.evaluate(KINDS) == ["paragraph"]
    settle(serveur, one, page)


def test_a_table_goes_after_the_paragraph_that_has_words(serveur, open_page):
    page, one = open_page("nadia"), serveur.piece.articles[2]
    enter(page, one, "5")
    item = page.locator(".wm-barre .dropdown-item", has_text="Insérer un tableau")
    item.evaluate("(button) => button.click()")
    assert page.evaluate(KINDS) == ["paragraph", "table", "paragraph"]
