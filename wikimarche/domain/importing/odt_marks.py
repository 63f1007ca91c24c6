"""What pandoc's OpenDocument reader would lose or change, marked in the text before it reads.

It reads an underlined span as emphasis, the description of an image as a slug, and looks at no
paragraph style: neither at the side a cell is aligned on, nor at a whole paragraph in bold. Raised or
lowered text is seen in the style of the span alone, not in the one it comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree


Sign = Callable[[str, str], str]

_ODF = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _STYLE, _DRAW, _TABLE = (_ODF % n for n in ("text", "style", "drawing", "table"))
_SVG, _FO = (_ODF % f"{n}-compatible" for n in ("svg", "xsl-fo"))
# A link is underlined as every link is: nobody underlined these words.
_LINKS = {"Internet_20_link", "Visited_20_Internet_20_Link", "Hyperlink"}
_SIDES = {"left": "left", "center": "center", "right": "right", "end": "right"}
DESCRIPTION = "wm-alt-"


def mark_underlines(root: Any, styles: Any, sign: Sign) -> None:
    """Bound underlined passages with signs, and take the underlining out of the styles."""
    own: dict[str, bool] = {}
    parents: dict[str, str] = {}
    for style in (s for tree in (styles, root) if tree is not None for s in _styles(tree, "text")):
        name = style.get(f"{_STYLE}name") or ""
        parents[name] = style.get(f"{_STYLE}parent-style-name") or ""
        own.pop(name, None)
        if (line := _take_underline(style)) is not None:
            own[name] = line
    whole = {
        style.get(f"{_STYLE}name"): line
        for style in _styles(root, "paragraph")
        if (line := _take_underline(style)) is not None
    }

    def line_of(name: str) -> bool | None:
        seen: set[str] = set()
        while name and name not in seen:
            if name in _LINKS:
                return None
            if name in own:
                return own[name]
            seen.add(name)
            name = parents.get(name, "")
        return None

    def walk(node: Any, underlined: bool) -> None:
        for child in node:
            inner: bool | None = None
            if child.tag == f"{_TEXT}span":
                inner = line_of(child.get(f"{_TEXT}style-name") or "")
            elif child.tag == f"{_TEXT}p":
                inner = whole.get(child.get(f"{_TEXT}style-name"), False)
            now = underlined if inner is None else inner
            walk(child, now)
            if now != underlined:
                _bound(child, sign("sou", str(int(now))), sign("sou", str(int(underlined))))

    walk(root, underlined=False)


def raise_by_parents(root: Any, styles: Any) -> None:
    """Write in each style of a span the exponent or the index that it has from the style it comes from."""
    position = f"{_STYLE}text-position"
    named = {
        style.get(f"{_STYLE}name"): style
        for tree in (styles, root)
        if tree is not None
        for style in _styles(tree, "text")
    }
    for style in named.values():
        above, seen = style, {style}
        while (said := _text_property(above, position)) is None:
            above = named.get(above.get(f"{_STYLE}parent-style-name"))
            if above is None or above in seen:
                break
            seen.add(above)
        if said and above is not style:
            properties = style.find(f"{_STYLE}text-properties")
            if properties is None:
                properties = etree.SubElement(style, f"{_STYLE}text-properties")
            properties.set(position, said)


def _text_property(style: Any, name: str) -> str | None:
    properties = style.find(f"{_STYLE}text-properties")
    return None if properties is None else properties.get(name)


def mark_whole_paragraphs(root: Any) -> None:
    """Write the bold or italics of a whole paragraph on its words, where pandoc looks."""
    wanted = {}
    for style in _styles(root, "paragraph"):
        properties = style.find(f"{_STYLE}text-properties")
        traits = {} if properties is None else dict(properties.attrib)
        kept = {
            key: value
            for key, value in traits.items()
            if (key, value) in ((f"{_FO}font-weight", "bold"), (f"{_FO}font-style", "italic"))
        }
        if kept:
            wanted[style.get(f"{_STYLE}name")] = (style, kept)
    for rank, (name, (style, traits)) in enumerate(wanted.items()):
        span = f"wm_{rank}"
        fresh = etree.Element(f"{_STYLE}style")
        fresh.set(f"{_STYLE}name", span)
        fresh.set(f"{_STYLE}family", "text")
        etree.SubElement(fresh, f"{_STYLE}text-properties", traits)
        style.addnext(fresh)
        for paragraph in root.iter(f"{_TEXT}p"):
            if paragraph.get(f"{_TEXT}style-name") != name or not "".join(paragraph.itertext()):
                continue
            around = etree.Element(f"{_TEXT}span")
            around.set(f"{_TEXT}style-name", span)
            around.text, paragraph.text = paragraph.text, None
            around.extend(list(paragraph))
            paragraph.append(around)


def mark_cell_sides(root: Any, sign: Sign) -> None:
    """Say at the head of a cell on which side its first paragraph is aligned, if on one."""
    sides = {}
    for style in _styles(root, "paragraph"):
        properties = style.find(f"{_STYLE}paragraph-properties")
        asked = properties.get(f"{_FO}text-align") if properties is not None else None
        if asked in _SIDES:
            sides[style.get(f"{_STYLE}name")] = _SIDES[asked]
    for cell in root.iter(f"{_TABLE}table-cell"):
        first = next(iter(cell), None)
        if first is None or first.tag != f"{_TEXT}p":
            continue
        if side := sides.get(first.get(f"{_TEXT}style-name")):
            first.text = sign("cote", side) + (first.text or "")


def lift_descriptions(root: Any) -> list[str]:
    """Put a name in place of the description of each image; return the descriptions in order."""
    found: list[str] = []
    for frame in root.iter(f"{_DRAW}frame"):
        if frame.find(f"{_DRAW}image") is None:
            continue
        texts = []
        for tag in ("title", "desc"):
            for node in frame.findall(f"{_SVG}{tag}"):
                texts.append(" ".join("".join(node.itertext()).split()))
                frame.remove(node)
        if text := next(filter(None, texts), ""):
            etree.SubElement(frame, f"{_SVG}title").text = f"{DESCRIPTION}{len(found)}"
            found.append(text)
    return found


def _styles(tree: Any, family: str) -> list[Any]:
    return [s for s in tree.iter(f"{_STYLE}style") if s.get(f"{_STYLE}family") == family]


def _take_underline(style: Any) -> bool | None:
    """Remove the underlining of a style; return whether it underlines, None when it says nothing."""
    properties = style.find(f"{_STYLE}text-properties")
    if properties is None:
        return None
    said = {
        key.rpartition("-")[2]: properties.attrib.pop(key)
        for key in list(properties.attrib)
        if key.startswith(f"{_STYLE}text-underline-")
    }
    line = said.get("style") or said.get("type")
    return None if line is None else line != "none"


def _bound(node: Any, before: str, after: str) -> None:
    node.text = before + (node.text or "")
    if len(node):
        node[-1].tail = (node[-1].tail or "") + after
    else:
        node.text += after
