"""A .docx made ready for pandoc: fields, text boxes and styles become text it keeps.

pandoc drops bookmarks nobody points to, the text of simple fields, text boxes, boxes to tick and
outline levels set outside heading styles, and turns page breaks into line breaks.
"""

from __future__ import annotations

import re
import zipfile
from typing import Any

from lxml import etree

from wikimarche.domain.importing.cropping import crop_images
from wikimarche.domain.importing.package import (
    OWN_UNTITLED,
    QUOTE_NAME,
    Survey,
    drop_private,
    own_article,
    parse_part,
    read_part,
    sign,
    sign_of_style,
)
from wikimarche.domain.importing.pieces import ImportRefused
from wikimarche.domain.importing.symbols import UNKNOWN, draw_symbol
from wikimarche.domain.importing.word_numbering import Unnumbered


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W = f"{{{W}}}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"
_HEADING_NAME = re.compile(r"^(?:heading|titre|überschrift)\s*([1-9])$", re.IGNORECASE)
_TOC_NAME = re.compile(
    r"^(?:toc\s*\d|tm\s*\d|table des mati|toc heading|en-tête de table)", re.IGNORECASE
)


def prepare_word(package: zipfile.ZipFile, survey: Survey) -> dict[str, bytes]:
    """Return the parts of a .docx to replace, by name. Raises ImportRefused and KeyError."""
    names = set(package.namelist())
    main = "word/document.xml"
    if main not in names:
        candidates = [n for n in names if re.fullmatch(r"word/document\d*\.xml", n)]
        if not candidates:
            raise ImportRefused("Le fichier n’est pas un document Word.")
        main = candidates[0]
    root = parse_part(read_part(package, main))
    styles = _read_styles(package) if "word/styles.xml" in names else {}
    drop_private(root.iter(f"{_W}t", f"{_W}delText"))
    _unwrap_alternates(root)
    survey.held = _hold_docx(package, root, names)
    _lift_text_boxes(root, survey)
    _draw_boxes(root)
    _draw_signs(root, survey)
    _rewrite_fields(root)
    unnumbered = Unnumbered(package)
    _mark_paragraphs(root, styles)
    _settle_unnumbered(root, styles, unnumbered)
    _count_docx(package, root, names, survey)
    cropped, count = crop_images(root, package, main)
    survey.add("image_rognee", count=count)
    return (
        cropped
        | unnumbered.parts
        | {main: etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)}
    )


def _read_styles(package: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    """Return style id → name, outline level (0–8) and quote/toc flags, inheritance resolved."""
    root = parse_part(read_part(package, "word/styles.xml"))
    raw: dict[str, dict[str, Any]] = {}
    for style in root.iter(f"{_W}style"):
        if style.get(f"{_W}type") != "paragraph":
            continue
        name = style.find(f"{_W}name")
        based = style.find(f"{_W}basedOn")
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        raw[style.get(f"{_W}styleId") or ""] = {
            "name": name.get(f"{_W}val", "") if name is not None else "",
            "based": based.get(f"{_W}val") if based is not None else None,
            "outline": _int(outline.get(f"{_W}val")) if outline is not None else None,
            "number": _value_of(style.find(f"{_W}pPr/{_W}numPr"), "numId"),
            "rank": _value_of(style.find(f"{_W}pPr/{_W}numPr"), "ilvl"),
        }
    resolved = {}
    for key in raw:
        seen: set[str] = set()
        outline, heading, toc, quote = None, False, False, False
        number = rank = ""
        current: str | None = key
        while current in raw and current not in seen:
            seen.add(current)
            row = raw[current]
            if found := _HEADING_NAME.match(row["name"]):
                heading = True
                outline = int(found[1]) - 1 if outline is None else outline
            if outline is None and row["outline"] is not None:
                outline = row["outline"]
            number, rank = number or row["number"], rank or row["rank"]
            toc = toc or bool(_TOC_NAME.match(row["name"]))
            quote = quote or bool(QUOTE_NAME.search(row["name"]))
            current = row["based"]
        resolved[key] = {
            "name": raw[key]["name"],
            "outline": outline if outline is None or outline < 9 else None,
            "heading": heading,
            "toc": toc,
            "quote": quote,
            "number": (number, rank or "0") if number else None,
        }
    return resolved


def _int(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None


def _unwrap_alternates(root: Any) -> None:
    """Keep one reading of each « AlternateContent »: the choice, else the fallback."""
    for node in list(root.iter(f"{_MC}AlternateContent")):
        parent = node.getparent()
        if parent is None:
            continue
        kept = node.find(f"{_MC}Choice")
        fallback = node.find(f"{_MC}Fallback")
        boxed = any(True for _ in node.iter(f"{_W}txbxContent"))
        if kept is None or (not boxed and fallback is not None and len(fallback)):
            kept = fallback if fallback is not None else kept
        position = parent.index(node)
        parent.remove(node)
        if kept is not None:
            for offset, child in enumerate(list(kept)):
                parent.insert(position + offset, child)


def _lift_text_boxes(root: Any, survey: Survey) -> None:
    """Put the paragraphs of each text box after the paragraph that holds it."""
    for box in list(root.iter(f"{_W}txbxContent")):
        text = "".join(node.text or "" for node in box.iter(f"{_W}t"))
        parent = box.getparent()
        if parent is None:
            continue
        host = parent
        while host is not None and host.tag != f"{_W}p":
            host = host.getparent()
        parent.remove(box)
        if host is None or host.getparent() is None or not text.strip():
            continue
        survey.add("zone_de_texte", text)
        position = host.getparent().index(host)
        for offset, child in enumerate(list(box), start=1):
            host.getparent().insert(position + offset, child)


def _draw_boxes(root: Any) -> None:
    """Write a box to tick as a character: pandoc drops the field that draws it."""
    for box in root.iter(f"{_W}checkBox"):
        run = next(box.iterancestors(f"{_W}r"), None)
        state = box.find(f"{_W}checked")
        state = box.find(f"{_W}default") if state is None else state
        ticked = state is not None and state.get(f"{_W}val", "1") not in ("0", "false", "off")
        if run is not None:
            run.addprevious(_run("☒" if ticked else "☐"))


def _draw_signs(root: Any, survey: Survey) -> None:
    """Write a sign of a font as a character: pandoc drops those of most fonts."""
    for node in list(root.iter(f"{_W}sym")):
        written = node.get(f"{_W}char", "")
        code = int(written, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,4}", written) else 0
        if not (drawn := draw_symbol(node.get(f"{_W}font", ""), code)):
            continue
        text = _run(drawn)[0]
        node.getparent().replace(node, text)
        if drawn == UNKNOWN:
            paragraph = next(text.iterancestors(f"{_W}p"), text)
            said = "".join(part.text or "" for part in paragraph.iter(f"{_W}t"))
            survey.add("signe_de_police_de_symboles", said)


def _rewrite_fields(root: Any) -> None:
    """Unwrap simple fields (pandoc loses their text), make REF fields links to their bookmark."""
    for node in list(root.iter(f"{_W}fldSimple")):
        parent = node.getparent()
        target = _ref_target(node.get(f"{_W}instr", ""))
        if target:
            node.tag = f"{_W}hyperlink"
            node.attrib.clear()
            node.set(f"{_W}anchor", target)
            continue
        position = parent.index(node)
        parent.remove(node)
        for offset, child in enumerate(list(node)):
            parent.insert(position + offset, child)
    for paragraph in root.iter(f"{_W}p"):
        _link_complex_refs(paragraph)


def _ref_target(instruction: str) -> str:
    found = re.match(r"\s*REF\s+(\S+)", instruction)
    return found[1] if found else ""


def _link_complex_refs(paragraph: Any) -> None:
    runs = [child for child in paragraph if child.tag == f"{_W}r"]
    state, instruction = 0, ""
    shown: list[Any] = []
    fields: list[tuple[str, list[Any]]] = []
    for run in runs:
        char = run.find(f"{_W}fldChar")
        kind = char.get(f"{_W}fldCharType") if char is not None else None
        if kind == "begin":
            state, instruction, shown = 1, "", []
        elif kind == "separate" and state == 1:
            state = 2
        elif kind == "end":
            if state == 2 and shown and (target := _ref_target(instruction)):
                fields.append((target, shown))
            state = 0
        elif state == 1:
            instruction += "".join(node.text or "" for node in run.iter(f"{_W}instrText"))
        elif state == 2:
            shown.append(run)
    for target, shown in fields:
        link = etree.Element(f"{_W}hyperlink")
        link.set(f"{_W}anchor", target)
        # The whole field goes: pandoc would close on the markers left around the link.
        shown[0].addprevious(link)
        for run in shown:
            link.append(run)


def _run(text: str) -> Any:
    run = etree.Element(f"{_W}r")
    node = etree.SubElement(run, f"{_W}t")
    node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    node.text = text
    return run


class _OpenFields:
    """The fields open from one paragraph to the next, to know the lines of a table of contents."""

    def __init__(self) -> None:
        self._stack: list[str] = []
        self._contents = 0

    def holds(self, paragraph: Any) -> bool:
        """Read on to the end of a paragraph; tell whether some of its text is in such a table."""
        inside = False
        for char in paragraph.iter(f"{_W}fldChar", f"{_W}instrText", f"{_W}t"):
            if char.tag == f"{_W}t":
                # The field may close in the first paragraph after the table: look before its end.
                inside = inside or (self._contents > 0 and bool((char.text or "").strip()))
            elif char.tag == f"{_W}instrText":
                if self._stack and re.match(r"\s*TOC\b", char.text or ""):
                    self._stack[-1] = "toc"
                    self._contents += 1
            elif char.get(f"{_W}fldCharType") == "begin":
                self._stack.append("")
            elif char.get(f"{_W}fldCharType") == "end" and self._stack:
                self._contents -= self._stack.pop() == "toc"
        return inside


def _mark_paragraphs(root: Any, styles: dict[str, dict[str, Any]]) -> None:
    by_level = {
        row["outline"]: key
        for key, row in styles.items()
        if row["heading"] and _HEADING_NAME.match(row["name"]) and row["outline"] is not None
    }
    for node in list(root.iter(f"{_W}br")):
        if node.get(f"{_W}type") in ("page", "column"):
            node.tag = f"{_W}lastRenderedPageBreak"
    fields = _OpenFields()
    own = any(_own_bookmark(node) for node in root.iter(f"{_W}bookmarkStart"))
    for paragraph in root.iter(f"{_W}p"):
        properties = paragraph.find(f"{_W}pPr")
        style = styles.get(_value_of(properties, "pStyle"), {})
        in_toc = fields.holds(paragraph)
        if in_toc or style.get("toc"):
            digits = re.search(r"\d", style.get("name", ""))
            _insert_mark(paragraph, "toc", digits[0] if digits else "")
            continue
        for bookmark in paragraph.findall(f".//{_W}bookmarkStart"):
            if article := _own_bookmark(bookmark):
                _insert_mark(paragraph, "art", article)
        if own and (found := OWN_UNTITLED.match(style.get("name", ""))):
            _mark_untitled(paragraph, properties, found[1])
            continue
        _mark_style(paragraph, properties, style, own=own)
        if mark := sign_of_style(style.get("name", "")):
            _insert_mark(paragraph, *mark)
            continue
        direct = _int(_value_of(properties, "outlineLvl"))
        outline = direct if direct is not None and direct < 9 else style.get("outline")
        if outline is not None and not style.get("heading"):
            _mark_level(paragraph, properties, outline, by_level)


def _settle_unnumbered(
    root: Any, styles: dict[str, dict[str, Any]], unnumbered: Unnumbered
) -> None:
    for paragraph in root.iter(f"{_W}p"):
        properties = paragraph.find(f"{_W}pPr")
        style = styles.get(_value_of(properties, "pStyle"), {})
        if style.get("heading"):
            continue
        words = unnumbered.settle(paragraph, properties, style.get("number"))
        if words:
            _insert_run(paragraph, f"{words} ")


def _value_of(properties: Any, name: str) -> str:
    """The value of a property of a paragraph, « » when it does not say it."""
    node = properties.find(f"{_W}{name}") if properties is not None else None
    return "" if node is None else str(node.get(f"{_W}val", ""))


def _mark_style(paragraph: Any, properties: Any, style: dict[str, Any], *, own: bool) -> None:
    """Mark what follows an item of a list, quotations, and headings that lose their number."""
    if own and style.get("name") == "List Paragraph" and properties is not None:
        number = properties.find(f"{_W}numPr/{_W}numId")
        level = properties.find(f"{_W}numPr/{_W}ilvl")
        if number is not None and number.get(f"{_W}val") == "0" and level is not None:
            _insert_mark(paragraph, "suite", level.get(f"{_W}val", "0"))
    if style.get("quote"):
        _insert_mark(paragraph, "quote", "")
    if style.get("heading") and properties is not None:
        number = properties.find(f"{_W}numPr/{_W}numId")
        if number is not None and number.get(f"{_W}val") == "0":
            _insert_mark(paragraph, "sansnum", "")


def _mark_level(paragraph: Any, properties: Any, outline: int, by_level: dict[int, str]) -> None:
    """Make a heading of a short paragraph that has a level of the outline and no style of heading."""
    text = "".join(node.text or "" for node in paragraph.iter(f"{_W}t")).strip()
    if not text or len(text) > 250:
        return
    if outline not in by_level:
        _insert_mark(paragraph, "niveau", str(outline + 1))
        return
    if properties is None:
        properties = etree.Element(f"{_W}pPr")
        paragraph.insert(0, properties)
    node = properties.find(f"{_W}pStyle")
    if node is None:
        node = etree.Element(f"{_W}pStyle")
        properties.insert(0, node)
    node.set(f"{_W}val", by_level[outline])


def _mark_untitled(paragraph: Any, properties: Any, level: str) -> None:
    """Mark the paragraph that bears the number of its article, so that no list is seen in it."""
    number = properties.find(f"{_W}numPr")
    if number is None or number.find(f"{_W}numId").get(f"{_W}val") == "0":
        _insert_mark(paragraph, "sansnum", "")
    _insert_mark(paragraph, "alinea", level)
    paragraph.remove(properties)


def _own_bookmark(node: Any) -> str:
    return own_article(node.get(f"{_W}name", ""))


def _insert_mark(paragraph: Any, kind: str, value: str) -> None:
    _insert_run(paragraph, sign(kind, value))


def _insert_run(paragraph: Any, text: str) -> None:
    position = 1 if len(paragraph) and paragraph[0].tag == f"{_W}pPr" else 0
    paragraph.insert(position, _run(text))


def _hold_docx(package: zipfile.ZipFile, root: Any, names: set[str]) -> dict[str, int]:
    notes = root.iter(f"{_W}footnoteReference", f"{_W}endnoteReference")
    images = root.iter(f"{_A}blip", f"{_V}imagedata")
    held = {
        "tables": sum(1 for _ in root.iter(f"{_W}tbl")),
        "images": sum(1 for _ in images),
        "footnotes": sum(1 for _ in notes),
        "comments": 0,
    }
    if "word/comments.xml" in names:
        comments = parse_part(read_part(package, "word/comments.xml"))
        held["comments"] = sum(1 for _ in comments.iter(f"{_W}comment"))
    return held


COUNTED = {
    "graphique": re.compile(r"\{[^}]*/chart\}chart$"),
    "smartart": re.compile(r"\{[^}]*/diagram\}relIds$"),
    "objet_incorpore": re.compile(r"\}OLEObject$"),
}
COUNTED_W = {
    "mise_en_forme_suivie": ("rPrChange", "pPrChange", "tblPrChange", "tcPrChange", "sectPrChange"),
    "lettrine_ou_cadre": ("framePr",),
    "sous_document": ("subDoc", "altChunk"),
}


def _count_docx(package: zipfile.ZipFile, root: Any, names: set[str], survey: Survey) -> None:
    for node in root.iter():
        if not isinstance(node.tag, str) or node.tag.startswith(_W):
            continue
        for kind, pattern in COUNTED.items():
            if pattern.search(node.tag):
                survey.add(kind)
    for kind, tags in COUNTED_W.items():
        survey.add(kind, count=sum(1 for tag in tags for _ in root.iter(f"{_W}{tag}")))
    for run in root.iter(f"{_W}r"):
        hidden = run.find(f"{_W}rPr/{_W}vanish")
        if hidden is not None and hidden.get(f"{_W}val", "1") not in ("0", "false", "off"):
            text = "".join(node.text or "" for node in run.iter(f"{_W}t"))
            survey.add("texte_masque", text, count=int(bool(text.strip())))
    for row in root.iter(f"{_W}tr"):
        properties = row.find(f"{_W}trPr")
        if properties is not None and (
            properties.find(f"{_W}ins") is not None or properties.find(f"{_W}del") is not None
        ):
            survey.add("ligne_de_tableau_suivie", "".join(t.text or "" for t in row.iter(f"{_W}t")))
    texts = set()
    for name in sorted(names):
        if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name):
            part = parse_part(read_part(package, name))
            if text := " ".join(t.text or "" for t in part.iter(f"{_W}t")).strip():
                texts.add(text)
    for text in sorted(texts):
        survey.add("en_tete_ou_pied_de_page", text)
