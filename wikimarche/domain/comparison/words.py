"""Words: the inline content of two text blocks, compared token by token."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from rapidfuzz import fuzz

from wikimarche.domain.alignment import Opcode, opcodes
from wikimarche.domain.canonical import canonical_json
from wikimarche.domain.comparison.changes import Op, Segment
from wikimarche.domain.comparison.matching import SIMILAR
from wikimarche.domain.schema import Json


_TOKEN: Final = re.compile(r"\ufffc|\w+|[^\w\s\ufffc]|\s+")


_ATOM: Final = "\ufffc"
_NOTE: Final = "note_bas_de_page"
_GAP: Final = 40_000
"""Pairs of notes beyond which none is looked for: a text made of them alone."""


@dataclass(slots=True)
class _Run:
    start: int
    end: int
    node: Json


class _Inline:
    """Inline content laid flat: one string, an object character for each atom, and the runs of marks."""

    def __init__(self, content: Sequence[Json]) -> None:
        self.runs: list[_Run] = []
        self.notes: list[tuple[int, Json]] = []
        parts: list[str] = []
        pos = 0
        self.plain = True
        for node in content:
            text = node["text"] if node["type"] == "text" else _ATOM
            self.runs.append(_Run(pos, pos + len(text), node))
            parts.append(text)
            pos += len(text)
            if node.get("marks"):
                self.plain = False
        self.text = "".join(parts)
        # The expression covers every character: the tokens, end to end, are the text.
        self.tokens: list[str] = _TOKEN.findall(self.text)
        self.starts = [0, *accumulate(map(len, self.tokens))]
        for run in self.runs:
            if run.node["type"] != "text":
                place = bisect_left(self.starts, run.start)
                self.tokens[place] = _ATOM + canonical_json({**run.node, "marks": []})
                if run.node["type"] == _NOTE:
                    self.notes.append((place, run.node))

    def cut(self, i: int, j: int) -> tuple[Json, ...]:
        """Inline nodes of the tokens i to j."""
        start, end = self.starts[i], self.starts[j]
        found = []
        for run in self.runs:
            if run.end <= start or run.start >= end:
                continue
            if run.node["type"] == "text" and (run.start < start or run.end > end):
                piece = run.node["text"][max(0, start - run.start) : end - run.start]
                found.append({**run.node, "text": piece})
            else:
                found.append(run.node)
        return tuple(found)

    def marks_of(self, token: int) -> tuple[Any, ...]:
        start, end = self.starts[token], self.starts[token + 1]
        return tuple(
            (max(run.start, start) - start, canonical_json(run.node.get("marks") or []))
            for run in self.runs
            if run.start < end and run.end > start
        )


def compare_inline(avant: Sequence[Json], apres: Sequence[Json]) -> tuple[Segment, ...]:
    """Compare the inline content of two text blocks, word by word.

    avant, apres: inline JSON without comment marks. A lone space between two replaced words joins
    them. Where only marks differ the segment is FORME; a footnote edited is MODIFIE.

    >>> [(s.op.value, s.text) for s in compare_inline(
    ...     [{"type": "text", "text": "chaque année le relevé"}],
    ...     [{"type": "text", "text": "chaque trimestre le relevé"}])]
    [('egal', 'chaque '), ('retrait', 'année'), ('ajout', 'trimestre'), ('egal', ' le relevé')]
    """
    a, b = _Inline(avant), _Inline(apres)
    edited = _pair_notes(a, b)
    segments: list[Segment] = []
    for tag, i, j, k, n in _join_spaces(opcodes(a.tokens, b.tokens), a.tokens):
        if tag == "equal":
            begin = i
            for place in range(i, j):
                if place in edited:
                    segments.extend(_equal_segments(a, b, begin, place, k + begin - i))
                    segments.append(edited[place])
                    begin = place + 1
            segments.extend(_equal_segments(a, b, begin, j, k + begin - i))
            continue
        if j > i:
            segments.append(Segment(Op.RETRAIT, a.cut(i, j)))
        if n > k:
            segments.append(Segment(Op.AJOUT, b.cut(k, n)))
    return tuple(segments)


def _pair_notes(a: _Inline, b: _Inline) -> dict[int, Segment]:
    """Give the notes that are one note edited the same token, so that they align as words do.

    Returns what happened in each, by the place of its token in the text before.
    """
    edited: dict[int, Segment] = {}
    if not a.notes or not b.notes:
        return edited
    keys_a = [a.tokens[place] for place, _note in a.notes]
    keys_b = [b.tokens[place] for place, _note in b.notes]
    for tag, i, j, k, n in opcodes(keys_a, keys_b):
        if tag != "replace" or (j - i) * (n - k) > _GAP:
            continue
        first = k
        for place, was in a.notes[i:j]:
            for rank in range(first, n):
                other, now = b.notes[rank]
                before, after = was["attrs"]["texte"], now["attrs"]["texte"]
                if fuzz.ratio(before, after) >= SIMILAR:
                    a.tokens[place] = b.tokens[other] = f"{_ATOM}{_NOTE} {place}"
                    words = compare_inline(_words(before), _words(after))
                    edited[place] = Segment(Op.MODIFIE, (now,), (was,), words)
                    first = rank + 1
                    break
    return edited


def _words(text: str) -> list[Json]:
    return [{"type": "text", "text": text}]


def _join_spaces(codes: list[Opcode], tokens: Sequence[str]) -> Iterator[Opcode]:
    pending: Opcode | None = None
    for place, code in enumerate(codes):
        tag, i, j, _k, n = code
        between = 0 < place < len(codes) - 1
        if (
            pending
            and tag == "equal"
            and between
            and j - i == 1
            and tokens[i].isspace()
            and pending[0] == codes[place + 1][0] == "replace"
        ) or (pending and pending[0] == tag == "replace"):
            pending = ("replace", pending[1], j, pending[3], n)
        else:
            if pending:
                yield pending
            pending = code
    if pending:
        yield pending


def _equal_segments(a: _Inline, b: _Inline, i: int, j: int, k: int) -> Iterator[Segment]:
    if i < j and a.plain and b.plain:
        yield Segment(Op.EGAL, b.cut(k, k + j - i))
        return
    if i == j:
        return
    begin, same = 0, True
    for t in range(j - i):
        now = a.marks_of(i + t) == b.marks_of(k + t)
        if t and now != same:
            yield _equal_segment(a, b, i + begin, i + t, k + begin, same)
            begin = t
        same = now
    yield _equal_segment(a, b, i + begin, j, k + begin, same)


def _equal_segment(a: _Inline, b: _Inline, i: int, j: int, k: int, same: bool) -> Segment:
    nodes = b.cut(k, k + j - i)
    return Segment(Op.EGAL, nodes) if same else Segment(Op.FORME, nodes, a.cut(i, j))
