"""Who wrote each sign of an article, and in which version: its commits replayed, whoever wrote meanwhile.

A document is a row of places, one for each UTF-16 unit, atom and edge of a block, as steps count
them. Each place keeps what to say of its origin; a step moves the places it leaves alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, Self, TypeVar

from wikimarche.domain.alignment import opcodes
from wikimarche.domain.canonical import canonical_json, inline_text
from wikimarche.domain.numbering import mark_item
from wikimarche.domain.schema import DEFINITION, Json, written_attrs


_WORD: Final = re.compile(r"\w")
_CARRIED: Final = 3
"""Words, spaces and edges in a row that are the same words when a text is put back, split or merged."""

_LEAVES: Final = frozenset(
    name for name, node in DEFINITION["nodes"].items() if "content" not in node and name != "text"
)
_BASIC: Final = 0xFFFF
"""Last sign that counts for one UTF-16 unit."""

_LISTS: Final = frozenset({"bullet_list", "ordered_list"})
_SET_IN: Final = "\u2003"
"""Before an item of an inner list: a page keeps this blank, and folds others."""

_OPEN: Final = "<"
_CLOSE: Final = ">"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Passage(Generic[T]):
    """A run of signs that came together. start, end: code points in the text of its block."""

    start: int
    end: int
    texte: str
    trace: T


@dataclass(frozen=True, slots=True)
class BlockBlame(Generic[T]):
    """A top-level block of the last state.

    bloc: its identifier, None in old data. dernier: who last touched it, typography and
    withdrawals included. passages: its text (as plain_text gives it) cut by origin.
    """

    bloc: str | None
    dernier: T
    passages: tuple[Passage[T], ...]


class Authorship(Generic[T]):
    """The text of an article with the origin of each of its signs; commits change it.

    >>> text = {"type": "text", "text": "chaque année"}
    >>> corps = {"content": [{"type": "paragraph", "attrs": {"id": "a"}, "content": [text]}]}
    >>> authorship = Authorship(corps, "Hervé, 4")
    >>> typed = {"content": [{"type": "text", "text": "trimestre"}]}
    >>> step = {"stepType": "replace", "from": 8, "to": 13, "slice": typed}
    >>> authorship.commit([step], "Nadia, 34")
    >>> text["text"] = "chaque trimestre"
    >>> [block] = authorship.blame(corps)
    >>> [(p.texte, p.trace) for p in block.passages], block.dernier
    ([('chaque ', 'Hervé, 4'), ('trimestre', 'Nadia, 34')], 'Nadia, 34')
    """

    def __init__(self, corps: Json, trace: T, *, lent: "Authorship[T] | None" = None) -> None:
        """Start from a first state. lent: the article whose end it was, when it comes from a split."""
        self.signs, self.levels = _places_of(corps.get("content") or ())
        self.traces = [trace]
        self.origins = [trace] * len(self.signs)
        self.touches = [0] * len(self.signs)
        if lent is not None:
            self.origins = _carried(lent.signs, lent.origins, self.signs, trace)

    def copy(self) -> Self:
        """Give the same, that other commits will not change."""
        twin = object.__new__(type(self))
        for name in ("signs", "levels", "origins", "touches", "traces"):
            setattr(twin, name, list(getattr(self, name)))
        return twin

    def commit(
        self,
        steps: Sequence[Json],
        trace: T,
        *,
        by_hand: bool = True,
        lent: "Authorship[T] | None" = None,
    ) -> None:
        """Apply the steps of a commit, as they were placed.

        by_hand: False for steps computed from a text put back whole (restoration, split, merge):
        the words it already had keep their origin. lent: the article merged into this one.
        Raises ValueError when a step falls outside the text.
        """
        self.traces.append(trace)
        for step in steps:
            self._step(step, by_hand, lent)

    @property
    def digest(self) -> int:
        """What two states of one text have in common when they are the same, in this process."""
        return hash(tuple(self.signs))

    def put_back(self, earlier: "Authorship[T]") -> None:
        """Say of this text what was said of it when it was the same: it was put back whole."""
        self.origins, self.touches = list(earlier.origins), list(earlier.touches)

    def _step(self, step: Json, by_hand: bool, lent: "Authorship[T] | None") -> None:
        kind = step["stepType"]
        if kind == "markSet":
            for inner in step["steps"]:
                self._step(inner, by_hand, lent)
        elif kind in {"addMark", "removeMark"}:
            if step["mark"]["type"] != "comment":
                self._touch(step["from"], step["to"])
        elif kind in {"attr", "addNodeMark", "removeNodeMark"}:
            self._touch(step["pos"], step["pos"] + 1)
        else:
            signs, levels = _slice_of(step.get("slice"))
            if kind == "replaceAround":
                at = step["insert"]
                self._replace(step["gapTo"], step["to"], signs[at:], levels[at:])
                self._replace(step["from"], step["gapFrom"], signs[:at], levels[:at])
                return
            start, end = step["from"], step["to"]
            origins = None
            if not by_hand:
                old, theirs = self.signs[start:end], self.origins[start:end]
                if lent is not None:
                    old, theirs = old + lent.signs, theirs + lent.origins
                origins = _carried(old, theirs, signs, self.traces[-1])
            self._replace(start, end, signs, levels, origins)

    def _replace(
        self,
        start: int,
        end: int,
        signs: list[str],
        levels: list[int],
        origins: list[T] | None = None,
    ) -> None:
        if not 0 <= start <= end <= len(self.signs):
            msg = "This step does not fit the text."
            raise ValueError(msg)
        inside_before = sum(self.levels[:start]) > 0
        inside_after = sum(self.levels[:end]) > 0
        self.signs[start:end] = signs
        self.levels[start:end] = levels
        self.origins[start:end] = origins or [self.traces[-1]] * len(signs)
        self.touches[start:end] = [len(self.traces) - 1] * len(signs)
        # What is cut inside a block touches the block; what falls between two touches neither.
        last = start + len(signs)
        if inside_before:
            self._touch(start - 1, start)
        if inside_after:
            self._touch(last, last + 1)

    def _touch(self, start: int, end: int) -> None:
        end = min(end, len(self.touches))
        self.touches[start:end] = [len(self.traces) - 1] * (end - start)

    def blame(self, corps: Json) -> list[BlockBlame[T]]:
        """Say, for each block of the text as it stands, where its words come from.

        corps: the document after the last commit. Raises ValueError when the commits do not give it.
        """
        blocks = corps.get("content") or ()
        if _places_of(blocks)[0] != self.signs:
            msg = "These commits do not give this text."
            raise ValueError(msg)
        found, start = [], 0
        for block in blocks:
            end = start + len(_places_of([block])[0])
            found.append(self._block(block, start, end))
            start = end
        return found

    def _block(self, block: Json, start: int, end: int) -> BlockBlame[T]:
        lines: list[_Line] = []
        _read_lines(block, start, lines)
        passages: list[Passage[T]] = []
        words: list[str] = []
        begin = pos = 0
        origin = self.origins[start]
        for text, place in _joined(lines, "\n"):
            found = origin if place is None else self.origins[place]
            if words and found != origin:
                passages.append(Passage(begin, pos, "".join(words), origin))
                begin, words = pos, []
            origin = found
            words.append(text)
            pos += len(text)
        if pos > begin:
            passages.append(Passage(begin, pos, "".join(words), origin))
        last = self.traces[max(self.touches[start:end])]
        return BlockBlame((block.get("attrs") or {}).get("id"), last, tuple(passages))


_Line = list[tuple[str, int | None]]
"""Text of a line, with the place each part stands at; None for what only separates."""


def _read_lines(node: Json, pos: int, lines: list[_Line]) -> int:
    """Lines of a block as plain_text gives them. Returns the place after it."""
    name = node["type"]
    if name in _LEAVES:
        if name == "image":
            lines.append([(node["attrs"]["alt"], pos)])
        return pos + 1
    content = node.get("content") or ()
    pos += 1
    if name in {"paragraph", "heading"}:
        line: _Line = []
        for child in content:
            if child["type"] != "text":
                line.append((inline_text([child]), pos))
                pos += 1
                continue
            for sign in child["text"]:
                line.append((sign, pos))
                pos += 1 + (ord(sign) > _BASIC)
        lines.append(line)
    elif name == "table_row":
        cells: list[_Line] = []
        for cell in content:
            inner: list[_Line] = []
            pos += 1
            for child in cell.get("content") or ():
                pos = _read_lines(child, pos, inner)
            pos += 1
            cells.append(_joined(inner, " "))
        lines.append(_joined(cells, "\t"))
    else:
        for child in content:
            pos = _read_lines(child, pos, lines)
    return pos + 1


def mark_lines(block: Json) -> list[str]:
    """What a page prints before each line of a block: the marks of its items, set in by their depth.

    >>> item = {"type": "list_item", "content": [{"type": "paragraph"}]}
    >>> mark_lines({"type": "bullet_list", "content": [item, item]})
    ['• ', '• ']
    """
    lines: list[_Line] = []
    _read_lines(block, 0, lines)
    count = sum(1 + sum(text.count("\n") for text, _place in line) for line in lines)
    if block["type"] not in _LISTS:
        return [""] * count
    marks: list[str] = []
    for rank, item in enumerate(block.get("content") or ()):
        mark = mark_item(block["type"], block.get("attrs") or {}, rank, "•")
        for inner in item.get("content") or ():
            nested = mark_lines(inner)
            marks += [f"{_SET_IN}{found}" if inner["type"] in _LISTS else found for found in nested]
            if inner is item["content"][0]:
                marks[-len(nested)] = f"{mark} "
    return marks


def _joined(lines: Sequence[_Line], between: str) -> _Line:
    found: _Line = []
    for number, line in enumerate(lines):
        if number:
            found.append((between, None))
        found += line
    return found


def _carried(old: Sequence[str], origins: Sequence[T], new: Sequence[str], trace: T) -> list[T]:
    """Give each place of a text put back the origin it had, or trace when it is new."""
    found = [trace] * len(new)
    # One end of an article, even cut inside a word: only the edges at the cut are new.
    same = _in_common(old[::-1], new[::-1])
    if same and _are_edges(new[: len(new) - same]):
        found[len(new) - same :] = origins[len(old) - same :]
        return found
    same = _in_common(old, new)
    if same and _are_edges(new[same:]):
        found[:same] = origins[:same]
        return found
    (words_old, at_old), (words_new, at_new) = _words(old), _words(new)
    for tag, i, j, n, end in opcodes(words_old, words_new):
        edge = i == n == 0 or (j, end) == (len(words_old), len(words_new))
        if tag == "equal" and (edge or j - i >= _CARRIED):
            start, size = at_new[n], at_new[n + j - i] - at_new[n]
            found[start : start + size] = origins[at_old[i] : at_old[i] + size]
    return found


def _in_common(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the signs that two texts have in common at their beginning."""
    pairs = zip(old, new, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def _are_edges(signs: Sequence[str]) -> bool:
    return all(len(sign) > 1 and sign[0] in {_OPEN, _CLOSE} for sign in signs)


def _words(signs: Sequence[str]) -> tuple[list[str], list[int]]:
    """Gather places into words, spaces and edges alone; where each begins, and the end."""
    words: list[str] = []
    starts: list[int] = []
    inside = False
    for place, sign in enumerate(signs):
        # The second half of an astral sign goes with the first.
        letter = len(sign) == 1 and _WORD.match(sign) is not None
        if words and (sign == "" or (inside and letter)):
            words[-1] += sign
            continue
        inside = letter
        words.append(sign)
        starts.append(place)
    return words, [*starts, len(signs)]


def _slice_of(data: Json) -> tuple[list[str], list[int]]:
    """Places of what a step puts in; the edges it leaves open are those of blocks already there."""
    if not data:
        return [], []
    signs, levels = _places_of(data.get("content") or ())
    opened, closed = data.get("openStart") or 0, len(signs) - (data.get("openEnd") or 0)
    return signs[opened:closed], levels[opened:closed]


def _places_of(nodes: Sequence[Json]) -> tuple[list[str], list[int]]:
    """Cut nodes into places: a sign each, and what it adds to the depth."""
    signs: list[str] = []
    levels: list[int] = []

    def visit(node: Json) -> None:
        name = node["type"]
        if name == "text":
            for sign in node["text"]:
                signs.append(sign)
                if ord(sign) > _BASIC:
                    signs.append("")
            levels.extend([0] * (len(signs) - len(levels)))
        elif name in _LEAVES:
            attrs = written_attrs(name, node.get("attrs") or {})
            attrs.pop("id", None)
            signs.append(f"{name} {canonical_json(attrs)}")
            levels.append(0)
        else:
            signs.append(_OPEN + name)
            levels.append(1)
            for child in node.get("content") or ():
                visit(child)
            signs.append(_CLOSE + name)
            levels.append(-1)

    for node in nodes:
        visit(node)
    return signs, levels
