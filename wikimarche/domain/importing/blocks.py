"""Blocks of pandoc → a flat run of items: headings, paragraphs, lists, tables, images.

No decision on the cutting is taken here; see `outline`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from wikimarche.domain.importing.atoms import all_marked, strip_chars, unmarked
from wikimarche.domain.importing.inlines import InlineReader, plain, text_node, text_of_blocks
from wikimarche.domain.importing.pieces import ImportReport, Json


COLUMNS_MAX = 60
ROWS_MAX = 3000
LIST_DEPTH = 8
_STYLES = {
    "Decimal": "1", "DefaultStyle": "1", "Example": "1",
    "LowerAlpha": "a", "UpperAlpha": "a", "LowerRoman": "i", "UpperRoman": "i",
}  # fmt: skip
_ALIGN = {"AlignLeft": "left", "AlignCenter": "center", "AlignRight": "right"}
_BULLET = re.compile(r"^\s*([•▪◦‣●○■□➢➔✓✔*o]|[-–—])[\s\u00a0]+(?=\S)")
_SURE_BULLET = re.compile(r"^\s*[•▪◦‣●➢➔✓✔][\s\u00a0]+(?=\S)")


@dataclass
class Item:
    """One line of the document: a heading (level set) or a block.

    level: of the heading style, 0 for a block. family: of a heading found by its number.
    toc: 0, or the level of a line of the table of contents.
    """

    node: Json
    text: str
    level: int = 0
    anchors: list[str] = field(default_factory=list)
    article: str = ""
    toc: int = 0
    bold: bool = False
    underlined: bool = False
    family: tuple[str, int] | None = None
    title: str | None = None
    printed: str = ""
    title_style: bool = False
    listed: tuple[str, int] | None = None
    role: str = ""
    unnumbered: bool = False

    @property
    def is_paragraph(self) -> bool:
        """Tell whether the item is a paragraph that could be a heading."""
        return self.node["type"] == "paragraph" and not (self.level or self.toc or self.role)


def _take_sign(atoms: list[Json], nature: str) -> str:
    """Remove the first sign of a kind and return its value, « » when there is none."""
    for rank, atom in enumerate(atoms):
        if atom["type"] == "_signe" and atom["nature"] == nature:
            return str(atoms.pop(rank)["valeur"])
    return ""


def paragraph(atoms: Sequence[Json]) -> Json:
    """Return a paragraph node."""
    return {"type": "paragraph", "attrs": {"id": None}, "content": list(atoms)}


class BlockReader:
    """Walks the blocks of the document once."""

    def __init__(
        self, report: ImportReport, *, source: str, descriptions: Sequence[str] = ()
    ) -> None:
        self.report = report
        self.inlines = InlineReader(report, descriptions)
        self.source = source
        self.items: list[Item] = []
        self.pending: list[Json] = []
        self.depth = 0
        self.sources = 0
        # Whether the file is one of our exports: what it draws as a table is a table.
        self.own = False

    def read(self, blocks: Sequence[Json]) -> list[Item]:
        """Return the items of the whole document."""
        for block in blocks:
            self._block(block)
        if self.pending and self.items:
            last = self.items[-1].node
            if "content" in last and last["type"] == "paragraph":
                last["content"].extend(self.pending)
        return self.items

    # --- dispatch

    def _block(self, block: Json, *, toc: int = 0, title: bool = False) -> None:
        kind, content = block["t"], cast(Any, block.get("c"))
        if kind in ("Para", "Plain"):
            self._paragraph(self.inlines.read(content), toc=toc, title=title)
        elif kind == "Header":
            self._heading(content)
        elif kind == "Div":
            self._div(content)
        elif kind in ("BulletList", "OrderedList"):
            self._list(block)
        elif kind == "Table":
            self._table(content)
        elif kind == "BlockQuote":
            self._quote(content)
        elif kind == "LineBlock":
            self._paragraph(self._lines(content), toc=toc)
        elif kind == "CodeBlock":
            self.report.miss("bloc_de_code", content[1])
            lines = [[{"t": "Str", "c": line}] if line else [] for line in content[1].split("\n")]
            self._paragraph(self._lines(lines))
        elif kind == "DefinitionList":
            for term, definitions in content:
                self._paragraph(self.inlines.read(term, ("strong",)))
                for definition in definitions:
                    for inner in definition:
                        self._block(inner)
        elif kind == "Figure":
            self._figure(content)
        elif kind == "HorizontalRule":
            self.report.miss("filet_horizontal")
        elif kind == "RawBlock":
            self._raw(content)
        elif kind != "Null":
            self.report.miss(f"bloc_{kind.lower()}")

    def _raw(self, content: Any) -> None:
        self.report.miss("balise_html", content[1])
        if text := " ".join(re.sub(r"(?s)<!--.*?-->|<[^<>]*>", " ", content[1][:10_000]).split()):
            self._paragraph([text_node(text)])

    def _lines(self, lines: Sequence[Sequence[Json]]) -> list[Json]:
        atoms: list[Json] = []
        for index, line in enumerate(lines):
            if index:
                atoms.append({"type": "hard_break"})
            atoms.extend(self.inlines.read(line))
        return atoms

    def _div(self, content: Any) -> None:
        (_, _classes, pairs), blocks = content
        style = dict(pairs).get("custom-style", "")
        found = re.match(r"(?i)(?:toc|tm|table des mati\S*|contents)\s*(\d?)", style)
        for block in blocks:
            if found and block["t"] in ("Para", "Plain"):
                self._block(block, toc=int(found[1] or 1))
            else:
                self._block(block, title=style.lower() in ("title", "titre"))

    def _figure(self, content: Any) -> None:
        _, caption, blocks = content
        legend = text_of_blocks(caption, self.inlines)
        before = len(self.items)
        for block in blocks:
            self._block(block)
        for item in self.items[before:]:
            if item.node["type"] == "image" and not item.node["attrs"]["alt"]:
                item.node["attrs"]["alt"] = legend
        shown = {
            item.node["attrs"]["alt"]
            for item in self.items[before:]
            if item.node["type"] == "image"
        }
        if legend and legend not in shown:
            self._paragraph([text_node(" ".join(legend.split()), ("em",))])

    # --- lines

    def _push(self, item: Item) -> Item:
        if self.pending and item.node.get("type") in ("paragraph", "_heading"):
            item.node["content"][:0] = self.pending
            self.pending = []
            self._signs(item)
        self.items.append(item)
        return item

    def _signs(self, item: Item) -> None:
        """Move the signs of the preparation and the anchors from the text to the item."""
        kept = []
        for atom in item.node["content"]:
            if atom["type"] == "_ancre":
                item.anchors.append(atom["id"])
            elif atom["type"] == "_signe":
                if atom["nature"] == "art":
                    item.article = atom["valeur"]
                    self.own = True
                elif atom["nature"] == "niveau" and not item.level:
                    item.level = int(atom["valeur"] or 1)
                elif atom["nature"] == "toc":
                    item.toc = int(atom["valeur"] or 1)
                elif atom["nature"] == "sansnum":
                    item.unnumbered = True
                elif atom["nature"] in ("inter", "cartouche", "titre"):
                    item.role = atom["nature"] + atom["valeur"]
            else:
                kept.append(atom)
        item.node["content"] = kept

    def _paragraph(self, atoms: list[Json], *, toc: int = 0, title: bool = False) -> None:
        run: list[Json] = []
        for atom in atoms:
            if atom["type"] != "_image":
                run.append(atom)
                continue
            self._line(run, toc=toc, title=title)
            run = []
            self._push(Item({"type": "image", "attrs": atom["attrs"]}, ""))
        self._line(run, toc=toc, title=title)

    def _line(self, atoms: list[Json], *, toc: int = 0, title: bool = False) -> None:
        if untitled := _take_sign(atoms, "alinea"):
            self._untitled(atoms, int(untitled))
        text = plain(atoms).strip()
        shown = bool(text) or any(a["type"] == "note_bas_de_page" for a in atoms)
        if not shown:
            # Nothing to read, but a comment or a change may start or end here.
            self.pending.extend(a for a in atoms if a["type"].startswith("_"))
            return
        item = Item(paragraph(atoms), text, toc=toc, title_style=title)
        item.bold, item.underlined = all_marked(atoms, "strong"), all_marked(atoms, "underline")
        self._signs(item)
        if item.role.startswith("inter"):
            level = 2 if item.role.endswith("2") else 1
            content = item.node["content"]
            if self.source == "markdown":
                content = [unmarked(atom, "strong") for atom in content]  # how it is written there
            item.node = {
                "type": "heading",
                "attrs": {"id": None, "level": level},
                "content": content,
            }
        elif item.role == "titre":
            item.title_style = True
        elif item.role == "cartouche":
            return
        self._push(item)

    def _untitled(self, atoms: list[Json], level: int) -> None:
        """Begin an article of ours without title: its first paragraph bore the number."""
        item = Item({"type": "_heading", "content": []}, "", level=level)
        item.article = _take_sign(atoms, "art")
        item.unnumbered = any(atom.get("nature") == "sansnum" for atom in atoms)
        atoms[:] = [atom for atom in atoms if atom.get("nature") != "sansnum"]
        self.own = True
        self._push(item)

    def _heading(self, content: Any) -> None:
        level, (identifier, _, _), inlines = content
        atoms = self.inlines.read(inlines)
        for atom in [a for a in atoms if a["type"] == "_image"]:
            self._push(Item({"type": "image", "attrs": atom["attrs"]}, ""))
        atoms = [a for a in atoms if a["type"] != "_image"]
        item = Item({"type": "_heading", "content": atoms}, plain(atoms).strip(), level=level)
        if identifier:
            item.anchors.append(identifier)
        item.bold = True
        self._signs(item)
        if not item.text and not item.article:
            self.report.titres_vides += 1
            self.pending.extend(a for a in atoms if a["type"] in ("_com", "_fincom", "_change"))
            return
        self._push(item)

    def _quote(self, blocks: Sequence[Json]) -> None:
        """In a word processor, an indented paragraph is not a quotation unless its style says so."""
        if self.source != "markdown" and not self._signed(blocks, "quote"):
            for block in blocks:
                self._block(block)
            return
        content = self._flow(blocks)
        last = self.items[-1].node if self.items else {}
        if self.source == "odt" and last.get("type") == "blockquote":
            last["content"].extend(content)  # one style, a quotation a paragraph
            return
        node = {"type": "blockquote", "attrs": {"id": None}, "content": content}
        self._push(Item(node, ""))

    def _signed(self, blocks: Sequence[Json], nature: str) -> bool:
        for block in blocks:
            if block["t"] in ("Para", "Plain"):
                atoms = self.inlines.read(block["c"])
                return any(a["type"] == "_signe" and a["nature"] == nature for a in atoms)
            if block["t"] == "Div":
                return self._signed(block["c"][1], nature)
        return False

    # --- content of lists, cells and quotations

    def _flow(self, blocks: Sequence[Json], *, bold: bool = False) -> list[Json]:
        nodes: list[Json] = []
        for block in blocks:
            kind, content = block["t"], cast(Any, block.get("c"))
            if kind in ("Para", "Plain"):
                atoms = self.inlines.read(content, ("strong",) if bold else ())
                follows = _take_sign(atoms, "suite")
                mark = {"_suite": int(follows)} if follows else {}
                nodes.extend(node | mark for node in self._flow_line(atoms))
            elif kind == "Header":
                self.report.miss(
                    "titre_dans_un_tableau_ou_une_liste", plain(self.inlines.read(content[2]))
                )
                nodes.extend(self._flow_line(self.inlines.read(content[2], ("strong",))))
            elif kind in ("BulletList", "OrderedList"):
                if self.depth < LIST_DEPTH:
                    nodes.extend(self._list_nodes(block))
                    continue
                self.report.miss("liste_trop_profonde")
                for entry in content if kind == "BulletList" else content[1]:
                    nodes.extend(self._flow(entry))
            elif kind in ("Div", "BlockQuote"):
                nodes.extend(self._flow(content[1] if kind == "Div" else content))
            elif kind == "Figure":
                nodes.extend(self._flow(content[2]))
                if legend := text_of_blocks(content[1], self.inlines):
                    nodes.append(paragraph([text_node(" ".join(legend.split()), ("em",))]))
            elif kind == "Table":
                nodes.extend(self._flat_table(content))
            elif kind == "LineBlock":
                nodes.extend(self._flow_line(self._lines(content)))
            elif kind == "CodeBlock":
                lines = [[{"t": "Str", "c": line}] for line in content[1].split("\n") if line]
                nodes.extend(self._flow_line(self._lines(lines)))
            elif kind == "DefinitionList":
                for term, definitions in content:
                    nodes.extend(self._flow_line(self.inlines.read(term, ("strong",))))
                    for definition in definitions:
                        nodes.extend(self._flow(definition))
            elif kind == "RawBlock":
                self.report.miss("balise_html", content[1])
            elif kind not in ("HorizontalRule", "Null"):
                self.report.miss(f"bloc_{kind.lower()}")
        return nodes or [paragraph([])]

    def _flow_line(self, atoms: list[Json]) -> list[Json]:
        nodes: list[Json] = []
        run: list[Json] = []
        for atom in atoms:
            if atom["type"] == "_image":
                if plain(run).strip():
                    nodes.append(paragraph(run))
                    run = []
                nodes.append({"type": "image", "attrs": atom["attrs"]})
            else:
                run.append(atom)
        if not nodes or any(atom["type"] != "_signe" for atom in run):
            nodes.append(paragraph(run))
        return nodes

    def _flat_table(self, content: Any) -> list[Json]:
        rows = _rows(content)
        cells = [" | ".join(self._cell_text(cell) for cell in row) for row, _ in rows]
        self.report.miss("tableau_imbrique", cells[0] if cells else "")
        return [paragraph([text_node(line)]) for line in cells if line.strip(" |")]

    def _cell_text(self, cell: Any) -> str:
        return " ".join(text_of_blocks(cell[4], self.inlines).split())

    # --- lists

    def _list(self, block: Json) -> None:
        node = self._list_nodes(block)[0]
        item = Item(node, "")
        if block["t"] == "OrderedList":
            start, style, _ = block["c"][0]
            entries = node["content"]
            lone = all(
                len(e["content"]) == 1 and e["content"][0]["type"] == "paragraph" for e in entries
            )
            if lone and len(entries) <= 2:
                item.listed = (style["t"], start)
                item.text = plain(entries[0]["content"][0]["content"]).strip()
                item.bold = all(all_marked(e["content"][0]["content"], "strong") for e in entries)
                item.underlined = all(
                    all_marked(e["content"][0]["content"], "underline") for e in entries
                )
        self._push(item)

    def _list_nodes(self, block: Json) -> list[Json]:
        """Return the list; between its parts, what follows it in the entry that holds it.

        Word knows no paragraph of a list after a list inside it: pandoc puts it in the last entry
        of the inner one. Our own files say its level.
        """
        if block["t"] == "BulletList":
            kind, entries = "bullet_list", block["c"]
            attrs: Json = {"id": None}
        else:
            start, style, _ = block["c"][0]
            kind, entries = "ordered_list", block["c"][1]
            attrs = {
                "id": None,
                "style": _STYLES.get(style["t"], "1"),
                "start": max(0, min(start, 99999)),
            }
        nodes: list[Json] = []
        content: list[Json] = []
        self.sources += 1
        source, level = self.sources, self.depth
        self.depth += 1
        for rank, entry in enumerate(entries, start=1):
            flow = self._flow(entry)
            outer = [at for at, node in enumerate(flow) if node.get("_suite", level) < level]
            cut = outer[0] if outer else len(flow)
            inside, after = flow[:cut], flow[cut:]
            if not inside or inside[0]["type"] != "paragraph":
                inside.insert(0, paragraph([]))
            content.append({"type": "list_item", "content": inside})
            if after:
                nodes.append({"type": kind, "attrs": dict(attrs), "content": content})
                nodes[-1]["_source"] = source
                nodes += after
                content = []
                if "start" in attrs:
                    attrs["start"] = min(start + rank, 99999)
        self.depth -= 1
        if content:
            nodes.append({"type": kind, "attrs": attrs, "content": content, "_source": source})
        return nodes

    # --- tables

    def _table(self, content: Any) -> None:
        rows = _rows(content)
        if not rows:
            return
        if not self.own and self._table_of_title(rows):
            return
        columns = max(1, len(content[2]))
        self.sources += 1
        run: list[tuple[Any, bool]] = []
        for row, header in rows:
            heading = self._lone_heading(row)
            if heading is None:
                run.append((row, header))
                continue
            self._grid(run, columns)
            run = []
            for block in heading:
                self._block(block)
        self._grid(run, columns)
        if legend := " ".join(text_of_blocks(content[1], self.inlines).split()):
            self._paragraph([text_node(legend, ("em",))])

    def _lone_heading(self, row: Any) -> list[Json] | None:
        """Return the blocks of a row whose only filled cell holds a heading."""
        filled = [cell for cell in row if self._cell_text(cell)]
        if len(filled) != 1:
            return None
        blocks = list(filled[0][4])
        return blocks if any(b["t"] == "Header" and b["c"][2] for b in blocks) else None

    def _table_of_title(self, rows: Sequence[tuple[Any, bool]]) -> bool:
        """A frame around one bold line is a way to draw a title: keep the line, drop the frame."""
        rows = [row for row in rows if any(self._cell_text(cell) for cell in row[0])]
        if len(rows) != 1:
            return False
        filled = [cell for cell in rows[0][0] if self._cell_text(cell)]
        if not filled or len(filled) > 2 or any(len(cell[4]) > 1 for cell in filled):
            return False
        if any(block["t"] not in ("Para", "Plain") for cell in filled for block in cell[4]):
            return False
        atoms: list[Json] = []
        for cell in filled:
            if atoms:
                atoms.append(text_node(" – "))
            atoms.extend(self.inlines.read(cell[4][0]["c"]))
        text = plain(atoms).strip()
        if any(a["type"] == "_image" for a in atoms) or len(text) > 150:
            return False
        numbered = re.match(
            r"(?i)(?:article|chapitre|titre|partie|section)\s*\w|[A-Z0-9]{1,2}(?:\.\d+)*\s*[-–.)]",
            text,
        )
        if not numbered and not all_marked([a for a in atoms if a.get("text") != " – "], "strong"):
            return False
        self._line(atoms)
        return True

    def _grid(self, rows: Sequence[tuple[Any, bool]], columns: int) -> None:
        if not rows or not any(self._cell_text(c) or _has_image(c) for row, _ in rows for c in row):
            return
        if columns > COLUMNS_MAX:
            self.report.miss("colonnes_au_dela_de_60")
        columns = min(columns, COLUMNS_MAX)
        for start in range(0, len(rows), ROWS_MAX):
            node = self._table_node(rows[start : start + ROWS_MAX], columns)
            node["_source"] = self.sources
            self._push(Item(node, ""))

    def _table_node(self, rows: Sequence[tuple[Any, bool]], columns: int) -> Json:
        """Place the cells on the grid; spans that leave it are cut, holes are filled."""
        taken = [[False] * columns for _ in rows]
        table_rows = []
        for index, (row, header) in enumerate(rows):
            content: list[Json] = []
            column = 0
            for cell in row:
                while column < columns and taken[index][column]:
                    column += 1
                if column >= columns:
                    if text := self._cell_text(cell):
                        self.report.miss("cellule_hors_du_tableau", text)
                        if content:
                            content[-1]["content"].extend(self._flow(cell[4]))
                    continue
                colspan = 1
                while (
                    colspan < max(1, cell[3])
                    and column + colspan < columns
                    and not taken[index][column + colspan]
                ):
                    colspan += 1
                rowspan = max(1, min(cell[2], len(rows) - index))
                for down in range(rowspan):
                    for across in range(colspan):
                        taken[index + down][column + across] = True
                content.append(self._cell(cell, header, colspan, rowspan))
                column += colspan
            for hole in range(columns):
                if not taken[index][hole]:
                    taken[index][hole] = True
                    content.append(_cell_node(header, 1, 1, None, [paragraph([])]))
            table_rows.append({"type": "table_row", "content": content})
        return {"type": "table", "attrs": {"id": None}, "content": table_rows}

    def _cell(self, cell: Any, header: bool, colspan: int, rowspan: int) -> Json:
        side = _ALIGN.get(cell[1]["t"]) or self._side_of(cell[4])
        return _cell_node(header, colspan, rowspan, side, self._flow(cell[4]))

    def _side_of(self, blocks: Sequence[Json]) -> str | None:
        """Return the side the preparation read for a cell, at the head of its first paragraph."""
        if not blocks or blocks[0]["t"] not in ("Para", "Plain"):
            return None
        return _take_sign(self.inlines.read(blocks[0]["c"][:1]), "cote") or None


def _cell_node(
    header: bool, colspan: int, rowspan: int, align: str | None, content: list[Json]
) -> Json:
    return {
        "type": "table_header" if header else "table_cell",
        "attrs": {"colspan": colspan, "rowspan": rowspan, "align": align},
        "content": content,
    }


def _has_image(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get("t") == "Image" or _has_image(value.get("c"))
    return isinstance(value, list) and any(_has_image(child) for child in value)


def _rows(content: Any) -> list[tuple[Any, bool]]:
    """Return (cells, is a header row) for each row of a pandoc table.

    A head without a word is a row like another: somebody left it to be filled.
    """
    _, _, _, head, bodies, foot = content
    filled = any(cell[4] for row in head[1] for cell in row[1])
    rows = [(row[1], filled) for row in head[1]]
    for body in bodies:
        rows += [(row[1], True) for row in body[2]] + [(row[1], False) for row in body[3]]
    return rows + [(row[1], False) for row in foot[1]]


def gather_typed_bullets(items: Sequence[Item]) -> list[Item]:
    """Make a list of consecutive paragraphs typed with a dash or a bullet."""
    out: list[Item] = []
    index = 0
    while index < len(items):
        run = index
        while run < len(items) and items[run].is_paragraph and _BULLET.match(items[run].text):
            run += 1
        count = run - index
        if count >= 2 or (count == 1 and _SURE_BULLET.match(items[index].text)):
            entries = []
            for item in items[index:run]:
                _strip_lead(item.node["content"], _BULLET)
                entries.append({"type": "list_item", "content": [item.node]})
            node = {"type": "bullet_list", "attrs": {"id": None}, "content": entries}
            anchors = [a for item in items[index:run] for a in item.anchors]
            out.append(Item(node, "", anchors=anchors))
            index = run
        else:
            out.append(items[index])
            index += 1
    return out


def _strip_lead(atoms: list[Json], pattern: re.Pattern[str]) -> None:
    """Remove what `pattern` matches at the head of the text, across nodes."""
    found = pattern.match(plain(atoms))
    strip_chars(atoms, found.end() if found else 0)
