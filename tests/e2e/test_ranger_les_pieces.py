"""The order of the pièces by the keyboard alone: said, kept, and with the focus where it was."""

import pytest
from playwright.sync_api import Page, expect

from tests.wikimarche.factories import PieceFactory
from wikimarche.enums import TypePiece
from wikimarche.models import Piece
from wikimarche.services import move_piece


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def pieces(equipe) -> list[Piece]:
    """The CCTP of the team, then two others."""
    kinds = (TypePiece.AE, TypePiece.RC)
    others = [PieceFactory(marche=equipe.marche, type=kind, titre=kind) for kind in kinds]
    return [equipe.piece, *others]


@pytest.fixture
def page(open_as, equipe, pieces) -> Page:
    return open_as(equipe.person(), equipe.marche.get_absolute_url())


def button(page: Page, words: str):
    return page.get_by_role("button", name=words, exact=True)


def expect_order(page: Page, *titles: str) -> None:
    expect(page.locator("#pieces tbody th a")).to_have_text(list(titles))


def walk_to(page: Page, words: str) -> None:
    wanted = button(page, words)
    for _ in range(80):
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"« {words} » is out of reach of the keyboard")


def test_a_piece_goes_up_to_the_first_place_under_the_same_key(page, equipe):
    """Each move is said and leaves the keyboard on its button, grey once there is nothing above."""
    cctp, said = str(equipe.piece), page.locator("[data-wm-toasts]")
    expect(said).to_have_attribute("aria-live", "polite")
    walk_to(page, "Monter «\u202fRC\u202f»")
    page.keyboard.press("Enter")
    expect_order(page, cctp, "RC", "AE")
    expect(said).to_contain_text("«\u202fRC\u202f» est maintenant avant «\u202fAE\u202f».")
    up = button(page, "Monter «\u202fRC\u202f»")
    expect(up).to_be_focused()
    page.keyboard.press("Space")
    expect_order(page, "RC", cctp, "AE")
    expect(said).to_contain_text(f"«\u202fRC\u202f» est maintenant avant «\u202f{cctp}\u202f».")
    expect(up).to_be_focused()
    expect(up).to_have_attribute("aria-disabled", "true")
    expect(up).to_have_accessible_description(
        "La première pièce ne monte pas plus haut, la dernière ne descend pas plus bas."
    )
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(button(page, "Descendre «\u202fRC\u202f»")).to_be_focused()
    page.keyboard.press("Enter")
    expect_order(page, cctp, "RC", "AE")
    page.reload()
    expect_order(page, cctp, "RC", "AE")


@pytest.mark.parametrize("size", [(1280, 800), (320, 640)])
def test_each_button_is_wide_enough_to_be_aimed_at(open_as, equipe, pieces, size):
    page = open_as(equipe.person(), equipe.marche.get_absolute_url(), size)
    for one in page.locator("#pieces form button").all():
        box = one.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_order_of_a_colleague_is_shown_before_one_moves_anything(page, equipe, pieces):
    cctp = str(equipe.piece)
    move_piece(by=equipe.gestionnaire, piece=pieces[2], up=True)
    walk_to(page, "Monter «\u202fAE\u202f»")
    page.keyboard.press("Enter")
    expect_order(page, cctp, "RC", "AE")
    expect(page.locator(".wm-message.e-rouge")).to_contain_text("a changé entre-temps")
    expect(button(page, "Monter «\u202fAE\u202f»")).to_be_focused()


def test_without_script_the_page_comes_back_to_the_piece(open_as, equipe, pieces):
    page = open_as(equipe.person(), equipe.marche.get_absolute_url(), javascript=False)
    button(page, "Monter «\u202fRC\u202f»").click()
    page.wait_for_url(f"**#p-{pieces[2].pk}")
    expect_order(page, str(equipe.piece), "RC", "AE")
