"""Words of a comment being written: sent once, kept until then whatever becomes of the page."""

import pytest
from playwright.sync_api import Page, expect

from procurement.marches.enums import RoleParticipation
from procurement.marches.services import change_role
from tests.conftest import SMALL
from tests.e2e.test_commenter import choose, comment, open_piece  # noqa: F401 (a fixture)
from tests.support.client import give_session
from tests.support.fils import comment_on
from tests.support.outage import intercept
from wikimarche.models import Commentaire, Fil
from wikimarche.services import correct_commentaire


pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def page(open_piece, equipe) -> Page:  # noqa: F811
    """Who moderates has opened a thread, and stands before it."""
    page = open_piece(equipe.person("moderateur"))
    choose(page, equipe.article, "trente jours")
    comment(page, "Trente ?")
    return page


def answer(page: Page):
    return page.locator("[data-wm-fil]").get_by_label("Votre réponse")


def said() -> list[str]:
    return list(Commentaire.objects.order_by("instant").values_list("texte", flat=True))


def test_an_answer_sent_is_said_once(page):
    answer(page).fill("Oui, trente.")
    page.get_by_role("button", name="Répondre", exact=True).click()
    expect(page.locator("[data-wm-fil] .reponse")).to_contain_text("Oui, trente.")
    expect(answer(page)).to_have_value("")
    page.get_by_role("button", name="Résoudre").click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("Résolu")
    assert said() == ["Trente ?", "Oui, trente.", ""]


def test_words_corrected_and_reasons_given_are_left_behind(page):
    page.locator("summary", has_text="Modifier").click()
    page.locator("textarea[id^=corrige-]").fill("Trente, ou soixante ?")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("corrigé")
    expect(page.locator("textarea[id^=corrige-]")).to_be_hidden()
    page.locator("summary", has_text="Ne plus citer").click()
    page.get_by_label("Pourquoi", exact=True).fill("Trop long.")
    page.get_by_role("button", name="Retirer le passage").click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("Passage retiré")
    expect(page.locator("input[name=motif]")).to_have_value("")
    page.locator("summary", has_text="Masquer").click()
    page.locator("input[id^=masque-]").fill("Hors sujet.")
    page.locator("[data-wm-fil] form").get_by_role("button", name="Masquer").click()
    expect(page.locator("[data-wm-fil]")).to_contain_text("Motif : Hors sujet.")
    expect(page.locator("input[name=motif]")).to_have_count(0)
    assert Fil.objects.get().citation == "Passage retiré"


def test_an_answer_that_was_refused_keeps_its_words(page):
    page.expected_errors.append("503")
    intercept(page, "**/repondre/", lambda route: route.fulfill(status=503, body=""))
    answer(page).fill("Oui, trente.")
    page.get_by_role("button", name="Répondre", exact=True).click()
    expect(page.locator(".wm-message.e-rouge")).to_be_visible()
    expect(answer(page)).to_have_value("Oui, trente.")
    page.unroute("**/repondre/")
    page.get_by_role("button", name="Répondre", exact=True).click()
    expect(answer(page)).to_have_value("")
    assert said() == ["Trente ?", "Oui, trente."]


def test_words_typed_while_the_answer_leaves_stay(page):
    intercept(page, "**/repondre/", lambda route: (page.wait_for_timeout(500), route.continue_()))
    answer(page).fill("Oui, trente.")
    page.get_by_role("button", name="Répondre", exact=True).click()
    answer(page).press_sequentially(" Et puis")
    expect(page.locator("[data-wm-fil] .reponse")).to_contain_text("Oui, trente.")
    expect(answer(page)).to_have_value(" Et puis")
    assert said() == ["Trente ?", "Oui, trente."]


def write_comment(page: Page, equipe, texte: str) -> None:
    """Begin a comment on words, and leave its window open."""
    choose(page, equipe.second, "Les prix")
    page.locator(".wm-commenter").click()
    page.locator("dialog[open]").get_by_label("Votre commentaire").fill(texte)


def test_a_page_read_again_gives_back_what_was_being_written(page, equipe):
    answer(page).fill("Oui, trente.")
    page.locator("summary", has_text="Ne plus citer").click()
    page.get_by_label("Pourquoi", exact=True).fill("Trop long.")
    write_comment(page, equipe, "Fermes ?")
    page.reload()
    expect(answer(page)).to_have_value("Oui, trente.")
    expect(page.get_by_label("Pourquoi", exact=True)).to_have_value("Trop long.")
    expect(page.locator(".wm-message")).to_contain_text(
        "Un commentaire commencé vous attend : article 2"
    )
    write_again = page.locator("dialog[open]").get_by_label("Votre commentaire")
    choose(page, equipe.second, "Les prix")
    page.locator(".wm-commenter").click()
    expect(write_again).to_have_value("Fermes ?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-wm-fil]")).to_have_count(2)
    page.reload()
    expect(page.locator("[data-wm-fil]")).to_have_count(2)
    expect(page.locator(".wm-message")).to_have_count(0)


def test_two_pages_of_one_person_do_not_say_it_twice(page, equipe):
    answer(page).fill("Oui, trente.")
    other = page.context.new_page()
    other.goto(equipe.piece.get_absolute_url())
    expect(answer(other)).to_have_value("Oui, trente.")
    other.get_by_role("button", name="Répondre", exact=True).click()
    expect(other.locator("[data-wm-fil] .reponse")).to_contain_text("Oui, trente.")
    expect(answer(page)).to_have_value("")
    assert said() == ["Trente ?", "Oui, trente."]


def test_two_pages_that_write_other_words_keep_their_own(page, equipe):
    other = page.context.new_page()
    other.goto(equipe.piece.get_absolute_url())
    answer(page).fill("Oui, trente.")
    answer(other).fill("Non, soixante.")
    comment_on(equipe.browser("commentateur"), equipe.second)
    for one in (page, other):
        expect(one.locator("[data-wm-fil]")).to_have_count(2, timeout=15_000)
    first = page.locator("[data-wm-fil]", has_text="Trente ?").get_by_label("Votre réponse")
    second = other.locator("[data-wm-fil]", has_text="Trente ?").get_by_label("Votre réponse")
    expect(first).to_have_value("Oui, trente.")
    expect(second).to_have_value("Non, soixante.")
    # One of them is sent, then the other emptied: neither takes the words of its neighbour away.
    second.press("Control+Enter")
    expect(page.locator(".reponse")).to_contain_text("Non, soixante.", timeout=15_000)
    expect(first).to_have_value("Oui, trente.")
    expect(second).to_have_value("")
    second.fill("Ou quarante-cinq.")
    second.fill("")
    page.reload()
    expect(first).to_have_value("Oui, trente.")
    first.press("Control+Enter")
    expect(page.locator(".reponse")).to_have_count(2)
    assert said()[-2:] == ["Non, soixante.", "Oui, trente."]


def test_on_a_phone_the_text_stays_in_view_after_a_comment(new_page, live_server_url, equipe):
    page = new_page(SMALL)
    give_session(page, live_server_url, equipe.person("commentateur"))
    page.goto(equipe.piece.get_absolute_url())
    page.wait_for_selector("[data-wm-fils]", state="attached")
    choose(page, equipe.second, "Les prix")
    page.locator(".wm-commenter").click()
    page.locator("dialog[open]").get_by_label("Votre commentaire").fill("Fermes ?")
    page.locator("dialog[open]").get_by_role("button", name="Commenter").click()
    mark = page.locator("mark[data-fil]")
    expect(page.locator(".wm-message")).to_have_text("Votre commentaire est enregistré.")
    expect(mark).to_be_in_viewport()
    expect(mark).to_have_css("border-bottom-style", "solid")
    # The list was read again, and its thread chosen there: nothing else would open the panel.
    expect(page.locator("[data-wm-fil].choisi")).to_have_count(1)
    expect(page.locator("#autour")).to_be_hidden()
    # The words lead to it.
    mark.click()
    expect(page.locator("[data-wm-fil].choisi")).to_be_focused()
    expect(answer(page)).to_be_in_viewport()


def test_a_correction_given_up_comes_back_no_more(page):
    page.locator("summary", has_text="Modifier").click()
    page.locator("textarea[id^=corrige-]").fill("Trente, ou soixante ?")
    page.reload()
    expect(page.locator("textarea[id^=corrige-]")).to_have_value("Trente, ou soixante ?")
    page.get_by_role("button", name="Abandonner").click()
    expect(page.locator("textarea[id^=corrige-]")).to_be_hidden()
    expect(page.locator("summary", has_text="Modifier")).to_be_focused()
    page.reload()
    expect(page.locator("textarea[id^=corrige-]")).to_be_hidden()
    expect(page.locator("textarea[id^=corrige-]")).to_have_value("Trente ?")


@pytest.fixture
def overtaken(page, equipe) -> Page:
    """A correction was left; the same person has corrected her comment from elsewhere before she comes back."""
    page.locator("summary", has_text="Modifier").click()
    page.locator("textarea[id^=corrige-]").fill("Trente, ou soixante ?")
    page.goto("/marches/")
    correct_commentaire(
        by=equipe.person("moderateur"), commentaire=Commentaire.objects.get(), texte="Ouvrés ?"
    )
    page.goto(equipe.piece.get_absolute_url())
    expect(page.locator("[data-wm-fil]")).to_contain_text("corrigé")
    return page


def test_a_correction_left_is_offered_beside_words_corrected_since(overtaken):
    box = overtaken.locator("textarea[id^=corrige-]")
    left = overtaken.get_by_role("region", name="Correction en attente")
    for _ in range(2):
        expect(left.locator("blockquote")).to_have_text("Trente, ou soixante ?")
        expect(box).to_be_hidden()
        expect(box).to_have_value("Ouvrés ?")
        overtaken.reload()
    # Other words typed in the box take nothing of it away.
    overtaken.locator("summary", has_text="Modifier").click()
    box.fill("Calendaires ?")
    overtaken.reload()
    expect(box).to_have_value("Calendaires ?")
    left.get_by_role("button", name="Reprendre").click()
    expect(left).to_have_count(0)
    expect(box).to_be_focused()
    expect(box).to_have_value("Calendaires ?\n\nTrente, ou soixante ?")
    box.fill("Trente, ou soixante ?")
    overtaken.get_by_role("button", name="Enregistrer").click()
    expect(overtaken.locator("[data-wm-fil]")).to_contain_text("Trente, ou soixante ?")
    expect(box).to_be_hidden()
    assert said() == ["Trente, ou soixante ?"]


def test_a_correction_overtaken_is_given_up_by_the_keyboard(overtaken):
    left = overtaken.get_by_role("region", name="Correction en attente")
    left.get_by_role("button", name="Abandonner").press("Enter")
    expect(left).to_have_count(0)
    expect(overtaken.locator("summary", has_text="Modifier")).to_be_focused()
    overtaken.reload()
    expect(overtaken.locator("[data-wm-fil]")).to_contain_text("Ouvrés ?")
    expect(left).to_have_count(0)


def test_an_answer_refused_by_a_page_is_said_all_the_same(page):
    page.expected_errors.append("400")
    intercept(
        page,
        "**/repondre/",
        lambda route: route.fulfill(status=400, body="<!doctype html>", content_type="text/html"),
    )
    answer(page).fill("Oui, trente.")
    page.get_by_role("button", name="Répondre", exact=True).click()
    expect(page.locator(".wm-message.e-rouge")).to_contain_text("n’a pas été comprise")
    expect(answer(page)).to_have_value("Oui, trente.")


def test_who_may_comment_no_more_still_reads_what_she_was_writing(open_piece, equipe):  # noqa: F811
    writer = equipe.person()
    page = open_piece(writer)
    write_comment(page, equipe, "Fermes ?")
    change_role(
        by=equipe.gestionnaire,
        participation=equipe.participation(writer),
        role=RoleParticipation.OBSERVATEUR,
    )
    expect(page.locator(".wm-lecture")).to_be_visible()
    expect(page.locator(".wm-ecarte")).to_contain_text("Fermes ?")
    expect(page.locator(".wm-ecarte")).to_contain_text("vous ne commentez plus cette pièce")


def test_signing_out_tells_of_a_comment_begun_and_leaves_none(page, equipe):
    write_comment(page, equipe, "Fermes ?")
    page.locator("dialog[open]").get_by_role("button", name="Plus tard").click()
    page.locator("form[data-wm-signout] button").first.evaluate("(button) => button.click()")
    warning = page.locator("dialog[open]")
    expect(warning).to_contain_text("Fermes ?")
    expect(warning).to_contain_text("Commentaire, article 2")
    warning.get_by_role("button", name="Effacer et me déconnecter").click()
    page.wait_for_selector("form[action*=connexion]")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('wm:'))") == []


def test_an_answer_leaves_by_the_keyboard(page):
    answer(page).fill("Oui, trente.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-wm-fil] .reponse")).to_contain_text("Oui, trente.")


def test_an_empty_answer_is_marked_where_it_is_missing(page):
    page.expected_errors.append("400")
    page.get_by_role("button", name="Répondre", exact=True).click()
    expect(answer(page)).to_be_focused()
    expect(answer(page)).to_have_attribute("aria-invalid", "true")
    expect(answer(page)).to_have_accessible_description("Écrivez votre commentaire.")
    expect(page.locator(".wm-message.e-rouge")).to_have_count(0)


def test_who_only_reads_hears_why_she_comments_nothing(open_piece, equipe):  # noqa: F811
    page = open_piece(equipe.person("observateur"))
    choose(page, equipe.second, "Les prix")
    page.keyboard.press("Alt+Shift+C")
    expect(page.locator(".wm-message")).to_contain_text("Il faut être")
