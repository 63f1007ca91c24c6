"""Merging rows that two people changed at once: theirs, mine, and what I had in front of me."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A row after the merge.

    cle: identity of the stored row, "" for a new one. values: what would be written.
    ecarts: field → what the other person wrote, where both changed it; values holds mine.
    sort: "" (agreed), « arrivee » (the other added it), « reprise » (the other changed it, I did not),
    « retiree » (the other took it away, I changed it), « changee » (I take it away, the other
    changed it).
    """

    cle: str
    values: Values
    ecarts: Values = field(default_factory=dict)
    sort: str = ""

    @property
    def conflict(self) -> bool:
        """Only a person can decide."""
        return bool(self.ecarts) or self.sort in ("retiree", "changee")


def merge_rows(
    base: Mapping[str, Values],
    theirs: Mapping[str, Values],
    mine: Sequence[tuple[str, Values | None]],
) -> list[MergedRow]:
    """Merge row by row, then field by field. Nothing that either person typed is dropped unseen.

    base: key → values I had in front of me. theirs: key → values stored now, in order.
    mine: (key, values I send, None when I take the row away), in my order; key "" for a row I add.
    A row of base that mine does not mention is taken away. The rows come in their order, mine added
    last, unless I moved some: then in mine, each row that only they have after the one it followed.

    Each changed another row:

    >>> base = {"a": {"n": 1}, "b": {"n": 2}}
    >>> theirs = {"a": {"n": 1}, "b": {"n": 20}, "c": {"n": 3}}
    >>> rows = merge_rows(base, theirs, [("a", {"n": 10}), ("b", {"n": 2}), ("", {"n": 4})])
    >>> [(row.cle, row.values["n"], row.sort) for row in rows]
    [('a', 10, ''), ('b', 20, 'reprise'), ('c', 3, 'arrivee'), ('', 4, '')]

    Both changed the same field, and a row taken away by one was changed by the other:

    >>> rows = merge_rows(base, {"a": {"n": 7}}, [("a", {"n": 9}), ("b", {"n": 5})])
    >>> [(row.values["n"], dict(row.ecarts), row.sort) for row in rows]
    [(9, {'n': 7}, ''), (5, {}, 'retiree')]

    I put the last row first and the other added one after it:

    >>> base = {"a": {"n": 1}, "b": {"n": 2}}
    >>> rows = merge_rows(base, {**base, "c": {"n": 3}}, [("b", {"n": 2}), ("a", {"n": 1})])
    >>> [row.cle for row in rows]
    ['b', 'c', 'a']
    """
    sent = dict(mine)
    merged = {
        key: row
        for key, stored in theirs.items()
        if (row := _merge_row(key, base.get(key), stored, sent.get(key)))
    }
    added = {
        rank: MergedRow("", values, sort="retiree" if key else "")
        for rank, (key, values) in enumerate(mine)
        if values is not None and key not in theirs and (not key or values != base.get(key))
    }
    if not _moved(base, mine):
        return [*merged.values(), *added.values()]
    rows = [
        row
        for rank, (key, _) in enumerate(mine)
        if (row := added.get(rank) or (merged.get(key) if key else None))
    ]
    return put_back(rows, [row for row in merged.values() if row.cle not in sent], list(theirs))


def both_moved(
    base: Mapping[str, Values],
    theirs: Mapping[str, Values],
    mine: Sequence[tuple[str, Values | None]],
) -> bool:
    """Tell whether both changed the order of the rows they shared, and not to the same one.

    >>> base = {"a": {}, "b": {}, "c": {}}
    >>> mine = [("c", {}), ("a", {}), ("b", {})]
    >>> both_moved(base, {"b": {}, "a": {}, "c": {}}, mine), both_moved(base, base, mine)
    (True, False)
    """
    kept = [key for key, values in mine if key in base and key in theirs and values is not None]
    shared = [key for key in base if key in kept]
    now = [key for key in theirs if key in kept]
    return now not in (shared, kept) and kept != shared


def put_back(
    rows: Sequence[MergedRow], others: Sequence[MergedRow], order: Sequence[str]
) -> list[MergedRow]:
    """Insert rows among others, each after the nearest one that comes before it in an order of keys."""
    placed = list(rows)
    for other in others:
        ranks = {row.cle: rank for rank, row in enumerate(placed) if row.cle}
        earlier = reversed(order[: order.index(other.cle)])
        placed.insert(next((ranks[key] + 1 for key in earlier if key in ranks), 0), other)
    return placed


def _moved(base: Mapping[str, Values], mine: Sequence[tuple[str, Values | None]]) -> bool:
    """Tell whether I changed the order of what I had, or put a new row before one of them."""
    kept = [key for key, values in mine if values is not None]
    ordered = [key for key in base if key in kept]
    return kept[: len(ordered)] != ordered


def _merge_row(
    key: str, seen: Values | None, stored: Values, sent: Values | None
) -> MergedRow | None:
    if seen is None:
        return MergedRow(key, stored, sort="arrivee")
    if sent is None:
        return MergedRow(key, stored, sort="changee") if stored != seen else None
    values, ecarts = {}, {}
    for name, mine in sent.items():
        theirs = stored[name]
        values[name] = theirs if mine == seen[name] else mine
        if mine != seen[name] and theirs not in (seen[name], mine):
            ecarts[name] = theirs
    taken = values == stored and stored != seen and not ecarts and sent == seen
    return MergedRow(key, values, ecarts, "reprise" if taken else "")
