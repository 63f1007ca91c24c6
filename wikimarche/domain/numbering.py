"""Numbers of articles, computed from their tree and never stored: « 7.2 »; marks of the items of a list."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID


class Place(NamedTuple):
    """Where an article stands: its parent (None at the top), its rank among siblings, retired or not.

    numerote: False for front matter, which is printed without a number, like what it holds.
    """

    id: UUID
    parent: UUID | None
    rang: str
    actif: bool = True
    numerote: bool = True


class Numbered(NamedTuple):
    """An article in reading order. level: 1 at the top. numero: '' for front matter and retired ones.

    present: False when it, or an article that holds it, is retired.
    """

    id: UUID
    level: int
    numero: str
    present: bool


def outline(places: Iterable[Place]) -> list[Numbered]:
    """Put articles in reading order, with their level and number.

    Siblings follow their rank (text, C collation), then their identifier. Active siblings count
    from 1; the number is the path, joined by dots, at every level. A retired article keeps its
    place, has no number and gives none to what it holds; so does front matter. An article whose parent is not among
    places stands at the top. The same rule in CSS: `counter-increment` on active articles only,
    `counters(article, ".")`; in Word: one multilevel list, « %1.%2 », no number on retired ones.
    Raises ValueError when articles hold each other in a circle.

    >>> a, b, c, d = (UUID(int=i) for i in range(4))
    >>> rows = [Place(a, None, "m0"), Place(b, None, "m1", False), Place(c, None, "m2"), Place(d, c, "m0")]
    >>> [(place.level, place.numero, place.present) for place in outline(rows)]
    [(1, '1', True), (1, '', False), (1, '2', True), (2, '2.1', True)]
    """
    rows = list(places)
    known = {row.id for row in rows}
    children: dict[UUID | None, list[Place]] = {}
    for row in rows:
        children.setdefault(row.parent if row.parent in known else None, []).append(row)
    for siblings in children.values():
        siblings.sort(key=lambda row: (row.rang, row.id))
    found: list[Numbered] = []
    stack: list[Numbered] = []

    def push(holder: Numbered | None) -> None:
        level = holder.level + 1 if holder else 1
        prefix = f"{holder.numero}." if holder and holder.numero else ""
        counted = holder is None or bool(holder.numero)
        around = holder is None or holder.present
        count = 0
        numbered = []
        for row in children.get(holder.id if holder else None, ()):
            number = ""
            if row.actif and row.numerote and counted:
                count += 1
                number = f"{prefix}{count}"
            numbered.append(Numbered(row.id, level, number, around and row.actif))
        stack.extend(reversed(numbered))

    push(None)
    while stack:
        placed = stack.pop()
        found.append(placed)
        push(placed)
    if len(found) != len(rows):
        msg = "Des articles se contiennent les uns les autres."
        raise ValueError(msg)
    return found


def number_articles(places: Iterable[Place]) -> dict[UUID, str]:
    """Give the number of each active article, in reading order. Same rule and error as outline.

    >>> a, b = UUID(int=1), UUID(int=2)
    >>> list(number_articles([Place(b, a, "m0"), Place(a, None, "m0")]).values())
    ['1', '1.1']
    """
    return {row.id: row.numero for row in outline(places) if row.numero}


def mark_item(kind: str, attrs: Mapping[str, Any], rank: int, bullet: str = "-") -> str:
    """Say what stands before an item of a list; rank: its place in it, from 0.

    >>> mark_item("ordered_list", {"style": "i", "start": 3}, 1)
    'iv.'
    """
    if kind == "bullet_list":
        return bullet
    number: int = attrs.get("start", 1) + rank
    style = attrs.get("style", "1")
    if style == "a" and 1 <= number <= 26:
        return f"{chr(96 + number)}."
    if style == "i" and 1 <= number <= 39:
        return f"{_roman(number)}."
    return f"{number}."


def _roman(number: int) -> str:
    out = ""
    for value, letters in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while number >= value:
            out += letters
            number -= value
    return out
