"""Words of a text are commented in a real browser, by who reads and by who writes; the thread follows them."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_au_clavier_seul import go_to
from tests.e2e.test_rediger_a_plusieurs import enter
from tests.support.client import give_session
from tests.support.equipe import text_of
from tests.support.fils import comment_on
from tests.support.outage import intercept
from tests.wikimarche.domain.factories import doc, p
from tests.wikimarche.factories import ArticleFactory
from wikimarche.models import Article, Fil
from wikimarche.services import reply_to_fil


pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

CLEAN = """() => [...document.querySelector("[data-wm-piece]").wmPage.seances.values()]
  .every((one) => !one.dirty)"""
CHOSEN = """(size) => { const { from, to } =
  document.querySelector("[data-wm-piece]").wmPage.current.seance.state.selection; return to - from === size; }"""
CHOOSE = """([article, from, to]) => {
  // From and to are places in the letters shown, wherever their nodes begin.
  const corps = document.querySelector(`#a-${article} [data-wm-corps]`);
  const walk = document.createTreeWalker(corps, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let seen = 0;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (from >= seen && from <= seen + node.length) range.setStart(node, from - seen);
    if (to >= seen && to <= seen + node.length) { range.setEnd(node, to - seen); break; }
    seen += node.length;
  }
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}"""


@pytest.fixture
def open_piece(new_page, live_server_url, equipe):
    def open_one(user) -> Page:
        opened = new_page()
        give_session(opened, live_server_url, user)
        opened.goto(equipe.piece.get_absolute_url())
        opened.wait_for_selector("[data-wm-fils]")
        return opened

    return open_one


def choose(page: Page, article: Article, words: str) -> None:
    """Choose words of an article, as a mouse would."""
    shown = page.locator(f"#a-{article.pk} [data-wm-corps]").evaluate(
        """(corps) => { const walk = document.createTreeWalker(corps, NodeFilter.SHOW_TEXT); let all = "";
        while (walk.nextNode()) all += walk.currentNode.data; return all; }"""
    )
    at = shown.index(words)
    page.evaluate(CHOOSE, [str(article.pk), at, at + len(words)])


def comment(page: Page, texte: str, genre: str = "Question") -> None:
    page.locator(".wm-commenter").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Votre commentaire").fill(texte)
    dialog.get_by_label(genre).check()
    marks = page.locator("mark[data-fil]")
    before = marks.count()
    dialog.get_by_role("button", name="Commenter").click()
    expect(dialog).to_have_count(0)
    # The text shows it, and the keyboard is on it: until then the page moves under the hand.
    page.wait_for_function(
        "(n) => document.querySelectorAll('mark[data-fil]').length > n", arg=before
    )
    expect(page.locator("[data-wm-fil].choisi")).to_be_focused()


def anchored(article: Article) -> str:
    """The words that carry an anchor, as they are stored."""
    corps = Article.objects.values_list("corps", flat=True).get(pk=article.pk)
    return "".join(
        node.get("text", "*")
        for block in corps["content"]
        for node in block.get("content", ())
        if any(mark["type"] == "comment" for mark in node.get("marks", ()))
    )


def test_a_reader_comments_words_and_who_writes_answers(open_piece, equipe):
    reader, writer = open_piece(equipe.person("commentateur")), open_piece(equipe.person())
    choose(reader, equipe.article, "trente jours")
    comment(reader, "Trente, ou soixante ?")
    note = reader.locator("[data-wm-fil]")
    expect(note).to_contain_text("Trente, ou soixante ?")
    expect(note).to_be_focused()
    assert anchored(equipe.article) == "trente jours"
    expect(reader.locator("mark[data-fil]")).to_have_text("trente jours")
    # The other page hears of it by itself, and answers.
    theirs = writer.locator("[data-wm-fil]")
    expect(theirs).to_contain_text("«\u202ftrente jours\u202f»", timeout=10_000)
    theirs.get_by_label("Votre réponse").fill("Soixante.")
    theirs.get_by_role("button", name="Résoudre").click()
    expect(theirs).to_contain_text("Résolu")
    fil = Fil.objects.get()
    assert fil.statut == "resolu"
    expect(reader.locator("#onglet-commentaires .chif")).to_have_text("0", timeout=10_000)


def test_who_writes_comments_what_she_just_typed(open_piece, equipe):
    page = open_piece(equipe.person())
    enter(page, str(equipe.article.pk))
    page.keyboard.type(" ouvrés")
    choose(page, equipe.article, "jours. ouvrés")
    comment(page, "Ou ouvrables ?", "Correction")
    expect(page.locator("[data-wm-fil]")).to_contain_text("Ou ouvrables ?")
    expect(page.locator("[data-wm-fil]")).to_be_focused()
    assert anchored(equipe.article) == "jours. ouvrés"
    # She goes on typing, and the anchor stays on its words.
    enter(page, str(equipe.article.pk))
    page.keyboard.press("Control+Home")
    page.keyboard.type("Ici, ")
    page.wait_for_function(CLEAN)
    assert anchored(equipe.article) == "jours. ouvrés"


def test_things_that_are_no_text_count_for_one(open_piece, equipe):
    variable = {"type": "variable", "attrs": {"chemin": "marche.lieu_execution"}}
    note = {"type": "note_bas_de_page", "attrs": {"texte": "Voir le plan."}}
    renvoi = {"type": "renvoi", "attrs": {"article": str(equipe.second.pk)}}
    corps = doc(
        p(
            "À ",
            variable,
            ", selon l’",
            renvoi,
            note,
            {"type": "hard_break"},
            "ou ailleurs.",
            id="aaaaaaaaa",
        ),
        p(id="bbbbbbbbb"),
        p("Puis la suite.", id="ccccccccc"),
    )
    mixed = ArticleFactory(piece=equipe.piece, corps=corps)
    page = open_piece(equipe.person("commentateur"))
    choose(page, mixed, "ailleurs")
    comment(page, "Où ?")
    assert anchored(mixed) == "ailleurs"
    # A datum that the fiche does not say yet is drawn in words of the page: chosen too, it is no other text.
    choose(page, mixed, "À [Lieu d’exécution à compléter], selon")
    comment(page, "Lequel ?")
    assert anchored(mixed) == "À *, selonailleurs"


def test_what_cannot_be_kept_stays_in_its_window(open_piece, equipe):
    page = open_piece(equipe.person("commentateur"))
    page.expected_errors.append("503")
    intercept(page, "**/commenter/", lambda route: route.fulfill(status=503, body=""))
    choose(page, equipe.article, "trente jours")
    page.locator(".wm-commenter").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Votre commentaire").fill("Trente ?")
    dialog.get_by_role("button", name="Commenter").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Votre commentaire est encore ici")
    expect(dialog.get_by_label("Votre commentaire")).to_have_value("Trente ?")
    page.unroute("**/commenter/")
    dialog.get_by_role("button", name="Commenter").click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("Trente ?")
    assert Fil.objects.count() == 1


def test_by_the_keyboard_alone(open_piece, equipe):
    """Who reads comments an article; who writes chooses words with the arrows; the next thread is a key away."""
    reader = open_piece(equipe.person("commentateur"))
    go_to(reader, "Commenter l’article 2")
    reader.keyboard.press("Enter")
    reader.locator("dialog[open] textarea").wait_for()
    reader.keyboard.type("Fermes ?")
    reader.keyboard.press("Control+Enter")
    expect(reader.locator("[data-wm-fil]")).to_contain_text("Fermes ?")
    expect(reader.locator("[data-wm-fil]")).to_be_focused()
    writer = open_piece(equipe.person())
    enter(writer, str(equipe.article.pk))
    writer.keyboard.press("Control+Home")
    for _ in range(8):
        writer.keyboard.press("Shift+ArrowRight")
    writer.wait_for_function(CHOSEN, arg=8)
    writer.keyboard.press("Alt+Shift+C")
    writer.locator("dialog[open] textarea").wait_for()
    writer.keyboard.type("Lequel ?")
    writer.keyboard.press("Control+Enter")
    notes = writer.locator("[data-wm-fil]")
    expect(notes).to_have_count(2)
    expect(notes.nth(0)).to_contain_text("«\u202fLe délai\u202f»")
    expect(notes.nth(0)).to_be_focused()
    writer.keyboard.press("Alt+Shift+K")
    expect(notes.nth(1)).to_be_focused()
    writer.keyboard.press("Alt+Shift+K")
    expect(notes.nth(0)).to_be_focused()


def test_many_comments_scroll_in_their_panel_and_the_page_stays(open_piece, equipe):
    for rank in range(12):
        comment_on(equipe.browser("commentateur"), equipe.article, f"Question {rank} ?")
    page = open_piece(equipe.person())
    expect(page.locator("[data-wm-fil]")).to_have_count(12)
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    page.locator("[data-wm-fil]").last.evaluate("(note) => note.scrollIntoView()")
    expect(page.locator("[data-wm-fil]").last).to_be_in_viewport()
    assert page.locator("header").first.bounding_box()["y"] == 0


def test_words_just_typed_then_left_are_the_words_commented(open_piece, equipe):
    """The places chosen are those of the text on the page, whatever was saved since it was opened."""
    page = open_piece(equipe.person())
    enter(page, str(equipe.article.pk))
    page.keyboard.press("Control+Home")
    page.keyboard.type("Ici, ")
    page.wait_for_function(CLEAN)
    page.keyboard.press("Escape")
    expect(page.locator(f"#a-{equipe.article.pk}.wm-ecrit")).to_have_count(0)
    choose(page, equipe.article, "trente jours")
    comment(page, "Trente ?")
    assert anchored(equipe.article) == "trente jours"
    assert Fil.objects.get().citation == "trente jours"


def test_copied_words_leave_their_comment_and_cut_ones_take_it(open_piece, equipe):
    page = open_piece(equipe.person())
    choose(page, equipe.second, "Les prix")
    comment(page, "Lesquels ?")
    expect(page.locator("[data-wm-fil]")).to_be_focused()
    for key, first, second in (("c", "", "Les prix"), ("x", "Les prix", "")):
        enter(page, str(equipe.second.pk))
        choose(page, equipe.second, "Les prix")
        page.wait_for_function(CHOSEN, arg=8)
        page.keyboard.press(f"Control+{key}")
        enter(page, str(equipe.article.pk))
        page.keyboard.press("Control+Home")
        page.keyboard.press("Control+v")
        page.wait_for_function(CLEAN)
        assert anchored(equipe.article) == first, key
        assert anchored(equipe.second) == second, key
        if key == "c":
            assert "Les prix" in text_of(equipe.article)


def test_what_one_is_writing_in_the_panel_stays_when_others_speak(open_piece, equipe):
    page = open_piece(equipe.person())
    choose(page, equipe.article, "trente jours")
    comment(page, "Trente ?")
    answer = page.locator("[data-wm-fil]").get_by_label("Votre réponse")
    answer.fill("Je cherche la")
    reply_to_fil(by=equipe.person("commentateur"), fil=Fil.objects.get(), texte="Oui, trente.")
    expect(page.locator("[data-wm-fil]")).to_contain_text("Oui, trente.", timeout=10_000)
    answer = page.locator("[data-wm-fil]").get_by_label("Votre réponse")
    expect(answer).to_have_value("Je cherche la")
    expect(answer).to_be_focused()
    answer.press_sequentially(" règle")
    page.locator("[data-wm-fil]").get_by_role("button", name="Répondre", exact=True).click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("Je cherche la règle")


def test_the_words_lead_to_their_thread_and_back(open_piece, equipe):
    page = open_piece(equipe.person("commentateur"))
    choose(page, equipe.article, "trente jours")
    comment(page, "Trente ?")
    page.get_by_role("tab", name="Historique").click()
    page.locator("mark[data-fil]").click()
    expect(page.locator("[data-wm-fil].choisi")).to_be_visible()
    expect(page.locator("mark[data-fil].active")).to_have_text("trente jours")
