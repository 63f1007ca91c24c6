"""The fonts that come with the platform draw what it writes, whatever the machine has."""

from pathlib import Path

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont


ROOT = Path(settings.BASE_DIR)
PRINT = sorted((ROOT / "static/reports/fonts").glob("*.ttf"))
WRITTEN = "␦ \u202f\u2011\u00a0« » — – … · • → ↑ ↓ ≤ ≥ × € ² Œ œ Æ æ É é"


def signs_of(path: Path) -> set[int]:
    return set(TTFont(path).getBestCmap())


@pytest.mark.parametrize("path", PRINT, ids=lambda path: path.stem)
def test_a_print_font_draws_every_sign_the_platform_writes(path):
    assert not {sign for sign in WRITTEN if ord(sign) not in signs_of(path)}


def test_the_pages_have_the_signs_their_faces_lack():
    """The narrow space and ␦ are in « WM Signes », first of the families in the style sheet."""
    assert signs_of(ROOT / "static/dist/fonts/signes.woff2") == {0x202F, 0x2426}


def test_the_mark_is_the_question_mark_in_a_mirror():
    font = TTFont(ROOT / "static/reports/fonts/serif-400.ttf")
    glyphs, cmap = font["glyf"], font.getBestCmap()
    mark, question = glyphs[cmap[ord("␦")]], glyphs[cmap[ord("?")]]
    width = font["hmtx"][cmap[ord("?")]][0]
    assert (mark.xMin, mark.xMax) == (width - question.xMax, width - question.xMin)
    assert (mark.yMin, mark.yMax) == (question.yMin, question.yMax)
