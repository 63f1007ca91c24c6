"""What an export is made of: plain data, read by a selector, written by one writer per format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from procurement.marches.domain.variables import LIBELLES
from procurement.ui.typographie import format_instant, shorten
from wikimarche.domain.render import EVERY_LOT, say_broken, say_target


Json = dict[str, Any]


@dataclass(frozen=True)
class ArticleContent:
    """One article as printed. numero: « 4.2 », empty when the article takes none."""

    id: str
    numero: str
    niveau: int
    titre: str
    corps: Json

    @property
    def blocks(self) -> list[Json]:
        """Blocks of the text; none under a title that has no text, which is one empty paragraph."""
        blocks = list(self.corps.get("content", ()))
        blank = (
            len(blocks) == 1 and blocks[0]["type"] == "paragraph" and not blocks[0].get("content")
        )
        return [] if blank and self.titre else blocks


@dataclass(frozen=True)
class PieceContent:
    """A whole pièce at one version.

    variables: path of a variable node → its text; a missing one prints « [its name à compléter] ».
    libelles: path → name of each datum of this fiche, its lots included.
    retires: uuid of an article that went out of the text → its title.
    images: uuid of the stored file → bytes.
    criteres: (label, lot or "", weight in words) of the fiche, for the `critere` node.
    empreinte: SHA-256 of the content, printed short in the footer. fiche: which one the text cites.
    """

    titre: str
    type_libelle: str
    marche: str
    organisation: str
    version: str
    empreinte: str
    instant: datetime
    articles: tuple[ArticleContent, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, bytes] = field(default_factory=dict)
    criteres: tuple[tuple[str, str, str], ...] = ()
    retires: Mapping[str, str] = field(default_factory=dict)
    libelles: Mapping[str, str] = field(default_factory=lambda: LIBELLES)
    fiche: str = ""

    @property
    def cartouche(self) -> tuple[str, ...]:
        """Lines under the title: what it is, of which marché and of whom, which version, which fiche it cites."""
        lines = (
            "" if self.titre.casefold() == self.type_libelle.casefold() else self.type_libelle,
            self.marche,
            self.organisation,
            f"Version {self.version} du {format_instant(self.instant)}",
            f"Données de la fiche {self.fiche}" if self.fiche else "",
            f"Empreinte SHA-256\u202f: {self.empreinte}",
        )
        return tuple(line for line in lines if line)

    @property
    def entete(self) -> str:
        """What the head of each page says: of whom, for which marché, which pièce."""
        parts = (self.organisation, shorten(self.marche, 60), self.titre)
        return " – ".join(part for part in parts if part)

    def variable(self, chemin: str) -> str:
        """Return the text of a variable, or what to fill in between brackets, as pages do."""
        return self.variables.get(chemin) or f"[{self.libelles.get(chemin, chemin)} à compléter]"

    def renvoi(self, article: str) -> tuple[str, str]:
        """Return (text, bookmark) of a cross reference; no bookmark when the target is gone."""
        for candidate in self.articles:
            if candidate.id == article:
                return say_target(candidate.numero, candidate.titre), bookmark(article)
        return say_broken(self.retires.get(article)), ""


def bookmark(article: str) -> str:
    """Return the bookmark that names an article in an exported file.

    >>> bookmark("6f4c1f0e-6b0e-5c53-9d52-9f1d5f7a0c11")
    'art_6f4c1f0e6b0e5c539d529f1d5f7a0c11'
    """
    return f"art_{article.replace('-', '')}"


def criteres_as_table(piece: PieceContent) -> Json:
    """Return the criteria of the fiche as a table node; a column says the lot where one is of a lot."""
    by_lot = any(lot for _, lot, _ in piece.criteres)

    def cell(kind: str, text: str) -> Json:
        inside: Json = {"type": "paragraph", "attrs": {"id": None}}
        if text:
            inside["content"] = [{"type": "text", "text": text}]
        attrs = {"colspan": 1, "rowspan": 1, "align": None}
        return {"type": kind, "attrs": attrs, "content": [inside]}

    head = ("Critère", *(["Lot"] if by_lot else []), "Pondération")
    rows = [[cell("table_header", words) for words in head]]
    rows += [
        [
            cell("table_cell", words)
            for words in (nom, *([lot or EVERY_LOT] if by_lot else []), poids)
        ]
        for nom, lot, poids in piece.criteres
    ]
    content = [{"type": "table_row", "content": row} for row in rows]
    return {"type": "table", "attrs": {"id": None}, "content": content}


@dataclass(frozen=True)
class Slot:
    """A cell on the grid. node is None where another cell spans over from above."""

    node: Json | None
    colspan: int
    rowspan: int


_EMPTY: Json = {"type": "table_cell", "content": []}


def grid_of(table: Json) -> tuple[list[list[Slot]], int]:
    """Return the rows of a table with the places taken from above, and the number of columns.

    Spans are cut at the edges, holes filled with empty slots: every row is `columns` wide.
    """
    rows = table["content"]
    above: list[dict[int, int]] = [{} for _ in rows]  # column → width taken from above
    grid: list[list[Slot]] = []
    for index, row in enumerate(rows):
        line: list[Slot] = []
        column = 0
        cells = list(row.get("content", ()))
        taken = above[index]
        while cells or any(start >= column for start in taken):
            if column in taken:
                line.append(Slot(None, taken[column], 1))
                column += taken[column]
                continue
            limit = min((start for start in taken if start > column), default=None)
            if not cells:
                gap = (limit or column + 1) - column
                line.append(Slot(None if limit is None else _EMPTY, gap, 1))
                column += gap
                continue
            cell = cells.pop(0)
            attrs = cell.get("attrs", {})
            span = max(1, int(attrs.get("colspan", 1)))
            span = min(span, limit - column) if limit is not None else span
            down = max(1, min(int(attrs.get("rowspan", 1)), len(rows) - index))
            line.append(Slot(cell, span, down))
            for below in range(index + 1, index + down):
                above[below][column] = span
            column += span
        grid.append(line)
    width = max((sum(s.colspan for s in line) for line in grid), default=1)
    for line in grid:
        if missing := width - sum(s.colspan for s in line):
            line.append(Slot(_EMPTY, missing, 1))
    return grid, max(1, width)


LINE = 95
"""Signs in a line of the page, about."""
_LONG = 400
"""Signs of a cell beyond which a column asks for no more room: it has many lines in any case."""
_WORD = 30
"""Signs beyond which a word may be cut: addresses of pages."""
_DOTS = re.compile(r"[._…]{4,}")
_BLANK = 12
"""Signs left to a column that is to be filled in by hand."""


def column_widths(piece: PieceContent, grid: Sequence[Sequence[Slot]], total: int) -> list[int]:
    """Share a width between the columns of a table: each holds its longest word, then by its text.

    total: in any unit; the widths are whole and add up to it. The text keeps no width of its own: a
    table that was imported with some is measured by what it says too.
    """
    count = sum(slot.colspan for slot in grid[0]) if grid else 1
    least, asked = [_BLANK] * count, [_BLANK] * count
    for line in grid:
        column = 0
        for slot in line:
            if slot.node is not None and slot.colspan == 1:
                # Dots to write on give no width: the column has some.
                text = _DOTS.sub("…", " ".join(_texts(piece, slot.node)))
                words = re.split(r"[ \n\t]+", text)
                least[column] = max(least[column], min(_WORD, max(map(len, words)) + 2))
                asked[column] = max(asked[column], min(_LONG, len(text) + 2))
            column += slot.colspan
    spare = max(0, LINE - sum(least))
    more = [wish - least[rank] if wish > least[rank] else 0 for rank, wish in enumerate(asked)]
    whole = sum(more)
    parts = [
        part + (spare * more[rank] / whole if whole else spare / count)
        for rank, part in enumerate(least)
    ]
    widths = [int(total * part / sum(parts)) for part in parts]
    widths[-1] += total - sum(widths)
    return widths


def _texts(piece: PieceContent, node: Json) -> Iterator[str]:
    """The paragraphs of a cell as printed, marks and images apart."""
    children = node.get("content", ())
    if node["type"] in ("paragraph", "heading"):
        yield "".join(
            " " if child["type"] == "hard_break" else inline_text(piece, child)
            for child in children
        )
        return
    for child in children:
        yield from _texts(piece, child)


def inline_text(piece: PieceContent, node: Json) -> str:
    """Return the printed text of an inline node that is not text."""
    if node["type"] == "variable":
        return piece.variable(node["attrs"]["chemin"])
    if node["type"] == "renvoi":
        return piece.renvoi(node["attrs"]["article"])[0]
    return str(node.get("text", ""))
