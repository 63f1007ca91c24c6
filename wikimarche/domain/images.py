"""The size of an image of the text, in CSS pixels (96 to the inch): read from documents, kept in bounds."""

import re
from collections.abc import Mapping
from typing import Final

from wikimarche.domain.schema import DEFINITION, Json


Size = tuple[int, int]
"""Width and height in CSS pixels."""

PIXELS_PER_CM: Final = 96 / 2.54
PAGE: Final[Size] = (642, 831)
"""What a printed page holds: 17 by 22 cm."""

_LONGEST: Final[int] = DEFINITION["nodes"]["image"]["attrs"]["largeur"]["max"]
_UNITS: Final = {
    "": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "inch": 96.0,
    "cm": PIXELS_PER_CM, "mm": PIXELS_PER_CM / 10,
}  # fmt: skip
_LENGTH: Final = re.compile(r"(\d{1,6}(?:[.,]\d{1,20})?) ?([a-z]{0,4})\Z", re.ASCII)


def read_length(written: str) -> int | None:
    """Read a length of a document in CSS pixels; None when it is no length, or out of bounds.

    >>> read_length("2.54cm"), read_length("50%")
    (96, None)
    """
    found = _LENGTH.match(written.strip().lower())
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None:
        return None
    pixels = round(float(found[1].replace(",", ".")) * unit)
    return pixels if 1 <= pixels <= _LONGEST else None


def size_of(attrs: Mapping[str, Json], natural: Size | None) -> tuple[int | None, int | None]:
    """Give the size an image is shown at: that of the text, completed by the proportions of its file.

    >>> size_of({"largeur": 300}, (1200, 800))
    (300, 200)
    """
    width, height = attrs.get("largeur"), attrs.get("hauteur")
    if natural is None or (width and height):
        return width, height
    if width:
        return width, max(1, round(width * natural[1] / natural[0]))
    if height:
        return max(1, round(height * natural[0] / natural[1])), height
    return natural


def full_size(attrs: Mapping[str, Json], natural: Size) -> Size:
    """Give both lengths of an image whose file says its own size, as ``size_of`` does."""
    width, height = size_of(attrs, natural)
    return width or natural[0], height or natural[1]


def place_within(size: Size, bounds: Size = PAGE) -> Size:
    """Bring a size back within bounds, proportions kept.

    >>> place_within((2000, 1000), (600, 800))
    (600, 300)
    """
    ratio = min(1.0, bounds[0] / size[0], bounds[1] / size[1])
    return max(1, int(size[0] * ratio)), max(1, int(size[1] * ratio))
