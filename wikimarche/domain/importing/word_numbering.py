"""Levels of a Word list that print no number: plain paragraphs, or bullets when they print a sign.

pandoc reads `numFmt="none"` as a numbered list, and a number that nobody wrote would appear.
"""

from __future__ import annotations

import re
import zipfile
from typing import Any

from lxml import etree

from wikimarche.domain.importing.package import parse_part, read_part


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W = f"{{{W}}}"
PART = "word/numbering.xml"
# « - », « • », « → »: one or two signs, no letter, no digit.
_SIGN = re.compile(r"[^\w\s]{1,2}")


class Unnumbered:
    """The levels of the lists of a package that print no number: (list, level) → the words they print."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.words: dict[tuple[str, str], str] = {}
        self.parts: dict[str, bytes] = {}
        if PART not in package.namelist():
            return
        root = parse_part(read_part(package, PART))
        drawn = [level for level in root.iter(f"{_W}lvl") if _draw_bullet(level)]
        levels = {
            _value(abstract, "abstractNumId", own=True): _silent_levels(abstract)
            for abstract in root.iter(f"{_W}abstractNum")
        }
        for number in root.iter(f"{_W}num"):
            name = number.get(f"{_W}numId", "")
            silent = dict(levels.get(_value(number, "abstractNumId"), {}))
            for override in number.iter(f"{_W}lvlOverride"):
                if override.find(f"{_W}lvl") is not None:
                    silent.pop(override.get(f"{_W}ilvl", ""), None)
                    silent |= _silent_levels(override)
            self.words |= {(name, level): words for level, words in silent.items()}
        if drawn:
            self.parts[PART] = etree.tostring(
                root, xml_declaration=True, encoding="UTF-8", standalone=True
            )

    def settle(
        self, paragraph: Any, properties: Any, inherited: tuple[str, str] | None
    ) -> str | None:
        """Take a paragraph out of such a list; return the words it printed, None for another one.

        inherited: the list and level of its style.
        """
        number = properties.find(f"{_W}numPr") if properties is not None else None
        place = inherited
        if number is not None:
            level = _value(number, "ilvl") or (inherited[1] if inherited else "0")
            place = (_value(number, "numId") or (inherited[0] if inherited else ""), level)
        if place is None or place not in self.words:
            return None
        if properties is None:
            properties = etree.Element(f"{_W}pPr")
            paragraph.insert(0, properties)
        if number is None:
            number = etree.SubElement(properties, f"{_W}numPr")
        for child in list(number):
            number.remove(child)
        for tag in ("ilvl", "numId"):
            etree.SubElement(number, f"{_W}{tag}").set(f"{_W}val", "0")
        return self.words[place]


def _draw_bullet(level: Any) -> bool:
    """Make a bullet of a level that prints a sign and no number."""
    kind = level.find(f"{_W}numFmt")
    if _value(level, "numFmt") != "none" or not _SIGN.fullmatch(_value(level, "lvlText").strip()):
        return False
    kind.set(f"{_W}val", "bullet")
    return True


def _silent_levels(holder: Any) -> dict[str, str]:
    """Return level → the words it prints, for those that print no number at all."""
    silent = {}
    for level in holder.iter(f"{_W}lvl"):
        rank = level.get(f"{_W}ilvl", "0")
        own = f"%{int(rank) + 1 if rank.isdigit() else 1}"
        words = _value(level, "lvlText").replace(own, "").strip(" .)-\u00a0")
        if _value(level, "numFmt") == "none" and "%" not in words:
            silent[rank] = words
    return silent


def _value(node: Any, name: str, *, own: bool = False) -> str:
    if own:
        return str(node.get(f"{_W}{name}", ""))
    child = node.find(f"{_W}{name}")
    return "" if child is None else str(child.get(f"{_W}val", ""))
