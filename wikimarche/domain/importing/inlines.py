"""Inline elements of pandoc → inline nodes of an article, with marks left for later steps.

Nodes whose type starts with « _ » never leave the import: `_image` splits its paragraph,
`_com` and `_fincom` bound a comment, `_change` is a tracked change, `_renvoi` an internal link,
`_ancre` a target, `_signe` a mark of the preparation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from wikimarche.domain.images import read_length
from wikimarche.domain.importing.odt_marks import DESCRIPTION
from wikimarche.domain.importing.package import MARK, PRIVATE
from wikimarche.domain.importing.pieces import ImportReport, Json
from wikimarche.domain.importing.symbols import draw_symbols
from wikimarche.domain.schema import DEFINITION, clean_text


Marks = tuple[str, ...]
# Order of the schema; the canonical JSON depends on it.
_ORDER = ("link", "strong", "em", "underline", "superscript", "subscript")
_HREF = re.compile(DEFINITION["marks"]["link"]["attrs"]["href"]["pattern"])
# Beside what the schema refuses: characters that reorder or hide text have no place in a clause.
CONTROL = re.compile(r"[\x7f\u061c\u2028\u2029\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SIMPLE = {
    "Emph": "em",
    "Strong": "strong",
    "Underline": "underline",
    "Superscript": "superscript",
    "Subscript": "subscript",
}
_LOST = {"Strikeout": "texte_barre", "SmallCaps": "petites_capitales"}
_HTML_MARKS = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "u": "underline",
    "sup": "superscript", "sub": "subscript",
}  # fmt: skip
_HTML = re.compile(r"^<\s*(/?)\s*([a-zA-Z0-9]+)[^>]*?(/?)>$")


def text_node(text: str, marks: Marks = (), href: str = "") -> Json:
    """Return a text node with its marks in the order of the schema."""
    node: Json = {"type": "text", "text": text}
    if marks or href:
        node["marks"] = [
            {"type": "link", "attrs": {"href": href}} if name == "link" else {"type": name}
            for name in _ORDER
            if name in marks or (name == "link" and href)
        ]
    return node


def plain(atoms: Sequence[Json]) -> str:
    """Return the text of inline nodes; a hard break is a newline."""
    parts = []
    for atom in atoms:
        kind = atom["type"]
        if kind == "text":
            parts.append(atom["text"])
        elif kind == "hard_break":
            parts.append("\n")
        elif kind == "_renvoi":
            parts.append(plain(atom["content"]))
    return "".join(parts)


def _size(pairs: dict[str, str]) -> dict[str, int]:
    """The size of an image in its document: both lengths, or the one it gives; none that is out of bounds."""
    asked = {"largeur": pairs.get("width"), "hauteur": pairs.get("height")}
    read = {name: read_length(written) for name, written in asked.items() if written}
    kept = {name: pixels for name, pixels in read.items() if pixels is not None}
    return kept if len(kept) == len(read) else {}


class InlineReader:
    """Reads inlines; keeps the counts of what it could not place in `report`."""

    def __init__(self, report: ImportReport, descriptions: Sequence[str] = ()) -> None:
        self.report = report
        self.descriptions = descriptions
        self.notes: list[str] = []
        self.underlined = False

    def read(self, inlines: Sequence[Json], marks: Marks = (), href: str = "") -> list[Json]:
        """Return the nodes of a run of inlines."""
        nodes: list[Json] = []
        opened: list[str] = []
        words: list[str] = []
        for inline in inlines:
            kind, content = inline["t"], cast(Any, inline.get("c"))
            if kind == "Str":
                words.append(content)
                continue
            if kind in ("Space", "SoftBreak"):
                words.append(" ")
                continue
            live = marks + tuple(opened)
            if words:
                nodes.extend(self._string("".join(words), live, href))
                words = []
            if kind == "RawInline":
                self._raw(content, nodes, opened)
            elif kind == "LineBreak":
                nodes.append({"type": "hard_break"})
            elif kind in _SIMPLE:
                nodes.extend(self.read(content, self._with(live, _SIMPLE[kind]), href))
            else:
                nodes.extend(self._other(kind, content, live, href))
        if words:
            nodes.extend(self._string("".join(words), marks + tuple(opened), href))
        return nodes

    @staticmethod
    def _with(marks: Marks, name: str) -> Marks:
        if name in ("superscript", "subscript"):
            marks = tuple(m for m in marks if m not in ("superscript", "subscript"))
        return marks if name in marks else (*marks, name)

    def _string(self, text: str, marks: Marks, href: str) -> list[Json]:
        nodes: list[Json] = []
        position = 0
        for found in MARK.finditer(text):
            if piece := self._clean(text[position : found.start()]):
                nodes.append(text_node(piece, self._lined(marks), href))
            if found[1] == "sou":
                self.underlined = found[2] == "1"
            else:
                nodes.append(self._sign(found[1], found[2]))
            position = found.end()
        if piece := self._clean(text[position:]):
            nodes.append(text_node(piece, self._lined(marks), href))
        return nodes

    def _lined(self, marks: Marks) -> Marks:
        return self._with(marks, "underline") if self.underlined else marks

    @staticmethod
    def _clean(text: str) -> str:
        text = text.replace("\t", " ").replace("\n", " ")
        return clean_text(draw_symbols(PRIVATE.sub("", CONTROL.sub("", text))))

    @staticmethod
    def _sign(kind: str, value: str) -> Json:
        if kind == "com":
            return {"type": "_com", "id": f"odt{value}", "rang": value}
        if kind == "fincom":
            return {"type": "_fincom", "id": f"odt{value}"}
        if kind == "b":
            return {"type": "hard_break"}
        if kind == "chg":
            return {"type": "_change", "rang": value}
        return {"type": "_signe", "nature": kind, "valeur": value}

    def _raw(self, content: Any, nodes: list[Json], opened: list[str]) -> None:
        found = _HTML.match(content[1].strip())
        name = found[2].lower() if found else ""
        if name == "br":
            nodes.append({"type": "hard_break"})
        elif found and name in _HTML_MARKS:
            mark = _HTML_MARKS[name]
            if not found[1]:
                opened.append(mark)
            elif mark in opened:
                opened.remove(mark)
        else:
            self.report.miss("balise_html", content[1])

    def _other(self, kind: str, content: Any, marks: Marks, href: str) -> list[Json]:
        if kind == "Span":
            return self._span(content, marks, href)
        if kind == "Link":
            return self._link(content, marks, href)
        if kind == "Image":
            (_, _, pairs), alt, (source, title) = content
            written = draw_symbols(self._described(plain(self.read(alt)) or title))
            attrs = {"id": None, "fichier": source, "alt": written}
            return [{"type": "_image", "attrs": attrs | _size(dict(pairs))}]
        if kind == "Note":
            return self._note(content)
        if kind in _LOST:
            nodes = self.read(content, marks, href)
            self.report.miss(_LOST[kind], plain(nodes))
            return nodes
        if kind == "Quoted":
            left, right = ("‘", "’") if content[0]["t"] == "SingleQuote" else ("“", "”")
            inside = self.read(content[1], marks, href)
            return [text_node(left, marks, href), *inside, text_node(right, marks, href)]
        if kind == "Cite":
            return self.read(content[1], marks, href)
        if kind == "Code":
            return [text_node(text, marks, href)] if (text := self._clean(content[1])) else []
        if kind == "Math":
            self.report.miss("formule", content[1])
            return [text_node(text, marks, href)] if (text := self._clean(content[1])) else []
        self.report.miss(f"element_{kind.lower()}")
        return []

    def _described(self, alt: str) -> str:
        """Give an OpenDocument image the description the preparation kept for it."""
        found = re.fullmatch(rf"{DESCRIPTION}(\d{{1,6}})", alt)
        if found and int(found[1]) < len(self.descriptions):
            return self.descriptions[int(found[1])]
        return alt

    def _span(self, content: Any, marks: Marks, href: str) -> list[Json]:
        (identifier, classes, pairs), inlines = content
        attrs = dict(pairs)
        who = {"auteur": attrs.get("author", ""), "date": attrs.get("date", "")}
        if "comment-start" in classes:
            texte = plain(self.read(inlines))
            return [{"type": "_com", "id": attrs.get("id", ""), "texte": texte, **who}]
        if "comment-end" in classes:
            nested = self.read(inlines, marks, href)
            return [{"type": "_fincom", "id": attrs.get("id", "")}, *nested]
        if "paragraph-insertion" in classes or "paragraph-deletion" in classes:
            inserted = "paragraph-insertion" in classes
            nature = "paragraphe_insere" if inserted else "paragraphe_supprime"
            return [{"type": "_change", "nature": nature, "texte": "", **who}]
        nodes = self.read(inlines, marks, href)
        if "insertion" in classes:
            change = {"type": "_change", "nature": "insertion", "texte": plain(nodes), **who}
            kept = [n for n in nodes if n["type"] in ("_com", "_fincom", "_ancre", "_signe")]
            return [change, *kept]
        if "deletion" in classes:
            return [
                {"type": "_change", "nature": "suppression", "texte": plain(nodes), **who},
                *nodes,
            ]
        if "mark" in classes:
            self.report.miss("surlignage", plain(nodes))
        if identifier:
            return [{"type": "_ancre", "id": identifier}, *nodes]
        return nodes

    def _link(self, content: Any, marks: Marks, href: str) -> list[Json]:
        _, inlines, (url, _title) = content
        url = url.strip()
        if url.startswith("#"):
            return [{"type": "_renvoi", "cible": url[1:], "content": self.read(inlines, marks)}]
        if _HREF.match(url) and len(url) <= 2000:
            return self.read(inlines, marks, url) or [text_node(url, marks, url)]
        nodes = self.read(inlines, marks, href)
        self.report.miss("lien_refuse", f"{plain(nodes)} ({url})")
        return nodes

    def _note(self, blocks: Sequence[Json]) -> list[Json]:
        texte = " ".join(text_of_blocks(blocks, self).split())[:5000]
        if not texte:
            return []
        self.notes.append(texte)
        return [{"type": "note_bas_de_page", "attrs": {"texte": texte}}]


def text_of_blocks(blocks: Any, reader: InlineReader) -> str:
    """Return the text of any pandoc content, one line a paragraph."""
    parts: list[str] = []

    def visit(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("t") in ("Para", "Plain"):
                parts.append(plain(reader.read(value["c"])))
            elif value.get("t") == "Header":
                parts.append(plain(reader.read(value["c"][2])))
            elif value.get("t") == "CodeBlock":
                parts.append(value["c"][1])
            elif value.get("t") == "LineBlock":
                parts.extend(plain(reader.read(line)) for line in value["c"])
            elif "c" in value:
                visit(value["c"])
        elif isinstance(value, list):
            for child in value:
                visit(child)

    visit(blocks)
    return "\n".join(part for part in parts if part.strip())
