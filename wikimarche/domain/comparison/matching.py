"""Matching: which block or row of the old state is which of the new one, and which stayed in place."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from rapidfuzz import fuzz

from wikimarche.domain.alignment import opcodes
from wikimarche.domain.canonical import block_text, canonical_json, canonical_node
from wikimarche.domain.schema import Json


T = TypeVar("T")

SIMILAR: Final = 55.0
"""Likeness, out of 100, from which two blocks without common identifier are one block edited."""


@dataclass(slots=True)
class Item:
    """A child to match: node without comments or ids, its key, its own identifier, its text."""

    node: Json
    clean: Json
    key: str
    identifier: str | None
    _text: str | None = None

    @property
    def text(self) -> str:
        """Words of the block, without marks; computed once, at the first reading."""
        if self._text is None:
            self._text = block_text(self.clean)
        return self._text


def item_of(node: Json) -> Item:
    """Prepare a block for matching."""
    clean = canonical_node(node)
    return Item(node, clean, canonical_json(clean), (node.get("attrs") or {}).get("id"))


def match(
    old: Sequence[Item], new: Sequence[Item], compatible: Callable[[Item, Item], bool]
) -> dict[int, int]:
    """Match children: new place to old place. By identifier, then by content, then by likeness."""
    pairs = _match_identified(old, new, compatible)
    taken = set(pairs.values())
    left_new = [n for n in range(len(new)) if n not in pairs]
    left_old = [i for i in range(len(old)) if i not in taken]
    if not left_new or not left_old:
        return pairs
    keys_old, keys_new = [old[i].key for i in left_old], [new[n].key for n in left_new]
    for tag, i1, i2, n1, n2 in opcodes(keys_old, keys_new):
        if tag == "equal":
            pairs.update(zip(left_new[n1:n2], left_old[i1:i2], strict=True))
        elif tag == "replace":
            gap_old, gap_new = left_old[i1:i2], left_new[n1:n2]
            pairs.update(_match_alike(old, new, gap_old, gap_new, compatible))
    return pairs


def _match_identified(
    old: Sequence[Item], new: Sequence[Item], compatible: Callable[[Item, Item], bool]
) -> dict[int, int]:
    """Match by identifier; of a block cut in two, the part most like it is its heir.

    Cutting leaves the identifier to the first part. Who types a paragraph before another one and
    presses Enter leaves it to the words just typed: the words that were there are those after.
    """
    by_id = {item.identifier: i for i, item in enumerate(old) if item.identifier}
    pairs: dict[int, int] = {}
    cut: int | None = None  # the last block found again with other words, and its likeness
    alike = 0.0
    for n, item in enumerate(new):
        if item.identifier in by_id:
            i = by_id[item.identifier]
            cut = None
            if compatible(old[i], item):
                pairs[n] = i
                if old[i].key != item.key:
                    cut, alike = n, max(SIMILAR, fuzz.ratio(old[i].text, item.text))
        elif cut is not None and compatible(was := old[pairs[cut]], item):
            score = fuzz.ratio(was.text, item.text, score_cutoff=alike)
            if score > alike:
                pairs[n], cut, alike = pairs.pop(cut), n, score
    return pairs


def _match_alike(
    old: Sequence[Item],
    new: Sequence[Item],
    gap_old: Sequence[int],
    gap_new: Sequence[int],
    compatible: Callable[[Item, Item], bool],
) -> dict[int, int]:
    """Match by likeness, best first, never crossing a pair already made."""
    if len(gap_old) * len(gap_new) > 40_000:
        return dict(zip(gap_new, gap_old, strict=False))
    scores = []
    for n in gap_new:
        for i in gap_old:
            if compatible(old[i], new[n]):
                score = fuzz.ratio(old[i].text, new[n].text, score_cutoff=SIMILAR)
                if score or (not old[i].text and not new[n].text):
                    scores.append((-score, abs(gap_new.index(n) - gap_old.index(i)), n, i))
    pairs: dict[int, int] = {}
    for _score, _distance, n, i in sorted(scores):
        if n in pairs or i in pairs.values():
            continue
        if all((m < n) == (j < i) for m, j in pairs.items()):
            pairs[n] = i
    return pairs


def stayed(places: Sequence[int]) -> set[int]:
    """Give the indexes of a longest increasing run: what stayed, when the rest moved.

    >>> sorted(stayed([3, 0, 1, 2]))
    [1, 2, 3]
    """
    tails: list[int] = []
    previous: list[int] = []
    for index, place in enumerate(places):
        low, high = 0, len(tails)
        while low < high:
            middle = (low + high) // 2
            if places[tails[middle]] < place:
                low = middle + 1
            else:
                high = middle
        previous.append(tails[low - 1] if low else -1)
        if low == len(tails):
            tails.append(index)
        else:
            tails[low] = index
    found: set[int] = set()
    index = tails[-1] if tails else -1
    while index >= 0:
        found.add(index)
        index = previous[index]
    return found


def reading_order(
    old: Sequence[T], new: Sequence[T], pairs: Mapping[int, int]
) -> Iterator[tuple[T | None, T | None, bool]]:
    """Yield (old, new, moved) in the order after, withdrawn ones at their old place.

    pairs: new place to old place. One side is None for what was added or withdrawn.

    >>> list(reading_order("ab", "bc", {0: 1}))
    [('a', None, False), ('b', 'b', False), (None, 'c', False)]
    """
    order = sorted(pairs)
    kept = stayed([pairs[n] for n in order])
    unmoved = {n for index, n in enumerate(order) if index in kept}
    taken = set(pairs.values())
    withdrawn = deque(i for i in range(len(old)) if i not in taken)
    for n, item in enumerate(new):
        while n in unmoved and withdrawn and withdrawn[0] < pairs[n]:
            yield old[withdrawn.popleft()], None, False
        if n in pairs:
            yield old[pairs[n]], item, n not in unmoved
        else:
            yield None, item, False
    for i in withdrawn:
        yield old[i], None, False
