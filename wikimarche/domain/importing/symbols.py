"""Signs of fonts such as Wingdings: characters of private use, which mean nothing without their font."""

from __future__ import annotations

import re


UNKNOWN = "▯"
SYMBOLS = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
# What pandoc leaves, by the code that Word keeps at U+F000: the signs met in lists and forms.
_KNOWN = {
    0x20: " ", 0x28: "☎", 0x2A: "✉", 0x46: "☞", 0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "□", 0x70: "□",
    0x71: "❑", 0x72: "❒", 0x73: "◆", 0x74: "◆", 0x75: "◆", 0x76: "❖", 0x77: "◆", 0x78: "☒",
    0x9E: "·", 0x9F: "•", 0xA0: " ", 0xA1: "○", 0xA7: "▪", 0xA8: "□", 0xB7: "•", 0xD8: "➢", 0xDF: "←",
    0xE0: "→", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip

_FONTS = {
    "wingdings": _KNOWN,
    "wingdings 2": {
        0x20: " ", 0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "□",
    },
    "webdings": {0x20: " ", 0x61: "✓", 0x63: "□", 0x67: "■", 0x72: "✗"},
}  # fmt: skip
# Of these two pandoc has the whole table.
_LEFT = ("wingdings", "symbol")


def draw_symbol(font: str, code: int) -> str:
    """Write one sign of a font as an ordinary one, « ▯ » when it is not known, « » to leave it to pandoc.

    >>> draw_symbol("Wingdings", 0xF0A0), draw_symbol("MS Gothic", 0x2612), draw_symbol("Logos", 0xF041)
    (' ', '☒', '▯')
    """
    font = font.strip().lower()
    low = code - 0xF000 if 0xF000 <= code < 0xF100 else code
    if known := _FONTS.get(font, {}).get(low):
        return known
    if font in _LEFT:
        return ""
    private = low < 0x20 or font in _FONTS or SYMBOLS.match(chr(code))
    return UNKNOWN if private or 0xD800 <= code < 0xE000 else chr(code)


def draw_symbols(text: str) -> str:
    r"""Write the signs of private use as ordinary ones, « ▯ » for those that are not known.

    >>> draw_symbols("\uf06e\uf0a0Oui \ue123")
    '■ Oui ▯'
    """
    return SYMBOLS.sub(lambda found: _KNOWN.get(ord(found[0]) - 0xF000, UNKNOWN), text)
