"""Every pair of tokens that may meet is measured: 4.5 for a text, 3 for an outline (WCAG 2.2, AA)."""

import re

import pytest
from django.conf import settings


TEXT = 4.5
OUTLINE = 3.0
GROUNDS = ("papier", "surface", "fond", "creux")
INKS = ("encre", "encre-2", "bleu", "rouge", "violet", "feuille", "sapin", "ocre")
PAIRS = [
    *((ink, ground, TEXT) for ink in INKS for ground in GROUNDS),
    *((f"pres-{n}", ground, TEXT) for n in range(1, 5) for ground in ("papier", "surface")),
    *(
        (ink, f"{ink}-pale", TEXT)
        for ink in ("bleu", "rouge", "violet", "feuille", "sapin", "ocre")
    ),
    *(("encre", f"{ink}-pale", TEXT) for ink in ("bleu", "rouge", "sapin", "ocre")),
    ("sur-bleu", "bleu", TEXT),
    ("sur-bleu", "bleu-vif", TEXT),
    ("sur-rouge", "rouge", TEXT),
    ("sur-feuille", "feuille", TEXT),
    ("papier", "encre", TEXT),
    ("papier", "pres-2", TEXT),
    *(("filet-fort", ground, OUTLINE) for ground in GROUNDS),
    *(("focus", ground, OUTLINE) for ground in GROUNDS),
]


def _read_tokens() -> dict[str, dict[str, str]]:
    text = (settings.BASE_DIR / "frontend/styles/_tokens.scss").read_text(encoding="utf-8")
    return {
        theme: dict(re.findall(r'"?([a-z0-9-]+)"?:\s*(#[0-9a-f]{6})', block))
        for theme, block in re.findall(r"\$(clair|sombre): \((.*?)\n\);", text, re.DOTALL)
    }


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def compute_contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TOKENS = _read_tokens()


def test_known_contrast():
    assert compute_contrast("#000000", "#ffffff") == pytest.approx(21)
    assert compute_contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_themes_have_the_same_tokens():
    assert TOKENS["clair"].keys() == TOKENS["sombre"].keys()


@pytest.mark.parametrize("theme", ["clair", "sombre"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_pair_is_readable(theme, ink, ground, least):
    tokens = TOKENS[theme]
    contrast = compute_contrast(tokens[ink], tokens[ground])
    assert contrast >= least, (
        f"{ink} on {ground} ({theme}) is {contrast:.2f}: change the token in "
        "frontend/styles/_tokens.scss, people with low vision cannot read it."
    )
