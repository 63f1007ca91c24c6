"""A pièce as Markdown: readable in any editor, and read back by our own import.

Images are in the file, as definitions at its end: what is asked for is one file, readable alone.
HTML comments, invisible once displayed, carry what Markdown cannot say: the identifier of each
article, headings inside an article, titles without number.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Sequence

from procurement.ui.typographie import strip_controls
from wikimarche.domain.numbering import mark_item
from wikimarche.domain.schema import show_invisible
from wikimarche.reports.contents import (
    ArticleContent,
    Json,
    PieceContent,
    Slot,
    bookmark,
    criteres_as_table,
    grid_of,
)


_NESTED = ("link", "strong", "em", "underline", "superscript", "subscript")
# An address that nobody made a link stays text: « @ » and the « : » of « https: » are escaped too.
_ESCAPED = re.compile(r"([\\`*_{}\[\]<>~^$|@]|:(?=//))")
_LINE_START = re.compile(r"^(\s*)([-+#:=(])", re.MULTILINE)
_LINE_NUMBER = re.compile(r"^(\s*)(\d{1,9}|[A-Za-z]{1,4})([.)])(?=\s|$)", re.MULTILINE)


def write_markdown(piece: PieceContent) -> bytes:
    """Return the pièce as UTF-8 Markdown (pandoc's dialect: grid tables, notes, lists a. and i.)."""
    return _Writer(piece).write().encode()


class _Writer:
    def __init__(self, piece: PieceContent) -> None:
        self.piece = piece
        self.notes: list[str] = []
        self.images: list[tuple[str, str]] = []

    def write(self) -> str:
        piece = self.piece
        parts = [f"<!-- titre -->\n**{_escape(piece.titre)}**"]
        parts.append(
            "<!-- cartouche -->\n" + "\\\n".join(_escape(line) for line in piece.cartouche)
        )
        for article in piece.articles:
            parts.extend(self._article(article))
        parts.extend(f"[^{rank}]: {text}" for rank, text in enumerate(self.notes, start=1))
        parts.extend(
            f"[image-{rank}]: {_as_address(self.piece.images[fichier])}{size}"
            for rank, (fichier, size) in enumerate(self.images, start=1)
        )
        return "\n\n".join(parts) + "\n"

    def _article(self, article: ArticleContent) -> list[str]:
        signs = f"<!-- {bookmark(article.id)} -->\n" + (
            "" if article.numero else "<!-- sansnum -->\n"
        )
        numero = f"{article.numero}. " if article.numero else ""
        title = _escape(article.titre.replace("\n", " "))
        hashes = "#" * max(1, min(article.niveau, 6))
        return [f"{signs}{hashes} {numero}{title}", *self._blocks(article.corps.get("content", ()))]

    def _blocks(self, nodes: Sequence[Json]) -> list[str]:
        parts: list[str] = []
        previous = ""
        for node in nodes:
            kind = node["type"]
            if previous.endswith("_list") and kind.endswith("_list"):
                parts.append("<!-- -->")
            if text := self._block(node):
                parts.append(text)
                previous = kind
        return parts

    def _block(self, node: Json) -> str:
        kind = node["type"]
        if kind == "paragraph":
            return self._inline(node)
        if kind == "heading":
            return f"<!-- inter{node['attrs']['level']} -->\n**{self._inline(node, bold=False)}**"
        if kind in ("bullet_list", "ordered_list"):
            return self._list(node)
        if kind == "table":
            return self._table(node)
        if kind == "critere":
            return self._table(criteres_as_table(self.piece))
        if kind == "blockquote":
            inner = "\n\n".join(self._blocks(node.get("content", ())))
            return "\n".join(f"> {line}".rstrip() for line in inner.split("\n"))
        if kind == "image":
            return self._image(node["attrs"])
        return ""

    def _image(self, attrs: Json) -> str:
        """Refer to the image by its rank: its bytes stand at the end, out of the way of the text."""
        fichier, alt = attrs["fichier"], _escape(" ".join(attrs["alt"].split()))
        if fichier not in self.piece.images:
            return rf"\[{alt}\]"
        named = {"width": attrs.get("largeur"), "height": attrs.get("hauteur")}
        size = " ".join(f"{name}={int(pixels)}px" for name, pixels in named.items() if pixels)
        image = (fichier, f" {{{size}}}" if size else "")
        if image not in self.images:
            self.images.append(image)
        return f"![{alt}][image-{self.images.index(image) + 1}]"

    # --- lists

    def _list(self, node: Json) -> str:
        items = []
        loose = False
        attrs = node.get("attrs", {})
        for rank, item in enumerate(node.get("content", ())):
            content = item.get("content", ())
            loose = loose or any(child["type"] in ("paragraph", "image") for child in content[1:])
            mark = mark_item(node["type"], attrs, rank)
            pad = " " * max(4, len(mark) + 1)
            inner = ("\n\n" if loose else "\n").join(self._blocks(content)) or "\u00a0"
            body = "\n".join(pad + line if line else "" for line in inner.split("\n"))
            items.append(mark.ljust(len(pad)) + body[len(pad) :])
        return ("\n\n" if loose else "\n").join(items)

    # --- tables

    def _table(self, node: Json) -> str:
        grid, columns = grid_of(node)
        if _is_simple(grid):
            return self._pipe(grid, columns)
        return self._grid(grid, columns)

    def _pipe(self, grid: list[list[Slot]], columns: int) -> str:
        rows = [[self._cell(slot).replace("\n", " ") for slot in line] for line in grid]
        rows.insert(1, ["---"] * columns)
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)

    def _cell(self, slot: Slot) -> str:
        if slot.node is None:
            return ""
        return "\n\n".join(self._blocks(slot.node.get("content", ())))

    def _grid(self, grid: list[list[Slot]], columns: int) -> str:
        """Draw each cell as a frame on a canvas: spans need no other care."""
        boxes = []  # row, column, slot, lines
        for row, line in enumerate(grid):
            column = 0
            for slot in line:
                if slot.node is not None:
                    boxes.append((row, column, slot, self._cell(slot).split("\n")))
                column += slot.colspan
        widths, heights = [3] * columns, [1] * len(grid)
        for row, column, slot, lines in sorted(boxes, key=lambda box: box[2].colspan):
            need = max(len(text) for text in lines) + 2
            have = sum(widths[column : column + slot.colspan]) + slot.colspan - 1
            widths[column + slot.colspan - 1] += max(0, need - have)
            tall = sum(heights[row : row + slot.rowspan]) + slot.rowspan - 1
            heights[row + slot.rowspan - 1] += max(0, len(lines) - tall)
        left = [sum(widths[:c]) + c for c in range(columns + 1)]
        top = [sum(heights[:r]) + r for r in range(len(grid) + 1)]
        canvas = [[" "] * (left[-1] + 1) for _ in range(top[-1] + 1)]
        for row, column, slot, lines in boxes:
            x0, x1 = left[column], left[column + slot.colspan]
            y0, y1 = top[row], top[row + slot.rowspan]
            for x in range(x0, x1 + 1):
                for y in (y0, y1):
                    canvas[y][x] = "-" if canvas[y][x] == " " else canvas[y][x]
            for y in range(y0, y1 + 1):
                for x in (x0, x1):
                    canvas[y][x] = "|" if canvas[y][x] == " " else canvas[y][x]
            for y in (y0, y1):
                for x in (x0, x1):
                    canvas[y][x] = "+"
            for rank, text in enumerate(lines):
                for offset, char in enumerate(text):
                    canvas[y0 + 1 + rank][x0 + 2 + offset] = char
        heads = 0
        while heads < len(grid) and _is_header(grid[heads]):
            heads += 1
        if 0 < heads < len(grid) and all(c != " " for c in canvas[top[heads]]):
            canvas[top[heads]] = ["=" if c == "-" else c for c in canvas[top[heads]]]
        return "\n".join("".join(line).rstrip() for line in canvas)

    # --- inline

    def _inline(self, node: Json, *, bold: bool = True) -> str:
        content = node.get("content", ())
        text = self._runs(content, _NESTED if bold else _NESTED[:1] + _NESTED[2:])
        text = _LINE_START.sub(r"\1\\\2", text)
        return _LINE_NUMBER.sub(r"\1\2\\\3", text)

    def _runs(self, nodes: Sequence[Json], order: Sequence[str]) -> str:
        """Write runs, a mark open as long as it holds: « *a **b** c* », never « *a ****b**** c* »."""
        if not order:
            return "".join(self._atom(node) for node in nodes)
        parts = []
        for mark, group in itertools.groupby(nodes, key=lambda node: _mark(node, order[0])):
            inner = self._runs(list(group), order[1:])
            parts.append(_wrap(inner, order[0], mark) if mark is not None else inner)
        return "".join(parts)

    def _atom(self, node: Json) -> str:
        kind = node["type"]
        if kind == "text":
            return _escape(node["text"])
        if kind == "hard_break":
            return "\\\n"
        if kind == "variable":
            return _escape(self.piece.variable(node["attrs"]["chemin"]))
        if kind == "renvoi":
            text, name = self.piece.renvoi(node["attrs"]["article"])
            return f"[{_escape(text)}](#{name})" if name else _escape(text)
        if kind == "note_bas_de_page":
            self.notes.append(_escape(node["attrs"]["texte"].replace("\n", " ")))
            return f"[^{len(self.notes)}]"
        return ""


def _escape(text: str) -> str:
    return _ESCAPED.sub(r"\\\1", strip_controls(show_invisible(text)))


def _as_address(content: bytes) -> str:
    kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _mark(node: Json, name: str) -> str | None:
    """Return the link's address, or the mark's name, when the node carries the mark."""
    for mark in node.get("marks", ()):
        if mark["type"] == name:
            return str(mark["attrs"]["href"]) if name == "link" else name
    return None


def _wrap(text: str, kind: str, value: str) -> str:
    core = text.strip()
    if not core:
        return text
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    if kind == "link":
        core = f"[{core}](<{value}>)"
    elif kind == "underline":
        core = f"[{core}]{{.underline}}"
    elif kind in ("superscript", "subscript"):
        sign = "^" if kind == "superscript" else "~"
        core = sign + core.replace(" ", "\\ ") + sign
    else:
        sign = "**" if kind == "strong" else "*"
        core = f"{sign}{core}{sign}"
    return lead + core + tail


def _is_header(line: Sequence[Slot]) -> bool:
    cells = [slot.node for slot in line if slot.node is not None]
    return bool(cells) and all(cell["type"] == "table_header" for cell in cells)


def _is_simple(grid: Sequence[Sequence[Slot]]) -> bool:
    if not grid or not _is_header(grid[0]):
        return False
    for rank, line in enumerate(grid):
        for slot in line:
            if slot.node is None or slot.colspan > 1 or slot.rowspan > 1:
                return False
            if rank and slot.node["type"] == "table_header":
                return False
            content = slot.node.get("content", ())
            if len(content) > 1 or any(child["type"] != "paragraph" for child in content):
                return False
            if any(c["type"] == "hard_break" for p in content for c in p.get("content", ())):
                return False
    return True
