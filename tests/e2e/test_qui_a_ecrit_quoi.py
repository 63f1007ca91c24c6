"""The page of an article says who wrote each passage, beside the words."""

import pytest

from tests.support.equipe import commits_url, make_equipe, words


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
BROKEN = """() => [...document.querySelectorAll(".wm-passage small")].filter((one) => one.getClientRects().length > 1).length"""

# A mark on another line than the last sign it follows.
ALONE = """() => [...document.querySelectorAll(".wm-passage small")].filter((mark) => {
  const words = document.createRange();
  words.selectNodeContents(mark.previousSibling);
  return [...words.getClientRects()].at(-1).bottom < mark.getBoundingClientRect().top;
}).length"""


def test_the_mark_of_a_passage_stays_in_one_piece(open_as, settings):
    """Wherever the line ends; and at the end of its words, never at the head of the next line."""
    settings.DEMO = False
    equipe = make_equipe()
    url = commits_url(equipe.article)
    text = "Le titulaire remet un relevé. "
    assert equipe.browser("editeur").send_json(url, words(text)).status_code == 200
    more = words("Chaque mois, ", base=1, at=10)
    assert equipe.browser("editeur", "autre").send_json(url, more).status_code == 200
    page = open_as(equipe.person(), f"/articles/{equipe.article.pk}/")
    assert page.locator(".wm-passage small").count() >= 1
    for width in range(320, 460, 4):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(BROKEN) == 0, width
        assert page.evaluate(ALONE) == 0, width
