"""Make ready a .docx or .odt for pandoc, and list what pandoc would lose without a word.

pandoc drops bookmarks nobody points to, the text of simple fields, text boxes, outline levels
set outside heading styles, and turns page breaks into line breaks. They are rewritten in the
package before the conversion. What an article cannot hold (headers, charts…) is only counted.
Bytes in, bytes out. The caller has already bounded the package (size, entries, ratio).
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from wikimarche.domain.importing.cropping import crop_images
from wikimarche.domain.importing.odt_marks import (
    lift_descriptions,
    mark_cell_sides,
    mark_underlines,
    mark_whole_paragraphs,
)
from wikimarche.domain.importing.pieces import ImportRefused


# Marks in the text, from the private use area: START kind:value END. Stripped by the reader.
START, END = "\uf8d0", "\uf8d1"
MARK = re.compile(f"{START}([a-z]+):([^{START}{END}]*){END}")
PRIVATE = re.compile(f"[{START}{END}]")
PART_LIMIT = 64 << 20
IMAGE_LIMIT = 20 << 20

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W = f"{{{W}}}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_UNREADABLE = "Le fichier est abîmé : son contenu ne peut pas être lu."


@dataclass
class Survey:
    """What the package holds beside the running text: kind → (count, first sample)."""

    counts: dict[str, int] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)
    comments: list[dict[str, str]] = field(default_factory=list)
    changes: list[dict[str, str]] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    descriptions: list[str] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    """What the file itself holds, before anything is cut or opened: the report starts from it."""

    def add(self, kind: str, sample: str = "", *, count: int = 1) -> None:
        """Count a kind of construct."""
        if count > 0:
            self.counts[kind] = self.counts.get(kind, 0) + count
            if sample.strip() and not self.samples.get(kind):
                self.samples[kind] = " ".join(sample.split())[:160]


@dataclass(frozen=True)
class Prepared:
    """The package to hand to pandoc, and its survey."""

    content: bytes
    survey: Survey


def _parse(data: bytes) -> Any:
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise ImportRefused(_UNREADABLE)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ImportRefused(_UNREADABLE) from error


def _read(package: zipfile.ZipFile, name: str, limit: int = PART_LIMIT) -> bytes:
    with package.open(name) as part:
        data = part.read(limit + 1)
    if len(data) > limit:
        raise ImportRefused("Le fichier contient une partie trop lourde pour être importée.")
    return data


def prepare(content: bytes, source: str) -> Prepared:
    """Return the package ready for pandoc; « markdown » passes through.

    source: « docx », « odt » or « markdown ».
    Raises ImportRefused for a damaged package.
    """
    survey = Survey()
    if source == "markdown":
        return Prepared(_prepare_markdown(content, survey), survey)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = _prepare_docx if source == "docx" else _prepare_odt
            return Prepared(_rewrite(package, parts(package, survey)), survey)
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError) as error:
        raise ImportRefused(_UNREADABLE) from error


_OWN_COMMENT = re.compile(r"^<!-- (art|inter|sansnum|cartouche|titre)[ _]?(\w*) -->$")
_OWN_IMAGE = re.compile(
    r"\[(image-\d+)\]: data:image/(png|jpeg);base64,((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[A-Za-z0-9+/=]=)?)"
    r"( \{(?:width=\d{1,4}px)? ?(?:height=\d{1,4}px)?\})?\Z"
)
_LIST_LINE = re.compile(r"^\s{0,3}(?:[-*+•]|\d{1,3}[.)])\s+\S")
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")


def _front_matter(text: str) -> tuple[list[str], str]:
    """Split the entries between two « --- » lines at the head of the text from the rest."""
    lines = text[:20_000].split("\n")
    if lines[0].rstrip() != "---":
        return [], text
    for rank, line in enumerate(lines[1:81], start=1):
        if line.rstrip() in ("---", "..."):
            return lines[1:rank], "\n".join(lines[rank + 1 :]) + text[20_000:]
        if line.strip() and ":" not in line and line[0] not in " \t#-":
            break
    return [], text


def _prepare_markdown(received: bytes, survey: Survey) -> bytes:
    """Forgive what people type: lists and titles without a blank line before them.

    The comments of our own export become marks at the head of the line they announce.
    """
    text = received.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    text = PRIVATE.sub("", text)
    lines: list[str] = []
    entries, text = _front_matter(text)
    for entry in filter(str.strip, entries):
        if title := re.match(r"(?:title|titre)\s*:\s*(.*)", entry):
            lines += [f"{START}titre:{END}" + title[1].strip(" \"'"), ""]
        else:
            survey.add("metadonnee", entry)
    signs = ""
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        if not fenced and (image := _OWN_IMAGE.match(line)):
            content = base64.b64decode(image[3])
            nom = f"{image[1]}.{'png' if image[2] == 'png' else 'jpg'}"
            # The same image at another size: one file.
            nom = next((other for other, held in survey.media.items() if held == content), nom)
            survey.media[nom] = content
            lines.append(f"[{image[1]}]: {nom}{image[4] or ''}")
            continue
        if not fenced and line.strip() == "<!-- -->":
            lines += ["", f"{START}sep:{END}", ""]
            continue
        if not fenced and (found := _OWN_COMMENT.match(line.strip())):
            signs += f"{START}{found[1]}:{found[2]}{END}"
            continue
        if signs and line.strip():
            title = re.match(r"#{1,6}\s+", line)
            cut = title.end() if title else 0
            signed, signs = line[:cut] + signs + line[cut:], ""
        else:
            signed = line
        before = lines[-1] if lines else ""
        opens = re.match(r"#{1,6}\s+\S", signed) or (
            _LIST_LINE.match(signed)
            and not _LIST_LINE.match(before)
            and not before.startswith("  ")
        )
        if not fenced and before.strip() and opens and not before.lstrip().startswith("|"):
            lines.append("")
        lines.append(signed)
    return "\n".join(lines).encode()


def _rewrite(package: zipfile.ZipFile, parts: dict[str, bytes]) -> bytes:
    """Copy the package with new parts, without the fonts and objects nobody reads."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
        for name in parts.keys() - set(package.namelist()):
            copy.writestr(name, parts[name])
        for entry in package.infolist():
            name = entry.filename
            if name in parts:
                copy.writestr(name, parts[name])
            elif (
                entry.is_dir()
                or name.endswith((".bin", ".ttf", ".odttf", ".fntdata"))
                or re.search(r"(?:^|/)(?:Thumbnails|embeddings|glossary)/", name)
            ):
                continue
            else:
                copy.writestr(name, _read(package, name))
    return target.getvalue()


def read_media(content: bytes, names: list[str]) -> dict[str, bytes]:
    """Return the bytes of the images pandoc names (« media/image1.png », « Pictures/1.png »).

    Missing, linked or over-heavy images are left out.
    """
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            present = set(package.namelist())
            for name in names:
                for path in (f"word/{name}", name.lstrip("./")):
                    if path in present and package.getinfo(path).file_size <= IMAGE_LIMIT:
                        found[name] = _read(package, path, IMAGE_LIMIT)
                        break
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError):
        return found
    return found


# --- .docx -----------------------------------------------------------------------------------

_HEADING_NAME = re.compile(r"^(?:heading|titre|überschrift)\s*([1-9])$", re.IGNORECASE)
_TOC_NAME = re.compile(
    r"^(?:toc\s*\d|tm\s*\d|table des mati|toc heading|en-tête de table)", re.IGNORECASE
)
# Styles of our own .docx and .odt: headings inside an article, and the title block to leave out.
_OWN_STYLE = re.compile(r"^(Intertitre|Cartouche)(?:\s|_20_)?([12]?)$")
# The paragraph that bears the number of an article without title, by its level.
_OWN_UNTITLED = re.compile(r"^Alinéa(?:\s|_20_)([1-6])$")
_QUOTE_NAME = re.compile(r"quot|citation|block text", re.IGNORECASE)


def _prepare_docx(package: zipfile.ZipFile, survey: Survey) -> dict[str, bytes]:
    names = set(package.namelist())
    main = "word/document.xml"
    if main not in names:
        candidates = [n for n in names if re.fullmatch(r"word/document\d*\.xml", n)]
        if not candidates:
            raise ImportRefused("Le fichier n’est pas un document Word.")
        main = candidates[0]
    root = _parse(_read(package, main))
    styles = _read_styles(package) if "word/styles.xml" in names else {}
    _drop_private(root)
    _unwrap_alternates(root)
    survey.held = _hold_docx(package, root, names)
    _lift_text_boxes(root, survey)
    _draw_boxes(root)
    _rewrite_fields(root)
    _mark_paragraphs(root, styles)
    _count_docx(package, root, names, survey)
    cropped, count = crop_images(root, package, main)
    survey.add("image_rognee", count=count)
    return cropped | {
        main: etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    }


def _read_styles(package: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    """Return style id → name, outline level (0–8) and quote/toc flags, inheritance resolved."""
    root = _parse(_read(package, "word/styles.xml"))
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
        }
    resolved = {}
    for key in raw:
        seen: set[str] = set()
        outline, heading, toc, quote = None, False, False, False
        current: str | None = key
        while current in raw and current not in seen:
            seen.add(current)
            row = raw[current]
            if found := _HEADING_NAME.match(row["name"]):
                heading = True
                outline = int(found[1]) - 1 if outline is None else outline
            if outline is None and row["outline"] is not None:
                outline = row["outline"]
            toc = toc or bool(_TOC_NAME.match(row["name"]))
            quote = quote or bool(_QUOTE_NAME.search(row["name"]))
            current = row["based"]
        resolved[key] = {
            "name": raw[key]["name"],
            "outline": outline if outline is None or outline < 9 else None,
            "heading": heading,
            "toc": toc,
            "quote": quote,
        }
    return resolved


def _int(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None


def _drop_private(root: Any) -> None:
    for node in root.iter(f"{_W}t", f"{_W}delText"):
        if node.text and PRIVATE.search(node.text):
            node.text = PRIVATE.sub("", node.text)


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


def _mark_paragraphs(root: Any, styles: dict[str, dict[str, Any]]) -> None:
    by_level = {
        row["outline"]: key
        for key, row in styles.items()
        if row["heading"] and _HEADING_NAME.match(row["name"]) and row["outline"] is not None
    }
    for node in list(root.iter(f"{_W}br")):
        if node.get(f"{_W}type") in ("page", "column"):
            node.tag = f"{_W}lastRenderedPageBreak"
    depth_toc = 0
    stack: list[str] = []
    own = any(_own_bookmark(node) for node in root.iter(f"{_W}bookmarkStart"))
    for paragraph in root.iter(f"{_W}p"):
        properties = paragraph.find(f"{_W}pPr")
        style_id = ""
        direct = None
        if properties is not None:
            node = properties.find(f"{_W}pStyle")
            style_id = node.get(f"{_W}val", "") if node is not None else ""
            node = properties.find(f"{_W}outlineLvl")
            direct = _int(node.get(f"{_W}val")) if node is not None else None
        style = styles.get(style_id, {})
        in_toc = False
        for char in paragraph.iter(f"{_W}fldChar", f"{_W}instrText", f"{_W}t"):
            if char.tag == f"{_W}t":
                # The field may close in the first paragraph after the table: look before its end.
                in_toc = in_toc or (depth_toc > 0 and bool((char.text or "").strip()))
            elif char.tag == f"{_W}instrText":
                if stack and re.match(r"\s*TOC\b", char.text or ""):
                    stack[-1] = "toc"
                    depth_toc += 1
            elif char.get(f"{_W}fldCharType") == "begin":
                stack.append("")
            elif char.get(f"{_W}fldCharType") == "end" and stack and stack.pop() == "toc":
                depth_toc -= 1
        if in_toc or style.get("toc"):
            digits = re.search(r"\d", style.get("name", ""))
            _insert_mark(paragraph, "toc", digits[0] if digits else "")
            continue
        for bookmark in paragraph.findall(f".//{_W}bookmarkStart"):
            if article := _own_bookmark(bookmark):
                _insert_mark(paragraph, "art", article)
        if own and (found := _OWN_UNTITLED.match(style.get("name", ""))):
            _mark_untitled(paragraph, properties, found[1])
            continue
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
        if found := _OWN_STYLE.match(style.get("name", "")):
            _insert_mark(paragraph, found[1][:5].lower() if found[2] else "cartouche", found[2])
            continue
        outline = direct if direct is not None and direct < 9 else style.get("outline")
        if outline is None or style.get("heading"):
            continue
        text = "".join(node.text or "" for node in paragraph.iter(f"{_W}t")).strip()
        if text and len(text) <= 250:
            if outline in by_level:
                if properties is None:
                    properties = etree.Element(f"{_W}pPr")
                    paragraph.insert(0, properties)
                node = properties.find(f"{_W}pStyle")
                if node is None:
                    node = etree.Element(f"{_W}pStyle")
                    properties.insert(0, node)
                node.set(f"{_W}val", by_level[outline])
            else:
                _insert_mark(paragraph, "niveau", str(outline + 1))


def _mark_untitled(paragraph: Any, properties: Any, level: str) -> None:
    """Mark the paragraph that bears the number of its article, so that no list is seen in it."""
    number = properties.find(f"{_W}numPr")
    if number is None or number.find(f"{_W}numId").get(f"{_W}val") == "0":
        _insert_mark(paragraph, "sansnum", "")
    _insert_mark(paragraph, "alinea", level)
    paragraph.remove(properties)


def _own_bookmark(node: Any) -> str:
    """Return the article that a bookmark of our own export names, else « »."""
    found = re.fullmatch(r"art_([0-9a-f]{32})", node.get(f"{_W}name", ""))
    return found[1] if found else ""


def _insert_mark(paragraph: Any, kind: str, value: str) -> None:
    position = 1 if len(paragraph) and paragraph[0].tag == f"{_W}pPr" else 0
    paragraph.insert(position, _run(f"{START}{kind}:{value}{END}"))


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
        comments = _parse(_read(package, "word/comments.xml"))
        held["comments"] = sum(1 for _ in comments.iter(f"{_W}comment"))
    return held


_COUNTED = {
    "graphique": re.compile(r"\{[^}]*/chart\}chart$"),
    "smartart": re.compile(r"\{[^}]*/diagram\}relIds$"),
    "objet_incorpore": re.compile(r"\}OLEObject$"),
}
_COUNTED_W = {
    "mise_en_forme_suivie": ("rPrChange", "pPrChange", "tblPrChange", "tcPrChange", "sectPrChange"),
    "texte_masque": ("vanish",),
    "lettrine_ou_cadre": ("framePr",),
    "sous_document": ("subDoc", "altChunk"),
}


def _count_docx(package: zipfile.ZipFile, root: Any, names: set[str], survey: Survey) -> None:
    for node in root.iter():
        if not isinstance(node.tag, str) or node.tag.startswith(_W):
            continue
        for kind, pattern in _COUNTED.items():
            if pattern.search(node.tag):
                survey.add(kind)
    for kind, tags in _COUNTED_W.items():
        survey.add(kind, count=sum(1 for tag in tags for _ in root.iter(f"{_W}{tag}")))
    for row in root.iter(f"{_W}tr"):
        properties = row.find(f"{_W}trPr")
        if properties is not None and (
            properties.find(f"{_W}ins") is not None or properties.find(f"{_W}del") is not None
        ):
            survey.add("ligne_de_tableau_suivie", "".join(t.text or "" for t in row.iter(f"{_W}t")))
    texts = set()
    for name in sorted(names):
        if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name):
            part = _parse(_read(package, name))
            if text := " ".join(t.text or "" for t in part.iter(f"{_W}t")).strip():
                texts.add(text)
    for text in sorted(texts):
        survey.add("en_tete_ou_pied_de_page", text)


# --- .odt ------------------------------------------------------------------------------------


def _prepare_odt(package: zipfile.ZipFile, survey: Survey) -> dict[str, bytes]:
    if "content.xml" not in package.namelist():
        raise ImportRefused("Le fichier n’est pas un document OpenDocument.")
    root = _parse(_read(package, "content.xml"))
    for node in root.iter():
        if node.text and PRIVATE.search(node.text):
            node.text = PRIVATE.sub("", node.text)
        if node.tail and PRIVATE.search(node.tail):
            node.tail = PRIVATE.sub("", node.tail)
    survey.held = {
        name: sum(1 for _ in root.iter(tag))
        for name, tag in (
            ("tables", f"{_TABLE}table"),
            ("images", f"{_DRAW}image"),
            ("footnotes", f"{_TEXT}note"),
            ("comments", f"{_OFFICE}annotation"),
        )
    }
    _lift_odt_changes(root, survey)
    _lift_annotations(root, survey)
    for index in list(root.iter(f"{_TEXT}table-of-content")):
        _mark_odt_toc(index)
    _mark_odt_styles(root)
    for bookmark in list(root.iter(f"{_TEXT}bookmark-start", f"{_TEXT}bookmark")):
        name = bookmark.get(f"{_TEXT}name", "")
        if re.fullmatch(r"art_[0-9a-f]{32}", name):
            bookmark.tail = f"{START}art:{name[4:]}{END}{bookmark.tail or ''}"
    for frame in root.iter(f"{_DRAW}text-box"):
        if text := "".join(frame.itertext()).strip():
            survey.add("zone_de_texte", text)
    styles = None
    if "styles.xml" in package.namelist():
        styles = _parse(_read(package, "styles.xml"))
        for part in styles.iter(f"{_STYLE}header", f"{_STYLE}footer"):
            if text := " ".join("".join(part.itertext()).split()):
                survey.add("en_tete_ou_pied_de_page", text)
    survey.descriptions += lift_descriptions(root)
    mark_underlines(root, styles, _sign)
    mark_whole_paragraphs(root)
    mark_cell_sides(root, _sign)
    rewritten = {"content.xml": root} | ({} if styles is None else {"styles.xml": styles})
    return {
        name: etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
        for name, tree in rewritten.items()
    }


def _sign(kind: str, value: str) -> str:
    return f"{START}{kind}:{value}{END}"


def _mark_odt_toc(index: Any) -> None:
    """Put the lines of the table of contents in the text, marked, in place of the index."""
    parent = index.getparent()
    position = parent.index(index)
    lines = [node for node in index.iter(f"{_TEXT}p") if node.getparent() is not None]
    parent.remove(index)
    body = [n for n in lines if not any(a.tag.endswith("-source") for a in n.iterancestors())]
    for offset, line in enumerate(body):
        line.text = f"{START}toc:{END}{line.text or ''}"
        line.attrib.clear()  # an indented style would make a quotation of it
        parent.insert(position + offset, line)


def _mark_odt_styles(root: Any) -> None:
    """Mark quotations, and the paragraphs only our own files have, by the name of their style."""
    parents = {
        node.get(f"{_STYLE}name"): node.get(f"{_STYLE}parent-style-name") or ""
        for node in root.iter(f"{_STYLE}style")
    }
    for paragraph in root.iter(f"{_TEXT}p", f"{_TEXT}h"):
        style = paragraph.get(f"{_TEXT}style-name") or ""
        style = parents.get(style) or style
        signs = ""
        if paragraph.get(f"{_TEXT}is-list-header") == "true":
            signs += f"{START}sansnum:{END}"
        if _QUOTE_NAME.search(style):
            signs += f"{START}quote:{END}"
        if style in ("Title", "Titre_20_principal"):
            signs += f"{START}titre:{END}"
        if found := _OWN_UNTITLED.match(style):
            paragraph.tag = f"{_TEXT}p"
            signs += f"{START}alinea:{found[1]}{END}"
        if found := _OWN_STYLE.match(style):
            kind = found[1][:5].lower() if found[2] else "cartouche"
            signs += f"{START}{kind}:{found[2]}{END}"
        if signs:
            paragraph.text = signs + (paragraph.text or "")


def _lift_odt_changes(root: Any, survey: Survey) -> None:
    """Leave insertions out, put deletions back, as the text stood before the proposals."""
    regions: dict[str, Any] = {}
    for region in root.iter(f"{_TEXT}changed-region"):
        key = region.get(f"{_TEXT}id") or ""
        for kind in ("insertion", "deletion"):
            node = region.find(f"{_TEXT}{kind}")
            if node is not None:
                regions[key] = (kind, node)
    if not regions:
        return
    ranks = {key: str(rank) for rank, key in enumerate(regions)}
    for kind, node in regions.values():
        author = node.findtext(f".//{_DC}creator") or ""
        date = node.findtext(f".//{_DC}date") or ""
        kept = [n for n in node if n.tag != f"{_OFFICE}change-info"]
        text = " ".join("".join(n.itertext()) for n in kept)
        nature = "suppression" if kind == "deletion" else "insertion"
        survey.changes.append({"nature": nature, "texte": text, "auteur": author, "date": date})
    for point in list(root.iter(f"{_TEXT}change")):
        kind, node = regions.get(point.get(f"{_TEXT}change-id") or "", ("", None))
        if kind != "deletion":
            continue
        text = " ".join("".join(n.itertext()) for n in node if n.tag != f"{_OFFICE}change-info")
        sign = f"{START}chg:{ranks[point.get(f'{_TEXT}change-id') or '']}{END}"
        point.tail = f"{sign}{text}{point.tail or ''}"
    order = [c for c in survey.changes if c["nature"] == "insertion"]
    keys = [key for key, (kind, _) in regions.items() if kind == "insertion"]
    for key, change in zip(keys, order, strict=True):
        change["texte"] = _cut_insertion(root, key)
    for start in root.iter(f"{_TEXT}change-start"):
        if (key := start.get(f"{_TEXT}change-id") or "") in ranks:
            start.tail = f"{START}chg:{ranks[key]}{END}{start.tail or ''}"


def _cut_insertion(root: Any, key: str) -> str:
    """Remove the text between the two points of an insertion and return it."""
    taken: list[str] = []
    inside = False
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(node.tag, str):
            continue
        if event == "start" and node.get(f"{_TEXT}change-id") == key:
            if node.tag == f"{_TEXT}change-end":
                break
            inside = inside or node.tag == f"{_TEXT}change-start"
        elif inside and event == "start" and node.text:
            taken.append(node.text)
            node.text = None
        if inside and event == "end" and node.tail:
            taken.append(node.tail)
            node.tail = None
    return "".join(taken)


def _lift_annotations(root: Any, survey: Survey) -> None:
    """Take the annotations out of the text and leave a mark with their rank."""
    ends = {node.get(f"{_OFFICE}name"): node for node in root.iter(f"{_OFFICE}annotation-end")}
    for node in list(root.iter(f"{_OFFICE}annotation")):
        rank = len(survey.comments)
        survey.comments.append(
            {
                "auteur": node.findtext(f"{_DC}creator") or "",
                "date": node.findtext(f"{_DC}date") or "",
                "texte": "\n".join("".join(p.itertext()) for p in node.iter(f"{_TEXT}p")),
            }
        )
        _replace_by_text(node, f"{START}com:{rank}{END}")
        if (end := ends.get(node.get(f"{_OFFICE}name"))) is not None:
            _replace_by_text(end, f"{START}fincom:{rank}{END}")


def _replace_by_text(node: Any, text: str) -> None:
    parent, previous = node.getparent(), node.getprevious()
    text += node.tail or ""
    if previous is not None:
        previous.tail = (previous.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    parent.remove(node)
