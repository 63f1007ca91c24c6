"""Sixteen gestures that cross in one pièce: two people, two real browsers, the real site.

Each makes one gesture without seeing the other's (both offline, or the second while the first one
changes the plan), then comes back. No word is lost, doubled, or put in another paragraph in
silence; both browsers and the server end with the same text.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Browser as Chromium, Error, Page, TimeoutError, expect

from procurement.marches.models import Participation
from procurement.marches.services import change_role
from tests.e2e.test_ecrire_dans_un_article import (
    CLEAN,
    NUMERO,
    TEXT,
    enter,
    put_cursor,
    with_defaults,
)
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import MarcheFactory, ParticipationFactory
from tests.services import services, wm
from tests.support.client import Browser
from tests.support.outage import STOPS_ALL, intercept
from tests.support.process import Process, answers
from tests.wikimarche.domain.factories import doc, liste, p, tableau
from tests.wikimarche.factories import ArticleFactory, PieceFactory, type_words
from wikimarche.domain.canonical import plain_text
from wikimarche.models import Article, Piece


pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


# ── One site and two people for all the scenarios ───────────────────────────────────────────────


@dataclass
class Pair:
    """Nadia opens the marché, Hervé writes in it; each has a browser of her or his own."""

    marche: object
    nadia: Page
    herve: Page
    errors: list[str] = field(default_factory=list)

    @property
    def pages(self) -> tuple[Page, Page]:
        return self.nadia, self.herve

    def away(self, *pages: Page) -> None:
        for page in pages:
            page.context.set_offline(True)

    def back(self, page: Page) -> None:
        page.context.set_offline(False)
        page.wait_for_function(CLEAN, timeout=30_000)


@pytest.fixture(scope="module")
def site(django_db_blocker) -> Iterator[str]:
    """The site on a database of its own, started once."""
    base = connections.settings["default"]
    ordinary = base["NAME"]
    with services.cloned() as name, django_db_blocker.unblock():
        connections["default"].close()
        base["NAME"] = name
        port = wm.free_port(services.valkey.port + 10)
        url = f"http://127.0.0.1:{port}"
        process = Process(
            "web",
            ["uvicorn", "procurement.asgi:application", f"--port={port}", "--no-proxy-headers"],
            services.environment(name, PUBLIC_URL=url, DEMO="1"),
        )
        process.start(lambda: answers(url))
        try:
            yield url
        finally:
            process.stop()
            connections["default"].close()
            base["NAME"] = ordinary


@pytest.fixture(scope="module")
def opened(site: str, browser: Chromium) -> Iterator[Pair]:
    marche = MarcheFactory()
    herve = UserFactory(without_password=True)
    ParticipationFactory(marche=marche, user=herve, role="editeur")
    contexts, errors = [], []

    def open_page(user) -> Page:
        context = browser.new_context(
            base_url=site, viewport={"width": 1280, "height": 800}, locale="fr-FR"
        )
        contexts.append(context)
        seance = Browser(user).cookies["seance"].value
        context.add_cookies([{"name": "seance", "value": seance, "url": site}])
        context.add_init_script(STOPS_ALL)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.on(
            "console",
            lambda said: "Content Security" in said.text and errors.append(said.text),
        )
        return page

    yield Pair(marche, open_page(marche.author), open_page(herve), errors)
    for context in contexts:
        context.close()


@pytest.fixture
def pair(opened: Pair) -> Iterator[Pair]:
    yield opened
    for page in opened.pages:
        page.context.set_offline(False)
    assert opened.errors == []


# ── Gestures ────────────────────────────────────────────────────────────────────────────────────

FIND = """([words, after]) => { let found = null;
  document.querySelector("[data-wm-piece]").wmPage.current.seance.state.doc.descendants((node, pos) => {
    const at = node.isTextblock ? node.textContent.indexOf(words) : -1;
    if (found === null && at >= 0) found = pos + 1 + at + (after ? words.length : 0);
  }); return found; }"""


def after(page: Page, words: str) -> None:
    put_cursor(page, str(page.evaluate(FIND, [words, True])))


def before(page: Page, words: str) -> None:
    put_cursor(page, str(page.evaluate(FIND, [words, False])))


SELECT = """([from, to]) => {
  const { seance, view } = document.querySelector("[data-wm-piece]").wmPage.current;
  const { constructor: Kind } = seance.state.selection;
  view.dispatch(seance.state.tr.setSelection(Kind.create(seance.state.doc, from, to))); }"""


def select(page: Page, words: str) -> None:
    """The words, and they alone: a key that selects may be lost on a machine that is busy."""
    before(page, words)
    place = page.evaluate(FIND, [words, False])
    page.evaluate(SELECT, [place, place + len(words)])


def type_after(words: str, typed: str) -> Callable[[Page], None]:
    def gesture(page: Page) -> None:
        after(page, words)
        page.keyboard.type(typed)

    return gesture


def delete(words: str) -> Callable[[Page], None]:
    def gesture(page: Page) -> None:
        select(page, words)
        page.keyboard.press("Delete")

    return gesture


def press(words: str, *keys: str, at_start: bool = False) -> Callable[[Page], None]:
    """Keys struck with the cursor beside words."""

    def gesture(page: Page) -> None:
        (before if at_start else after)(page, words)
        for key in keys:
            page.keyboard.press(key)

    return gesture


def choose(words: str, menu: str, item: str = "") -> Callable[[Page], None]:
    """A button of the bar, or an entry of one of its menus."""

    def gesture(page: Page) -> None:
        after(page, words)
        button = page.get_by_role("toolbar").get_by_role("button", name=menu, exact=True)
        if item:
            button = button.locator("xpath=..").locator(".dropdown-item", has_text=item).first
        button.evaluate("(button) => button.click()")

    return gesture


def cut_and_paste(words: str, target: str) -> Callable[[Page], None]:
    def gesture(page: Page) -> None:
        select(page, words)
        page.keyboard.press("Control+x")
        after(page, target)
        page.keyboard.press("Control+v")

    return gesture


# ── What is read at the end ─────────────────────────────────────────────────────────────────────


def shape(node: dict) -> object:
    """Kinds and words."""
    if node["type"] == "text":
        return node["text"]
    inside = [shape(child) for child in node.get("content", [])]
    return (
        node["type"],
        "".join(inside) if all(isinstance(one, str) for one in inside) else inside,
    )


def texts_of(piece: Piece) -> list[tuple[str, str]]:
    """Articles of the pièce in order, on the server, their blanks aside."""
    rows = Article.objects.filter(piece=piece, statut="actif").order_by("rang")
    return [(str(one.pk), re.sub(r"\s", "", plain_text(one.corps))) for one in rows]


SHOWN = """() => [...document.querySelectorAll("[data-wm-document] [data-wm-article]")].map((section) =>
  [section.dataset.wmArticle, section.querySelector("[data-wm-corps]").textContent.replace(/\\s/g, "")])"""


def compare(piece: Piece, *pages: Page) -> None:
    """Both browsers, without reloading, show what the server holds; editors hold its very document."""
    wanted = [list(row) for row in texts_of(piece)]
    for page in pages:
        page.wait_for_function(CLEAN, timeout=30_000)
        page.wait_for_function(
            f"(wanted) => JSON.stringify(({SHOWN})()) === JSON.stringify(wanted)",
            arg=wanted,
            timeout=15_000,
        )
        written = page.evaluate('document.querySelector("[data-wm-piece]").wmPage.current?.id')
        if written:
            article = Article.objects.get(pk=written)
            page.wait_for_function(f"() => {NUMERO} === {article.numero}", timeout=15_000)
            assert page.evaluate(TEXT) == with_defaults(page, article.corps)


# ── The scenarios ───────────────────────────────────────────────────────────────────────────────

ONE, TWO = "Le titulaire remet un relevé chaque mois.", "Le délai est de trente jours."
PLAIN = ("paragraph", ONE), ("paragraph", TWO)


@dataclass(frozen=True)
class Crossing:
    """first, second: gestures of Nadia and of Hervé. becomes: blocks of the article, in one of
    these ways. aside: words that have no place any more, offered back to Hervé.
    """

    name: str
    first: Callable[[Page], None]
    second: Callable[[Page], None]
    becomes: tuple[list, ...]
    aside: str = ""
    corps: Callable[[], dict] = lambda: doc(p(ONE, id="aaaaaaaaa"), p(TWO, id="bbbbbbbbb"))


def paragraphs(*texts: str) -> list:
    return [("paragraph", text) for text in texts]


def item(text: str) -> tuple:
    return ("list_item", [("paragraph", text)])


TEXT_CROSSINGS = [
    Crossing(
        "typing, typing elsewhere in the paragraph",
        type_after("un relevé", " signé"),
        type_after("Le titulaire", " retenu"),
        (paragraphs("Le titulaire retenu remet un relevé signé chaque mois.", TWO),),
    ),
    Crossing(
        "typing, typing at the same place",
        type_after("un relevé", " signé"),
        type_after("un relevé", " daté"),
        (
            paragraphs("Le titulaire remet un relevé signé daté chaque mois.", TWO),
            paragraphs("Le titulaire remet un relevé daté signé chaque mois.", TWO),
        ),
    ),
    Crossing(
        "Enter, typing after the cut",
        press("un relevé", "Enter"),
        type_after("chaque mois", " échu"),
        (paragraphs("Le titulaire remet un relevé", " chaque mois échu.", TWO),),
    ),
    Crossing(
        "Enter, typing before the cut",
        press("un relevé", "Enter"),
        type_after("Le titulaire", " retenu"),
        (paragraphs("Le titulaire retenu remet un relevé", " chaque mois.", TWO),),
    ),
    Crossing(
        "Enter, Enter in the same paragraph",
        press("Le titulaire", "Enter"),
        press("un relevé", "Enter"),
        (paragraphs("Le titulaire", " remet un relevé", " chaque mois.", TWO),),
    ),
    Crossing(
        "two paragraphs joined, typing in the second",
        press("Le délai", "Backspace", at_start=True),
        type_after("Le délai", " global"),
        (paragraphs(f"{ONE}Le délai global est de trente jours."),),
    ),
    Crossing(
        "two paragraphs joined, typing at the end of the first",
        press("Le délai", "Backspace", at_start=True),
        type_after("chaque mois.", " Il le signe."),
        (paragraphs(f"{ONE} Il le signe.{TWO}"),),
    ),
    Crossing(
        "a paragraph becomes a heading, typing in it",
        choose("Le délai", "Texte", "Intertitre"),
        type_after("Le délai", " global"),
        ([PLAIN[0], ("heading", "Le délai global est de trente jours.")],),
    ),
    Crossing(
        "a paragraph becomes a list, typing in it",
        choose("Le délai", "Liste"),
        type_after("Le délai", " global"),
        ([PLAIN[0], ("bullet_list", [item("Le délai global est de trente jours.")])],),
    ),
    Crossing(
        "an item sinks in its list, typing in it",
        press("vitres", "Tab"),
        type_after("vitres", " hautes"),
        (
            [
                (
                    "bullet_list",
                    [
                        (
                            "list_item",
                            [("paragraph", "sols"), ("bullet_list", [item("vitres hautes")])],
                        )
                    ],
                ),
                PLAIN[1],
            ],
        ),
        corps=lambda: doc(liste("sols", "vitres", id="aaaaaaaaa"), p(TWO, id="bbbbbbbbb")),
    ),
    Crossing(
        "a row more in a table, typing in a cell",
        choose("Lot 1", "Tableau", "Ajouter une ligne au-dessous"),
        type_after("Lot 1", " Bureaux"),
        (
            [
                (
                    "table",
                    [
                        ("table_row", [("table_header", [("paragraph", "Lot")])]),
                        ("table_row", [("table_cell", [("paragraph", "Lot 1 Bureaux")])]),
                        ("table_row", [("table_cell", [("paragraph", "")])]),
                    ],
                ),
                PLAIN[1],
            ],
        ),
        corps=lambda: doc(tableau(["Lot"], ["Lot 1"], id="aaaaaaaaa"), p(TWO, id="bbbbbbbbb")),
    ),
    Crossing(
        "a passage deleted, typing inside it",
        delete("remet un relevé"),
        type_after("remet", " toujours"),
        (paragraphs("Le titulaire  chaque mois.", TWO),),
        aside="toujours",
    ),
    Crossing(
        "a passage moved by cut and paste, typing inside it",
        cut_and_paste(TWO, "chaque mois."),
        type_after("Le délai", " global"),
        (paragraphs(f"{ONE}{TWO}", ""),),
        aside="global",
    ),
]


@pytest.mark.parametrize("crossing", TEXT_CROSSINGS, ids=lambda one: one.name)
def test_gestures_that_cross_in_an_article(pair, crossing):
    piece = PieceFactory(marche=pair.marche)
    article = ArticleFactory(piece=piece, corps=crossing.corps())
    write(pair, piece, article)
    pair.away(*pair.pages)
    crossing.first(pair.nadia)
    crossing.second(pair.herve)
    pair.back(pair.nadia)
    pair.back(pair.herve)
    compare(piece, *pair.pages)
    article.refresh_from_db()
    assert [shape(block) for block in article.corps["content"]] in crossing.becomes
    expect_aside(pair, crossing.aside)


def test_a_word_being_composed_is_not_written_twice(pair):
    """As the keyboards of phones do, and dead keys: each word is composed, then put, while another writes there."""
    piece = PieceFactory(marche=pair.marche)
    article = ArticleFactory(piece=piece, corps=doc(p(ONE, id="aaaaaaaaa")))
    write(pair, piece, article)
    other = Participation.objects.get(marche=pair.marche, role="editeur").user
    keyboard = pair.nadia.context.new_cdp_session(pair.nadia)
    pair.nadia.evaluate("document.querySelector('[data-wm-piece]').wmPage.place({ edge: 'end' })")
    for number in range(3):
        word = f" composition{number}"
        for length in range(2, len(word) + 1):
            text = {"text": word[:length], "selectionStart": length, "selectionEnd": length}
            keyboard.send("Input.imeSetComposition", text)
            type_words(other, article, "z", at=len(ONE))
            # Polls and answers pass between the letters.
            pair.nadia.wait_for_timeout(400)
        keyboard.send("Input.insertText", {"text": word})
    pair.nadia.wait_for_function(CLEAN, timeout=30_000)
    compare(piece, *pair.pages)
    article.refresh_from_db()
    words = [f"composition{number}" for number in range(3)]
    assert plain_text(article.corps) == " ".join([ONE[:-1] + "z" * 36 + ".", *words])


@pytest.mark.parametrize("between", [0, 60])
def test_words_removed_before_they_were_received_come_back(pair, between):
    """However much others wrote between her words and their removal."""
    piece = PieceFactory(marche=pair.marche)
    article = ArticleFactory(piece=piece, corps=doc(p(ONE, id="aaaaaaaaa"), p(TWO, id="bbbbbbbbb")))
    write(pair, piece, article)
    base = article.numero
    type_after("remet", " toujours")(pair.nadia)
    pair.nadia.wait_for_function(CLEAN, timeout=30_000)
    other = Participation.objects.get(marche=pair.marche, role="editeur").user
    for _time in range(between):
        type_words(other, article, "x", at=len(ONE) + len(" toujours") + 3)
    # As a page that has not heard of her words yet sends it.
    at = 1 + ONE.index("remet")
    steps = [{"stepType": "replace", "from": at, "to": at + len("remet un relevé")}]
    sent = {"id": str(uuid4()), "prev": None, "base": base, "steps": steps}
    commits = reverse("wikimarche:article_commits", args=[article.pk])
    assert Browser(other).send_json(commits, sent).status_code == 200
    expect(pair.nadia.locator(".ProseMirror")).not_to_contain_text("toujours", timeout=15_000)
    compare(piece, *pair.pages)
    expect_aside(pair, "", covered="toujours")


def test_words_removed_unread_come_back_though_one_writes_elsewhere(pair):
    """She went on to the next article, as one does."""
    piece = PieceFactory(marche=pair.marche)
    article = ArticleFactory(piece=piece, titre="Relevés", texte=ONE)
    other = ArticleFactory(piece=piece, titre="Délais", texte=TWO)
    write(pair, piece, article)
    base = article.numero
    type_after("remet", " toujours")(pair.nadia)
    pair.nadia.wait_for_function(CLEAN, timeout=30_000)
    enter(pair.nadia, with_id(other))
    at = 1 + ONE.index("remet")
    steps = [{"stepType": "replace", "from": at, "to": at + len("remet un relevé")}]
    sent = {"id": str(uuid4()), "prev": None, "base": base, "steps": steps}
    editeur = Participation.objects.get(marche=pair.marche, role="editeur").user
    commits = reverse("wikimarche:article_commits", args=[article.pk])
    assert Browser(editeur).send_json(commits, sent).status_code == 200
    expect_aside(pair, "", covered="toujours")
    enter(pair.nadia, article)
    compare(piece, *pair.pages)


def test_words_that_were_read_before_they_are_removed_do_not_come_back(pair):
    piece = PieceFactory(marche=pair.marche)
    article = ArticleFactory(piece=piece, corps=doc(p(ONE, id="aaaaaaaaa"), p(TWO, id="bbbbbbbbb")))
    write(pair, piece, article)
    type_after("remet", " toujours")(pair.nadia)
    expect(pair.herve.locator(".ProseMirror")).to_contain_text("toujours", timeout=15_000)
    delete("remet toujours un relevé")(pair.herve)
    expect(pair.nadia.locator(".ProseMirror")).not_to_contain_text("toujours", timeout=15_000)
    compare(piece, *pair.pages)
    expect_aside(pair, "")


def expect_aside(pair: Pair, words: str, covered: str = "") -> None:
    """Hervé is given back these words, once and whole; Nadia, those that he removed unread."""
    for page, given in ((pair.herve, words), (pair.nadia, covered)):
        aside = page.locator(".wm-ecarte blockquote")
        expect(aside).to_have_text([given] if given else [], timeout=30_000)


def write(pair: Pair, piece: Piece, article: Article) -> None:
    """Both are in the article, ready to type."""
    for page in pair.pages:
        page.goto(piece.get_absolute_url())
        enter(page, with_id(article))


def with_id(article: Article):
    article.id = str(article.pk)
    return article


@pytest.fixture
def two(pair) -> tuple[Piece, Article, Article]:
    """Two articles; both people are in the second, Hervé offline."""
    piece = PieceFactory(marche=pair.marche)
    first = ArticleFactory(piece=piece, titre="Relevés", texte=ONE)
    second = ArticleFactory(piece=piece, titre="Délais", texte=TWO)
    write(pair, piece, second)
    pair.away(pair.herve)
    type_after("Le délai", " global")(pair.herve)
    return piece, first, second


def plan_of(piece: Piece) -> list[str]:
    rows = Article.objects.filter(piece=piece, statut="actif").order_by("rang")
    return [plain_text(one.corps) for one in rows]


def click(page: Page, item: str) -> None:
    """An entry of the menu of the article, played to its end."""
    with page.expect_response(
        lambda answer: "/articles/" in answer.url and answer.request.method == "POST"
    ):
        choose("Le délai" if item != "Scinder ici" else "Le", "Article", item)(page)


def test_an_article_moved_typing_in_it(pair, two):
    piece, _first, _second = two
    click(pair.nadia, "Monter l’article")
    pair.back(pair.herve)
    compare(piece, *pair.pages)
    assert plan_of(piece) == ["Le délai global est de trente jours.", ONE]
    expect_aside(pair, "")


def test_an_article_cut_in_two_typing_in_the_part_that_leaves(pair, two):
    piece, _first, _second = two
    click(pair.nadia, "Scinder ici")
    pair.back(pair.herve)
    expect_aside(pair, "global")
    compare(piece, *pair.pages)
    assert plan_of(piece) == [ONE, "Le", " délai est de trente jours."]


def test_an_article_merged_into_another_typing_in_it(pair, two):
    piece, _first, _second = two
    click(pair.nadia, "Fusionner avec l’article précédent")
    pair.back(pair.herve)
    expect_aside(pair, "global")
    compare(piece, *pair.pages)
    assert plan_of(piece) == [f"{ONE}\nDélais\n{TWO}"]


def test_words_typed_in_an_article_merged_meanwhile_go_where_its_text_went(pair, two):
    """It is said by whom and into which article; one goes on writing there, at the same words."""
    piece, first, _second = two
    click(pair.nadia, "Fusionner avec l’article précédent")
    pair.back(pair.herve)
    page, said = (
        pair.herve,
        f"{pair.marche.author} a fusionné cet article dans «\u202fRelevés\u202f»",
    )
    expect(page.locator(".wm-ecarte blockquote")).to_have_text("global", timeout=15_000)
    expect(page.locator(".wm-ecarte .note")).to_contain_text(said)
    expect(page.locator(TOASTS, has_text=said)).to_have_count(1)
    expect(page.locator(f"#a-{first.pk} .ProseMirror")).to_be_focused()
    page.keyboard.type(" entier")
    page.get_by_role("button", name="Remettre dans l’article 1").click()
    expect(page.locator(".wm-ecarte")).to_have_count(0)
    page.wait_for_function(CLEAN, timeout=30_000)
    compare(piece, *pair.pages)
    first.refresh_from_db()
    assert "Le délai entier est de trente jours.\nglobal" in plain_text(first.corps)


@pytest.mark.parametrize("by", ["oneself", "a colleague"])
def test_the_keyboard_goes_to_the_next_article_when_one_is_retired(pair, by):
    piece = PieceFactory(marche=pair.marche)
    article, following = (ArticleFactory(piece=piece, texte=text) for text in (ONE, TWO))
    write(pair, piece, article)
    page = pair.nadia if by == "oneself" else pair.herve
    choose("Le titulaire", "Article", "Retirer l’article")(pair.nadia)
    pair.nadia.keyboard.type("Doublon")
    pair.nadia.keyboard.press("Enter")
    expect(page.locator(f"#a-{article.pk}")).to_have_count(0, timeout=15_000)
    expect(page.locator(f"#a-{following.pk}")).to_be_focused()


ROLE = "Votre rôle a changé : vous êtes maintenant observateur."
TOASTS = ".wm-message p"


@pytest.mark.parametrize("heard", ["by a save", "by a question"])
def test_a_role_lowered_while_one_types(pair, heard):
    """Said once and truly; the page is one to read, and what was not saved can still be copied."""
    piece = PieceFactory(marche=pair.marche)
    write(pair, piece, ArticleFactory(piece=piece, texte=TWO))
    mine = Participation.objects.get(marche=pair.marche, role="editeur")
    page, ways = pair.herve, [re.compile("/commits/"), re.compile("/nouveautes/")]
    first, other = ways if heard == "by a save" else reversed(ways)
    # No answer before the last letter; the other way of hearing it takes its time.
    kept = {way: [] for way in ways}

    def hold(way):
        def keep(route):  # a method of a list has no room for what Playwright writes on a handler
            kept[way].append(route)

        intercept(page, way, keep)

    def let_go(way):
        page.unroute(way)
        for route in kept[way]:
            with contextlib.suppress(Error):  # asked by a page that has gone since
                route.continue_()

    for way in ways:
        hold(way)
    try:
        change_role(by=pair.marche.author, participation=mine, role="observateur")
        page.keyboard.type(" toujours")
        let_go(first)
        page.wait_for_timeout(1500)
        let_go(other)
        expect(page.locator(".wm-lecture")).to_be_visible(timeout=15_000)
        expect(page.locator(TOASTS)).to_have_count(1)
        expect(page.locator(TOASTS)).to_contain_text(ROLE)
        expect(page.locator(".wm-ecarte blockquote")).to_have_text("toujours")
        expect(page.locator(".wm-ecarte .note")).to_contain_text("éditeur ou gestionnaire")
        expect(page.locator(".wm-ecarte .note")).not_to_contain_text("commentateur")
        for gone in ("Remettre", "Écrire dans l’article 1"):
            expect(page.get_by_role("button", name=gone, exact=True)).to_have_count(0)
        add = page.get_by_role("button", name="Article", exact=True)
        expect(add).to_have_attribute("aria-disabled", "true")
        expect(page.locator(".wm-enreg")).not_to_contain_text("Un autre texte")
    finally:
        page.unroute_all(behavior="ignoreErrors")
        mine.refresh_from_db()
        change_role(by=pair.marche.author, participation=mine, role="editeur")


def test_the_comparison_sees_a_browser_that_shows_something_else(pair):
    """Positive control: one letter that the server does not hold."""
    piece = PieceFactory(marche=pair.marche)
    write(pair, piece, ArticleFactory(piece=piece, texte=ONE))
    compare(piece, *pair.pages)
    pair.herve.evaluate(
        """() => { const { seance } = document.querySelector("[data-wm-piece]").wmPage.current;
        seance.state = seance.state.apply(seance.state.tr.insertText("x", 1)); seance.view.updateState(seance.state); }"""
    )
    with pytest.raises(TimeoutError):
        compare(piece, *pair.pages)


def test_the_scenarios_are_sixteen():
    """Those in the text, each under a name of its own, and those that change the plan."""
    plan = [name for name in globals() if name.startswith("test_an_article_")]
    assert len({crossing.name for crossing in TEXT_CROSSINGS}) + len(plan) == 16
