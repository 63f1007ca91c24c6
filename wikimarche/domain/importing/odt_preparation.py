"""An .odt made ready for pandoc: its changes, comments and styles become marks in the text."""

from __future__ import annotations

import zipfile
from typing import Any

from lxml import etree

from wikimarche.domain.importing.cropping import crop_frames
from wikimarche.domain.importing.odt_marks import (
    lift_descriptions,
    mark_cell_sides,
    mark_underlines,
    mark_whole_paragraphs,
    raise_by_parents,
)
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


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def prepare_odt(package: zipfile.ZipFile, survey: Survey) -> dict[str, bytes]:
    """Return the parts of an .odt to replace, by name. Raises ImportRefused and KeyError."""
    if "content.xml" not in package.namelist():
        raise ImportRefused("Le fichier n’est pas un document OpenDocument.")
    root = parse_part(read_part(package, "content.xml"))
    drop_private(root.iter())
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
        if article := own_article(bookmark.get(f"{_TEXT}name", "")):
            bookmark.tail = sign("art", article) + (bookmark.tail or "")
    for frame in root.iter(f"{_DRAW}text-box"):
        if text := "".join(frame.itertext()).strip():
            survey.add("zone_de_texte", text)
    styles = None
    if "styles.xml" in package.namelist():
        styles = parse_part(read_part(package, "styles.xml"))
        for part in styles.iter(f"{_STYLE}header", f"{_STYLE}footer"):
            if text := " ".join("".join(part.itertext()).split()):
                survey.add("en_tete_ou_pied_de_page", text)
    survey.descriptions += lift_descriptions(root)
    mark_underlines(root, styles, sign)
    raise_by_parents(root, styles)
    mark_whole_paragraphs(root)
    mark_cell_sides(root, sign)
    trees = [root] if styles is None else [styles, root]
    cropped, count, whole = crop_frames(root, trees, package)
    survey.add("image_rognee", count=count)
    survey.add("image_rognee_entiere", count=whole)
    rewritten = {"content.xml": root} | ({} if styles is None else {"styles.xml": styles})
    return cropped | {
        name: etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
        for name, tree in rewritten.items()
    }


def _mark_odt_toc(index: Any) -> None:
    """Put the lines of the table of contents in the text, marked, in place of the index."""
    parent = index.getparent()
    position = parent.index(index)
    lines = [node for node in index.iter(f"{_TEXT}p") if node.getparent() is not None]
    parent.remove(index)
    body = [n for n in lines if not any(a.tag.endswith("-source") for a in n.iterancestors())]
    for offset, line in enumerate(body):
        line.text = sign("toc") + (line.text or "")
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
            signs += sign("sansnum")
        if QUOTE_NAME.search(style):
            signs += sign("quote")
        if style in ("Title", "Titre_20_principal"):
            signs += sign("titre")
        if found := OWN_UNTITLED.match(style):
            paragraph.tag = f"{_TEXT}p"
            signs += sign("alinea", found[1])
        if own := sign_of_style(style):
            signs += sign(*own)
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
        mark = sign("chg", ranks[point.get(f"{_TEXT}change-id") or ""])
        point.tail = f"{mark}{text}{point.tail or ''}"
    order = [c for c in survey.changes if c["nature"] == "insertion"]
    keys = [key for key, (kind, _) in regions.items() if kind == "insertion"]
    for key, change in zip(keys, order, strict=True):
        change["texte"] = _cut_insertion(root, key)
    for start in root.iter(f"{_TEXT}change-start"):
        if (key := start.get(f"{_TEXT}change-id") or "") in ranks:
            start.tail = sign("chg", ranks[key]) + (start.tail or "")


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
        _replace_by_text(node, sign("com", str(rank)))
        if (end := ends.get(node.get(f"{_OFFICE}name"))) is not None:
            _replace_by_text(end, sign("fincom", str(rank)))


def _replace_by_text(node: Any, text: str) -> None:
    parent, previous = node.getparent(), node.getprevious()
    text += node.tail or ""
    if previous is not None:
        previous.tail = (previous.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    parent.remove(node)
