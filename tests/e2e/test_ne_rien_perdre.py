"""What is typed reaches the server once and in order, whatever happens to the network, the session or the page.

Against the in-memory harness of frontend/harness: a browser that loses everything but its storage.
"""

import random
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from frontend.harness.serveur import Article, Serveur
from tests.e2e.test_ecrire_dans_un_article import enter
from tests.support.outage import intercept, lose_network
from wikimarche.domain.canonical import plain_text


pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

KEPT = "() => Object.keys(localStorage).filter((key) => key.startsWith('wm:brouillon')).length"
CLEAN = """() => { const page = document.querySelector("[data-wm-piece]").wmPage;
  return [...page.seances.values()].every((seance) => !seance.dirty); }"""


@pytest.fixture
def serveur() -> Iterator[Serveur]:
    harness = Serveur()
    yield harness
    harness.close()


@pytest.fixture
def nadia(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert errors == []


def open_piece(nadia: BrowserContext, serveur: Serveur) -> Page:
    page = nadia.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{serveur.url}comparer/")
    page.goto(f"{serveur.url}?moi=nadia")
    return page


def wait_nothing_kept(page: Page) -> None:
    page.wait_for_function(f"() => ({KEPT})() === 0", timeout=30_000)


def cut(nadia: BrowserContext, serveur: Serveur, kind: str) -> None:
    if kind == "offline":
        lose_network(nadia)
    else:
        serveur.piece.expired = True


def mend(nadia: BrowserContext, serveur: Serveur) -> None:
    nadia.set_offline(False)
    serveur.piece.expired = False


@pytest.mark.parametrize("kind", ["offline", "expired"])
@pytest.mark.parametrize("way", ["back", "reload", "close"])
def test_leave_as_soon_as_the_server_is_back(serveur, nadia, kind, way):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    cut(nadia, serveur, kind)
    page.keyboard.type("un deux")
    page.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    page.keyboard.type(" trois quatre")
    page.wait_for_timeout(500)
    mend(nadia, serveur)
    if way == "back":
        page.go_back()
        page.goto(f"{serveur.url}?moi=nadia")
    elif way == "reload":
        page.reload()
    else:
        page.close()
        page = open_piece(nadia, serveur)
    page.wait_for_selector(f"#a-{one.id} [data-wm-corps]:has-text('un deux trois quatre')")
    wait_nothing_kept(page)
    assert plain_text(one.corps).strip() == "un deux trois quatre"


@pytest.mark.parametrize("kind", ["offline", "expired"])
def test_close_while_cut_and_come_back_later(serveur, nadia, kind):
    """Nobody answers while the tab closes: the next page of this person sends it all."""
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    cut(nadia, serveur, kind)
    page.keyboard.type("un deux")
    page.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    page.keyboard.type(" trois quatre")
    page.close()
    assert plain_text(one.corps).strip() == ""
    mend(nadia, serveur)
    page = open_piece(nadia, serveur)
    wait_nothing_kept(page)
    assert plain_text(one.corps).strip() == "un deux trois quatre"


def test_a_page_opened_while_the_session_is_over_sends_it_once_signed_in(serveur, nadia):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    serveur.piece.expired = True
    page.keyboard.type("un deux")
    page.wait_for_selector(".wm-enreg:has-text('Session terminée')")
    page.reload()
    page.wait_for_selector(".wm-enreg:has-text('Session terminée')")
    serveur.piece.expired = False
    wait_nothing_kept(page)
    assert plain_text(one.corps).strip() == "un deux"


def test_another_tab_leaves_alone_what_a_living_page_holds(serveur, nadia):
    one, first = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(first, one)
    serveur.piece.expired = True
    first.keyboard.type("un deux")
    first.wait_for_selector(".wm-enreg:has-text('Session terminée')")
    second = open_piece(nadia, serveur)
    second.wait_for_timeout(800)
    assert second.evaluate(KEPT) == 1
    first.keyboard.type(" trois quatre")
    serveur.piece.expired = False
    second.reload()
    first.wait_for_function(CLEAN, timeout=20_000)
    wait_nothing_kept(first)
    assert plain_text(one.corps).strip() == "un deux trois quatre"


def test_nobody_sends_the_text_of_somebody_else(serveur, nadia):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    serveur.piece.expired = True
    page.keyboard.type("un deux")
    page.wait_for_selector(".wm-enreg:has-text('Session terminée')")
    page.close()
    serveur.piece.expired = False
    other = nadia.new_page()
    other.goto(f"{serveur.url}?moi=herve")
    other.wait_for_timeout(1000)
    assert plain_text(one.corps).strip() == ""
    other.goto(f"{serveur.url}?moi=nadia")
    wait_nothing_kept(other)
    assert plain_text(one.corps).strip() == "un deux"


EVENTS = [
    "type",
    "type",
    "type",
    "offline",
    "expired",
    "unavailable",
    "lost",
    "slow",
    "mend",
    "reload",
    "back",
    "close",
]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_each_word_once_and_in_order_whatever_happens(serveur, nadia, seed):
    chance = random.Random(seed)  # noqa: S311 (the same scenario each time)
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    count = 0
    told = []
    for _ in range(40):
        event = chance.choice(EVENTS)
        told.append(event)
        if event == "type":
            page.keyboard.type(f"m{count:02} ")
            count += 1
        elif event in {"offline", "expired"}:
            cut(nadia, serveur, event)
        elif event == "unavailable":
            serveur.piece.unavailable = 2
        elif event == "lost":
            serveur.piece.lose_answers = 1
        elif event == "slow":
            serveur.piece.delay = chance.choice([0, 0.3, 0.9])
        elif event == "mend":
            mend(nadia, serveur)
        else:
            page = come_back(event, page, nadia, serveur, one)
        page.wait_for_timeout(chance.choice([0, 100, 300, 900]))
    page = come_back("reload", page, nadia, serveur, one)
    assert plain_text(one.corps).split() == [f"m{i:02}" for i in range(count)], told


def come_back(way: str, page: Page, nadia: BrowserContext, serveur: Serveur, one: Article) -> Page:
    """Leave, the network as it is or just back, then open the pièce again and go on writing."""
    if way == "close":
        page.close()
        mend(nadia, serveur)
        page = open_piece(nadia, serveur)
    else:
        mend(nadia, serveur)
        if way == "reload":
            page.reload()
        else:
            page.go_back()
            page.goto(f"{serveur.url}?moi=nadia")
    serveur.piece.unavailable = serveur.piece.lose_answers = 0
    wait_nothing_kept(page)
    page.wait_for_timeout(1200)
    enter(page, one)
    return page


# ── What another text left no place for ──────────────────────────────────────────────────────────

ASIDE = ".wm-ecarte:has-text('trop tard')"


def set_aside(nadia: BrowserContext, serveur: Serveur) -> tuple[Page, Article]:
    """A text refused by the server, in « Texte écarté »; its article is open again."""
    page, one = open_piece(nadia, serveur), serveur.piece.articles[1]
    enter(page, one)
    one.fige = True
    page.keyboard.insert_text(" trop tard")
    page.wait_for_selector(ASIDE)
    one.fige = False
    return page, one


def test_text_set_aside_outlives_the_page_and_is_put_back(nadia, serveur):
    page, one = set_aside(nadia, serveur)
    page.close()
    page = open_piece(nadia, serveur)
    page.wait_for_selector(ASIDE)
    assert "mis de côté le" in page.locator(".wm-ecarte").inner_text()
    page.get_by_role("button", name="Remettre").click()
    page.wait_for_selector(".wm-ecarte", state="detached")
    page.wait_for_function(CLEAN)
    assert plain_text(one.corps).count("trop tard") == 1
    page.reload()
    page.wait_for_selector("[data-wm-article]")
    assert page.locator(".wm-ecarte").count() == 0


def test_the_message_leads_to_the_text_set_aside(nadia, serveur):
    """One writes far below the list: the message goes there, the keyboard with it."""
    page, last = open_piece(nadia, serveur), serveur.piece.articles[-1]
    enter(page, last)
    page.evaluate("document.querySelector('.wm-feuille').style.paddingBottom = '200vh'")
    page.evaluate("document.querySelector('.wm-centre').scrollTop = 1e6")
    last.fige = True
    page.keyboard.insert_text(" trop tard")
    page.wait_for_selector(ASIDE, state="attached")
    expect(page.locator(ASIDE)).not_to_be_in_viewport()
    page.get_by_role("button", name="Voir ce texte").click()
    expect(page.locator(ASIDE)).to_be_in_viewport()
    expect(page.locator(ASIDE)).to_be_focused()


def test_text_whose_article_is_gone_says_where_it_may_go(nadia, serveur):
    """« Remettre » into an article that nobody may write in is no button without effect."""
    page, one = set_aside(nadia, serveur)
    page.locator(f"#a-{one.id}").evaluate("(section) => section.remove()")
    page.get_by_role("button", name="Remettre").click()
    expect(page.locator("[data-wm-toasts]")).to_contain_text("copiez ce texte")
    expect(page.locator(ASIDE)).to_be_visible()


def test_text_set_aside_is_copied(nadia, serveur):
    nadia.grant_permissions(["clipboard-read", "clipboard-write"])
    page, _one = set_aside(nadia, serveur)
    page.get_by_role("button", name="Copier").click()
    page.get_by_text("Texte copié.").wait_for()
    assert "trop tard" in page.evaluate("navigator.clipboard.readText()")


def test_two_pages_of_one_person_never_put_it_back_twice(nadia, serveur):
    page, one = set_aside(nadia, serveur)
    other = open_piece(nadia, serveur)
    other.wait_for_selector(ASIDE)
    other.get_by_role("button", name="Remettre").click()
    other.wait_for_selector(".wm-ecarte", state="detached")
    other.wait_for_function(CLEAN)
    page.wait_for_selector(".wm-ecarte", state="detached")
    assert plain_text(one.corps).count("trop tard") == 1


def test_text_set_aside_is_still_there_where_one_may_only_read(nadia, serveur):
    page, _one = set_aside(nadia, serveur)
    serveur.piece.editable = False
    page.reload()
    page.wait_for_selector(ASIDE)
    assert page.get_by_role("button", name="Copier").is_visible()
    assert page.get_by_role("button", name="Remettre").count() == 0


LONG_AGO = """(days) => { for (const key of Object.keys(localStorage).filter((key) => /ecarte|brouillon/.test(key))) {
  const kept = JSON.parse(localStorage.getItem(key));
  localStorage.setItem(key, JSON.stringify({ ...kept, le: kept.le - days * 86_400_000 })); } }"""


def come_back_after(days: int, page: Page, serveur: Serveur) -> None:
    """The browser was closed all that time."""
    page.goto(f"{serveur.url}comparer/")
    page.evaluate(LONG_AGO, days)
    serveur.piece.expired = False
    page.goto(f"{serveur.url}?moi=nadia")


def test_text_set_aside_waits_as_long_as_its_author_is_away(nadia, serveur):
    page, _one = set_aside(nadia, serveur)
    come_back_after(400, page, serveur)
    page.wait_for_selector(ASIDE)


def test_text_not_sent_before_a_long_leave_is_shown_rather_than_sent_or_erased(nadia, serveur):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    serveur.piece.expired = True
    page.keyboard.type("un deux")
    page.wait_for_selector(".wm-enreg:has-text('Session terminée')")
    come_back_after(8, page, serveur)
    page.wait_for_selector(".wm-ecarte:has-text('un deux')")
    expect(page.locator(".wm-ecarte")).to_contain_text("plus de sept jours")
    wait_nothing_kept(page)
    assert plain_text(one.corps).strip() == ""
    page.get_by_role("button", name="Remettre").click()
    page.wait_for_selector(".wm-ecarte", state="detached")
    page.wait_for_function(CLEAN)
    assert plain_text(one.corps).strip() == "un deux"


# ── The article that leaves the text while one writes in it ──────────────────────────────────────


def write_unheard(page: Page, one: Article) -> None:
    """Type while no save reaches the server, which answers all the rest."""
    enter(page, one)
    intercept(page, "**/commits/**", lambda route: route.abort())
    page.keyboard.type("un deux")
    page.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    page.keyboard.type(" trois quatre")


def leave_the_text(serveur: Serveur, one: Article) -> None:
    """Somebody else retires the article."""
    with serveur.piece.lock:
        serveur.piece.operate("retirer", one, {"motif": "Doublon"})


def test_words_in_an_article_that_leaves_the_text_come_back_to_their_author(nadia, serveur):
    """The plan without the article arrives before the words could leave."""
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    write_unheard(page, one)
    leave_the_text(serveur, one)
    page.wait_for_selector(f"#a-{one.id}", state="detached")
    assert page.evaluate(KEPT) == 1
    page.unroute("**/commits/**")
    page.wait_for_selector(".wm-ecarte:has-text('un deux trois quatre')")
    wait_nothing_kept(page)


def test_words_of_a_closed_page_whose_article_left_the_text_come_back(nadia, serveur):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    write_unheard(page, one)
    # Before the page closes: what it sends as it goes would arrive in time.
    leave_the_text(serveur, one)
    page.close()
    page = open_piece(nadia, serveur)
    page.wait_for_selector(".wm-ecarte:has-text('un deux trois quatre')")
    wait_nothing_kept(page)


def test_words_of_a_closed_page_come_back_where_one_may_only_read(nadia, serveur):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    write_unheard(page, one)
    one.fige, serveur.piece.editable = True, False
    page.close()
    page = open_piece(nadia, serveur)
    page.wait_for_selector(".wm-ecarte:has-text('un deux trois quatre')")
    wait_nothing_kept(page)
    page.reload()
    expect(page.locator(".wm-ecarte blockquote")).to_have_text(["un deux trois quatre"])


def test_words_that_arrived_are_not_given_back_where_one_may_only_read(nadia, serveur):
    """The answer of the save was lost, then the page closed: the server says that it holds them."""
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    serveur.piece.lose_answers = 1000
    page.keyboard.insert_text("un deux")
    page.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    page.close()
    one.fige, serveur.piece.editable, serveur.piece.lose_answers = True, False, 0
    page = open_piece(nadia, serveur)
    wait_nothing_kept(page)
    assert plain_text(one.corps).strip() == "un deux"
    assert page.locator(".wm-ecarte").count() == 0


def test_a_word_cut_by_two_saves_comes_back_whole(nadia, serveur):
    """Its beginning is on its way, its end is being typed, and the passage is gone."""
    one, page = serveur.piece.articles[2], open_piece(nadia, serveur)
    enter(page, one, "20")
    intercept(page, "**/commits/**", lambda route: route.abort())
    page.keyboard.type("touj")
    page.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    page.keyboard.type("ours")
    delete_everything(serveur, one)
    page.unroute("**/commits/**")
    page.wait_for_selector(".wm-ecarte")
    page.wait_for_function(CLEAN)
    expect(page.locator(".wm-ecarte blockquote")).to_have_text(["toujours"])


def test_a_word_cut_by_two_saves_of_a_closed_page_comes_back_whole(nadia, serveur):
    one, page = serveur.piece.articles[2], open_piece(nadia, serveur)
    enter(page, one, "20")
    intercept(page, "**/commits/**", lambda route: route.abort())
    page.keyboard.type("touj")
    page.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    page.keyboard.type("ours")
    delete_everything(serveur, one)
    page.close()
    page = open_piece(nadia, serveur)
    page.wait_for_selector(".wm-ecarte")
    wait_nothing_kept(page)
    expect(page.locator(".wm-ecarte blockquote")).to_have_text(["toujours"])


def test_words_saved_and_words_not_saved_of_one_gesture_come_back_as_one_text(nadia, serveur):
    """A passage is deleted under who types in it, by somebody who had received none of it."""
    one, page = serveur.piece.articles[2], open_piece(nadia, serveur)
    enter(page, one, "20")
    base, size = one.numero, first_size(one)
    page.keyboard.type("mots touj")
    page.wait_for_function(CLEAN)
    intercept(page, "**/commits/**", lambda route: route.abort())
    page.keyboard.type("ours là")
    page.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    delete_everything(serveur, one, base=base, size=size)
    page.unroute("**/commits/**")
    page.wait_for_selector(".wm-ecarte")
    page.wait_for_function(CLEAN)
    expect(page.locator(".wm-ecarte blockquote")).to_have_text(["mots toujours là"])
    expect(page.locator(".wm-ecarte .note")).to_contain_text("avant d’avoir reçu ces mots")
    expect(page.locator(".wm-message p")).to_have_count(1)
    assert "toujours" not in plain_text(one.corps)


def test_a_title_and_its_text_refused_together_come_back_as_one_text(nadia, serveur):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    page.wait_for_selector(f"#a-{one.id} [data-wm-ecrire]", state="attached")
    page.locator(f"#a-{one.id} [data-wm-titre]").click()
    intercept(
        page,
        "**/commits/**",
        lambda route: route.abort() if route.request.post_data else route.continue_(),
    )
    page.keyboard.press("Control+A")
    page.keyboard.type("Produits")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#a-{one.id}.wm-ecrit .ProseMirror-focused")
    page.keyboard.type("Le titulaire fournit tout.")
    page.wait_for_selector(".wm-enreg:has-text('votre texte est gardé ici')")
    one.fige = True
    page.unroute("**/commits/**")
    page.wait_for_selector(".wm-ecarte")
    expect(page.locator(".wm-ecarte blockquote")).to_have_text(
        ["Produits Le titulaire fournit tout."]
    )


def first_size(one: Article) -> int:
    return len(one.corps["content"][0]["content"][0]["text"])


def delete_everything(
    serveur: Serveur, one: Article, *, base: int | None = None, size: int = 0
) -> None:
    """Somebody else deletes the words of the first paragraph, as they were at a version."""
    step = {"stepType": "replace", "from": 1, "to": 1 + (size or first_size(one))}
    at = one.numero if base is None else base
    commit = {"id": str(uuid.uuid4()), "prev": None, "base": at, "steps": [step]}
    with serveur.piece.lock:
        status, _answer = serveur.piece.commit(one, commit, "herve")
    assert status == 200


# ── Signing out, and the next person on the same machine ─────────────────────────────────────────

SIGN_OUT = "Se déconnecter"
LEAVE = "Effacer et me déconnecter"
NO_TEXT = "Object.keys(localStorage).every((key) => !/ecarte|brouillon/.test(key))"


def sign_out(page: Page) -> Locator:
    """Press the button. Returns the dialogue that shows what would be lost."""
    page.get_by_role("button", name=SIGN_OUT, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


def test_signing_out_shows_first_the_text_it_would_erase(nadia, serveur):
    page, _one = set_aside(nadia, serveur)
    dialog = sign_out(page)
    assert "Un texte n’est que dans ce navigateur" in dialog.inner_text()
    assert "trop tard" in dialog.inner_text()
    assert "Article 2" in dialog.inner_text()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.locator(ASIDE).is_visible()
    dialog = sign_out(page)
    dialog.get_by_role("button", name="Rester").click()
    dialog.wait_for(state="detached")
    assert page.locator(ASIDE).is_visible()
    sign_out(page).get_by_role("button", name=LEAVE).click()
    page.wait_for_url("**/sortir/")
    assert page.evaluate(NO_TEXT)


def test_the_text_that_signing_out_would_erase_is_copied_or_downloaded(nadia, serveur):
    nadia.grant_permissions(["clipboard-read", "clipboard-write"])
    page, _one = set_aside(nadia, serveur)
    dialog = sign_out(page)
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Télécharger").click()
    assert download.value.suggested_filename == "textes-a-garder.txt"
    kept = download.value.path().read_text()
    assert "trop tard" in kept
    assert "Article 2" in kept
    dialog.get_by_role("button", name="Copier").click()
    dialog.get_by_role("button", name="Copié").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == kept


def test_a_text_not_sent_yet_is_shown_as_well(nadia, serveur):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    serveur.piece.expired = True
    page.keyboard.type("un deux")
    page.wait_for_selector(".wm-enreg:has-text('Session terminée')")
    dialog = sign_out(page)
    assert "Texte pas encore envoyé" in dialog.inner_text()
    assert "un deux" in dialog.inner_text()


def test_signing_out_asks_nothing_when_all_is_saved(nadia, serveur):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    page.keyboard.type("un deux")
    page.get_by_role("button", name=SIGN_OUT, exact=True).click()
    page.wait_for_url("**/sortir/")
    assert plain_text(one.corps).strip() == "un deux"
    assert page.evaluate(NO_TEXT)


def test_text_set_aside_is_neither_shown_to_the_next_person_nor_erased_by_her(nadia, serveur):
    page, _one = set_aside(nadia, serveur)
    page.goto(f"{serveur.url}?moi=herve")
    page.wait_for_selector("[data-wm-article]")
    assert page.locator(".wm-ecarte").count() == 0
    page.get_by_role("button", name=SIGN_OUT, exact=True).click()
    page.wait_for_url("**/sortir/")
    page.goto(f"{serveur.url}?moi=nadia")
    page.wait_for_selector(ASIDE)
    sign_out(page).get_by_role("button", name=LEAVE).click()
    page.wait_for_url("**/sortir/")
    assert page.evaluate(NO_TEXT)


def test_the_other_pages_of_who_signed_out_show_nothing_to_the_next_person(nadia, serveur):
    page, other = open_piece(nadia, serveur), open_piece(nadia, serveur)
    other.evaluate("window.wmOld = true")
    page.get_by_role("button", name=SIGN_OUT, exact=True).click()
    page.wait_for_url("**/sortir/")
    assert other.evaluate("window.wmOld")
    page.goto(f"{serveur.url}?moi=herve")
    other.wait_for_function("!window.wmOld")


def test_a_page_whose_session_another_took_keeps_its_text_for_its_author(nadia, serveur):
    one, page = serveur.piece.articles[1], open_piece(nadia, serveur)
    enter(page, one)
    serveur.piece.expired = True
    page.keyboard.type("un deux")
    page.wait_for_selector(".wm-enreg:has-text('Session terminée')")
    page.evaluate("window.wmOld = true")
    other = nadia.new_page()
    other.goto(f"{serveur.url}?moi=herve")
    page.wait_for_function("!window.wmOld")
    page.wait_for_selector("[data-wm-article]")
    assert other.evaluate(KEPT) == 1
    serveur.piece.expired = False
    wait_nothing_kept(page)
    assert plain_text(one.corps).strip() == "un deux"
