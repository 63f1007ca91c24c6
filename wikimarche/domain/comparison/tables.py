"""Tables: rows, columns and cells. The blocks inside a cell are compared by who calls."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from wikimarche.domain.alignment import opcodes
from wikimarche.domain.canonical import block_text, canonical_json, canonical_node
from wikimarche.domain.comparison.changes import Bloc, Op
from wikimarche.domain.comparison.matching import SIMILAR, Item, match, reading_order
from wikimarche.domain.schema import Json


Contents = Callable[[Sequence[Json], Sequence[Json]], tuple[Bloc, ...]]
"""Compares what two cells hold."""


def compare_tables(avant: Json, apres: Json, contents: Contents) -> tuple[Bloc, ...]:
    """Compare two tables cell by cell: one Bloc per row, whose children are cells.

    Columns are matched by their head, then by their content; rows by identity, then by their first
    cell and likeness. Where cells are merged, cells are matched by place in their row.
    """
    old, new = avant.get("content") or [], apres.get("content") or []
    columns = _match_columns(old, new)
    rows_old = [_row_item(row, [i for i, _n in columns if i is not None]) for row in old]
    rows_new = [_row_item(row, [n for _i, n in columns if n is not None]) for row in new]
    common = [(i, n) for i, n in columns if i is not None and n is not None]
    for items, side, source in ((rows_old, 0, old), (rows_new, 1, new)):
        for r, row in enumerate(source):
            cells = row.get("content") or []
            picked = [cells[pair[side]] for pair in common if pair[side] < len(cells)]
            items[r].key = canonical_json([canonical_node(cell) for cell in picked])
    pairs = match(rows_old, rows_new, lambda _a, _b: True)
    pairs = _match_left_rows(rows_old, rows_new, pairs)
    heads = _heads(new)
    rows: list[Bloc] = []
    for was, now, moved in reading_order(old, new, pairs):
        if now is None:
            rows.append(_whole_row(Op.RETRAIT, was))
        elif was is None:
            rows.append(_whole_row(Op.AJOUT, now))
        else:
            bloc = _compare_rows(was, now, columns, heads, contents)
            rows.append(replace(bloc, deplace=True) if moved else bloc)
    return tuple(rows)


def _row_item(row: Json, columns: Sequence[int]) -> Item:
    cells = row.get("content") or []
    text = "\t".join(block_text(cells[c]) for c in columns if c < len(cells))
    return Item(row, row, "", None, text)


def _match_left_rows(
    old: Sequence[Item], new: Sequence[Item], pairs: dict[int, int]
) -> dict[int, int]:
    """Match rows that kept their first cell, when likeness was not enough: a figure replaced alone."""
    taken = set(pairs.values())
    firsts: dict[str, list[int]] = {}
    for i, item in enumerate(old):
        if i not in taken and (first := item.text.split("\t", 1)[0].strip()):
            firsts.setdefault(first, []).append(i)
    for n, item in enumerate(new):
        if n in pairs:
            continue
        if candidates := firsts.get(item.text.split("\t", 1)[0].strip()):
            pairs[n] = candidates.pop(0)
    return pairs


def _whole_row(op: Op, row: Json) -> Bloc:
    cells = row.get("content") or []
    if op is Op.AJOUT:
        return Bloc(op, None, row, enfants=tuple(Bloc(op, None, cell) for cell in cells))
    return Bloc(op, row, None, enfants=tuple(Bloc(op, cell, None) for cell in cells))


def _is_regular(rows: Sequence[Json]) -> bool:
    widths = set()
    for row in rows:
        cells = row.get("content") or []
        widths.add(len(cells))
        for cell in cells:
            attrs = cell.get("attrs") or {}
            if (attrs.get("colspan") or 1) != 1 or (attrs.get("rowspan") or 1) != 1:
                return False
    return len(widths) == 1


def _match_columns(old: Sequence[Json], new: Sequence[Json]) -> list[tuple[int | None, int | None]]:
    """Pairs (old column, new column) in the order after, withdrawn columns at their old place."""
    if not old or not new or not _is_regular(old) or not _is_regular(new):
        width = max((len(row.get("content") or []) for row in (*old, *new)), default=0)
        return [(c, c) for c in range(width)]
    before = [_column(old, c) for c in range(len(old[0]["content"]))]
    after = [_column(new, c) for c in range(len(new[0]["content"]))]
    if len(before) == len(after):
        same = sum(a[0] == b[0] for a, b in zip(before, after, strict=True))
        if same * 2 >= len(before):
            return [(c, c) for c in range(len(before))]
    pairs: list[tuple[int | None, int | None]] = []
    for tag, i1, i2, n1, n2 in opcodes([c[0] for c in before], [c[0] for c in after]):
        if tag == "equal":
            pairs.extend(zip(range(i1, i2), range(n1, n2), strict=True))
            continue
        free = list(range(i1, i2))
        for n in range(n1, n2):
            likely = [i for i in free if fuzz.ratio(before[i][1], after[n][1]) >= SIMILAR]
            if likely:
                pairs.extend((i, None) for i in free if i < likely[0])
                free = [i for i in free if i > likely[0]]
                pairs.append((likely[0], n))
            else:
                pairs.append((None, n))
        pairs.extend((i, None) for i in free)
    return pairs


def _column(rows: Sequence[Json], column: int) -> tuple[str, str]:
    texts = [block_text(row["content"][column]) for row in rows]
    return texts[0], "\n".join(texts[1:])


def _heads(rows: Sequence[Json]) -> list[str]:
    if not rows:
        return []
    cells = rows[0].get("content") or []
    if not cells or any(cell["type"] != "table_header" for cell in cells):
        return []
    return [block_text(cell).strip() for cell in cells]


def _compare_rows(
    old: Json,
    new: Json,
    columns: Sequence[tuple[int | None, int | None]],
    heads: Sequence[str],
    contents: Contents,
) -> Bloc:
    before, after = old.get("content") or [], new.get("content") or []
    name = block_text(after[0]).strip() if after else ""
    cells: list[Bloc] = []
    for i, n in columns:
        was = before[i] if i is not None and i < len(before) else None
        now = after[n] if n is not None and n < len(after) else None
        if was is None and now is None:
            continue
        if was is None:
            bloc = Bloc(Op.AJOUT, None, now)
        elif now is None:
            bloc = Bloc(Op.RETRAIT, was, None)
        else:
            bloc = _compare_cells(was, now, contents)
        if bloc.op is not Op.EGAL:
            head = heads[n] if n is not None and n < len(heads) else ""
            lieu = ", ".join(
                part
                for part in (f"ligne {name}" if name else "", f"colonne {head}" if head else "")
                if part
            )
            bloc = replace(bloc, lieu=lieu)
        cells.append(bloc)
    ops = {cell.op for cell in cells}
    op = Op.EGAL if ops <= {Op.EGAL} else Op.FORME if ops <= {Op.EGAL, Op.FORME} else Op.MODIFIE
    return Bloc(op, old, new, enfants=tuple(cells))


def _compare_cells(old: Json, new: Json, contents: Contents) -> Bloc:
    if canonical_node(old) == canonical_node(new):
        return Bloc(Op.EGAL, old, new)
    enfants = contents(old.get("content") or (), new.get("content") or ())
    quiet = {Op.EGAL, Op.FORME}
    same_words = all(enfant.op in quiet and not enfant.deplace for enfant in enfants)
    return Bloc(Op.FORME if same_words else Op.MODIFIE, old, new, enfants=enfants)
