"""What a person who writes for the first time does: add an article, name it, write, cut, merge, take back.

Against the in-memory harness of frontend/harness, so that the editor is judged alone.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from frontend.harness.serveur import Serveur
from tests.e2e.test_ecrire_dans_un_article import CLEAN, enter, open_page  # noqa: F401 (fixture)
from tests.support.outage import lose_network
from wikimarche.domain.canonical import plain_text


pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
TITLED = "() => document.activeElement?.matches('[data-wm-titre][contenteditable]')"


@pytest.fixture
def serveur() -> Iterator[Serveur]:
    harness = Serveur()
    yield harness
    harness.close()


def wait_titled(page, one, titre):
    """The title has arrived: nothing is left to send before a key struck in it is read, so CLEAN alone says too little."""
    for _ in range(400):
        if one.titre == titre:
            break
        page.wait_for_timeout(50)
    page.wait_for_function(CLEAN)
    assert one.titre == titre


def choose(page, item):
    page.locator(".wm-barre .dropdown-item", has_text=item).evaluate("(button) => button.click()")


def test_add_an_article_with_the_mouse_and_write_it(serveur, open_page):  # noqa: F811
    piece, page = serveur.piece, open_page("nadia")
    page.locator("[data-wm-ajouter] button").click()
    page.wait_for_function(TITLED)
    one = piece.articles[-1]
    title = page.locator(f"#a-{one.id} [data-wm-titre]")
    assert title.bounding_box()["height"] >= 20
    assert title.bounding_box()["width"] >= 150
    shown = "(node, pseudo) => getComputedStyle(node, pseudo).content"
    assert "Titre de l’article" in title.evaluate(shown, "::before")
    page.keyboard.type("L'objet d'abord")
    corps = page.locator(f"#a-{one.id} [data-wm-corps]")
    assert corps.bounding_box()["height"] >= 20
    # The text is drawn again when the editor has read it: whichever paragraph stands there says so.
    page.wait_for_function(
        """(id) => getComputedStyle(document.querySelector(`#a-${id} [data-wm-corps] p`), "::before").content.includes("Écrire…")""",
        arg=str(one.id),
    )
    corps.click()
    page.wait_for_selector(f"#a-{one.id}.wm-ecrit .ProseMirror-focused")
    page.keyboard.type("Le texte")
    wait_titled(page, one, "L’objet d’abord")
    assert plain_text(one.corps).strip() == "Le texte"


def test_a_title_holds_its_signs_to_their_words(serveur, open_page):  # noqa: F811
    """At the end of a line, « never stays alone, and : never begins the next one."""
    piece, page = serveur.piece, open_page("nadia")
    page.locator("[data-wm-ajouter] button").click()
    page.wait_for_function(TITLED)
    page.keyboard.type("Délais : « neuf » ; 10 %")
    page.keyboard.press("Enter")
    kept = "Délais\u00a0: «\u202fneuf\u202f»\u202f; 10\u00a0%"
    wait_titled(page, piece.articles[-1], kept)
    assert page.locator(f"#a-{piece.articles[-1].id} [data-wm-titre]").text_content() == kept


def test_add_after_the_article_one_writes_in(serveur, open_page):  # noqa: F811
    piece, page = serveur.piece, open_page("nadia")
    enter(page, piece.articles[1])
    page.locator("[data-wm-ajouter] button").click()
    page.wait_for_function(TITLED)
    assert [one.titre == "" for one in piece.articles] == [False, False, True, False, False, False]


def test_enter_after_a_title_goes_on_with_the_text(serveur, open_page):  # noqa: F811
    """Not a letter is lost, however slow the server."""
    one, page = serveur.piece.articles[1], open_page("nadia")
    page.locator(f"#a-{one.id} [data-wm-titre]").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Produits")
    page.keyboard.press("Enter")
    page.keyboard.type("Le titulaire fournit tout.")
    page.wait_for_selector(f"#a-{one.id}.wm-ecrit .ProseMirror-focused")
    wait_titled(page, one, "Produits")
    assert plain_text(one.corps).strip() == "Le titulaire fournit tout."


def test_a_title_too_long_is_told(serveur, open_page):  # noqa: F811
    one, page = serveur.piece.articles[1], open_page("nadia")
    page.locator(f"#a-{one.id} [data-wm-titre]").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("x" * 280)
    said = page.locator(f"#a-{one.id} .wm-titre-reste")
    expect(said).to_contain_text("Encore 20 signes")
    page.keyboard.type("y" * 25)
    expect(said).to_contain_text("Un titre compte 300 signes au plus")
    expect(said).to_contain_text("n’a pas été reprise")
    page.keyboard.press("Enter")
    wait_titled(page, one, "x" * 280 + "y" * 20)


def test_the_second_half_asks_for_its_title_then_for_its_text(serveur, open_page):  # noqa: F811
    piece, page = serveur.piece, open_page("nadia")
    enter(page, piece.articles[2], "5")
    choose(page, "Scinder ici")
    page.wait_for_function("() => document.querySelectorAll('[data-wm-article]').length === 6")
    page.wait_for_selector(f"#a-{piece.articles[3].id} [data-wm-titre]:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#a-{piece.articles[3].id}.wm-ecrit .ProseMirror-focused")


def test_retiring_is_taken_back_from_its_message(serveur, open_page):  # noqa: F811
    piece, page = serveur.piece, open_page("nadia")
    one = piece.articles[2]
    enter(page, one)
    choose(page, "Retirer l’article")
    page.get_by_label("Pour quelle raison ?").fill("Doublon")
    page.keyboard.press("Enter")
    toast = page.locator("[data-wm-toasts] .wm-message", has_text="L’article est retiré.")
    toast.get_by_role("button", name="Rétablir").click()
    page.wait_for_selector(f"#a-{one.id}[data-statut='actif']")
    assert not one.retire


def test_merging_says_so_and_keeps_the_cursor(serveur, open_page):  # noqa: F811
    piece, page = serveur.piece, open_page("nadia")
    enter(page, piece.articles[3])
    choose(page, "Fusionner avec")
    page.wait_for_selector(f"#a-{piece.articles[2].id}.wm-ecrit .ProseMirror-focused")
    toast = page.locator("[data-wm-toasts] .wm-message", has_text="n’en font plus qu’un")
    expect(toast.get_by_role("button", name="Défaire la fusion")).to_be_visible()


def test_the_phone_shows_the_state_of_saving_and_moves_articles(serveur, open_page):  # noqa: F811
    piece, page = serveur.piece, open_page("nadia", 390, 844)
    one = piece.articles[4]
    enter(page, one)
    low = page.locator(".wm-barre [data-wm-enregistrement-bas]")
    page.keyboard.type(" mot")
    expect(low).to_contain_text("Enregistré à")
    expect(low).to_be_in_viewport()
    lose_network(page.context)
    page.keyboard.type(" hors")
    expect(low).to_contain_text("Hors ligne, votre texte est gardé ici")
    page.context.set_offline(False)
    page.wait_for_function(CLEAN, timeout=20_000)
    choose(page, "Monter l’article")
    page.wait_for_function(
        f"() => document.querySelectorAll('[data-wm-article]')[3].id === 'a-{one.id}'"
    )


def test_a_piece_that_nobody_wrote_in_is_not_told_as_saved(serveur, browser):
    page = browser.new_page()
    state = f'data-instant="9 h 00" data-version="{serveur.piece.version}">Enregistré<'
    home = f"{serveur.url}?moi=nadia"

    def empty(route):
        answer = route.fetch()
        assert state in answer.text()
        fresh = 'data-instant="" data-version="0">Rien d’enregistré encore<'
        route.fulfill(response=answer, body=answer.text().replace(state, fresh))

    page.route(home, empty)
    page.goto(home)
    said = page.locator(".wm-enreg").first
    expect(said.locator("[role=status]")).to_have_text("Rien d’enregistré encore")
    expect(said.locator("use")).to_have_attribute("href", re.compile("file-earmark"))
    expect(said).not_to_have_class(re.compile("e-sapin"))
    page.close()


def test_signing_in_again_elsewhere_is_noticed(serveur, open_page):  # noqa: F811
    one, page = serveur.piece.articles[1], open_page("nadia")
    enter(page, one)
    serveur.piece.expired = True
    page.keyboard.type("un deux")
    link = page.locator(".wm-qui-la").get_by_role("link", name="Se reconnecter")
    expect(link).to_be_visible()
    assert link.get_attribute("target") == "_blank"
    page.wait_for_timeout(6000)
    serveur.piece.expired = False
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_function(CLEAN, timeout=3000)
    expect(page.locator(".wm-enreg").first).to_contain_text("Enregistré à")
    expect(link).to_be_hidden()


def test_a_footnote_is_a_number_and_stands_at_the_foot(serveur, open_page):  # noqa: F811
    one, page = serveur.piece.articles[1], open_page("nadia")
    enter(page, one)
    page.keyboard.type("Le titulaire")
    page.get_by_role("button", name="Note de bas de page").click()
    page.get_by_label("Texte de la note").fill("Voir l'annexe 2.")
    page.get_by_role("button", name="Ajouter la note").click()
    page.keyboard.type(" fournit tout.")
    call = page.locator(f"#a-{one.id} p .wm-note-bas")
    assert call.bounding_box()["width"] < 20
    assert call.evaluate("(node) => getComputedStyle(node).fontSize") == "0px"
    foot = page.locator(f"#a-{one.id} .wm-notes li")
    expect(foot).to_contain_text("Voir l’annexe 2.")
    page.get_by_role("button", name="Modifier la note 1").click()
    page.get_by_label("Texte de la note").fill("Voir l’annexe 3.")
    page.get_by_role("button", name="Modifier la note", exact=True).click()
    expect(foot).to_contain_text("Voir l’annexe 3.")
    page.wait_for_function(CLEAN)
    page.keyboard.press("Escape")
    expect(page.locator(f"#a-{one.id} [data-wm-corps] > .wm-notes li")).to_have_text(
        "Voir l’annexe 3."
    )
    page.reload()
    expect(foot).to_have_text("Voir l’annexe 3.")
    assert plain_text(one.corps).startswith("Le titulaire")
    assert "fournit tout." in plain_text(one.corps)


# A letter that arrives with the event « close », before whoever waits for it.
EARLY_LETTERS = """() => {
  const show = HTMLDialogElement.prototype.showModal;
  HTMLDialogElement.prototype.showModal = function () {
    this.addEventListener("close", () => document.execCommand("insertText", false, " tout"));
    show.call(this);
  };
}"""


def test_a_letter_struck_as_the_window_closes_goes_to_the_cursor(serveur, open_page):  # noqa: F811
    """The browser gives the focus back with the cursor at the start of the text."""
    one, page = serveur.piece.articles[1], open_page("nadia")
    enter(page, one)
    page.keyboard.type("Le titulaire")
    page.evaluate(EARLY_LETTERS)
    page.get_by_role("button", name="Note de bas de page").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Note de bas de page").click()
    page.get_by_label("Texte de la note").fill("Voir l'annexe 2.")
    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.locator(f"#a-{one.id} [data-wm-corps]")).to_have_text(
        re.compile("tout.* tout", re.DOTALL)
    )
    page.keyboard.type(" fournit.")
    page.wait_for_function(CLEAN)
    assert plain_text(one.corps).strip() == "Le titulaire tout [Voir l’annexe 2.] tout fournit."


def test_a_note_is_changed_where_it_is_now(serveur, open_page):  # noqa: F811
    one, page = serveur.piece.articles[1], open_page("nadia")
    enter(page, one)
    page.keyboard.type("Le titulaire")
    page.get_by_role("button", name="Note de bas de page").click()
    page.get_by_label("Texte de la note").fill("Voir l'annexe 2.")
    page.get_by_role("button", name="Ajouter la note").click()
    page.wait_for_function(CLEAN)
    page.get_by_role("button", name="Modifier la note 1").click()
    page.get_by_label("Texte de la note").fill("Voir l’annexe 3.")
    other = open_page("herve")
    enter(other, one, "start")
    other.keyboard.type("Toujours, ")
    other.wait_for_function(CLEAN)
    expect(page.locator(f"#a-{one.id} p").first).to_contain_text("Toujours, ", timeout=15_000)
    page.get_by_role("button", name="Modifier la note", exact=True).click()
    page.wait_for_function(CLEAN)
    assert plain_text(one.corps).strip() == "Toujours, Le titulaire [Voir l’annexe 3.]"
