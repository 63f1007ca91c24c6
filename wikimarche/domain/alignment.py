"""Alignment of two sequences, readable where it can be, bounded in time where it cannot."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from rapidfuzz.distance import Indel


Opcode = tuple[str, int, int, int, int]
"""(tag, i, j, k, n) as difflib gives: tag is equal, delete, insert or replace."""

_PAIRS: Final = 1_500_000
"""Equal pairs beyond which difflib may take minutes: a word repeated thousands of times."""

_CELLS: Final = 400_000_000
"""Product of lengths beyond which the exact alignment takes too much memory (one bit a cell)."""


def opcodes(a: Sequence[str], b: Sequence[str]) -> list[Opcode]:
    """Align two sequences of words or keys; same result shape as SequenceMatcher.get_opcodes().

    Common ends are cut first. The rest goes to difflib (autojunk off), where a space never starts
    a match and only continues one. Where a hostile or odd text would make difflib quadratic, a
    bit-parallel alignment takes over, and beyond it the rest is one replacement.

    >>> opcodes(["a", " ", "b"], ["a", " ", "c"])
    [('equal', 0, 2, 0, 2), ('replace', 2, 3, 2, 3)]
    """
    start, end_a, end_b = 0, len(a), len(b)
    shortest = min(end_a, end_b)
    while start < shortest and a[start] == b[start]:
        start += 1
    while end_a > start and end_b > start and a[end_a - 1] == b[end_b - 1]:
        end_a -= 1
        end_b -= 1
    codes: list[Opcode] = [("equal", 0, start, 0, start)] if start else []
    codes.extend(
        (tag, i + start, j + start, k + start, n + start)
        for tag, i, j, k, n in _middle(a[start:end_a], b[start:end_b])
    )
    if end_a < len(a):
        codes.append(("equal", end_a, len(a), end_b, len(b)))
    return codes


def _middle(a: Sequence[str], b: Sequence[str]) -> list[Opcode]:
    if not a or not b:
        tag = "delete" if a else "insert"
        return [(tag, 0, len(a), 0, len(b))] if a or b else []
    if len(a) * len(b) <= _PAIRS or _equal_pairs(a, b) <= _PAIRS:
        matcher = SequenceMatcher(str.isspace, a, b, autojunk=False)
        return list(matcher.get_opcodes())
    if len(a) * len(b) <= _CELLS:
        return list(_joined(a, b))
    return [("replace", 0, len(a), 0, len(b))]


def _equal_pairs(a: Sequence[str], b: Sequence[str]) -> int:
    """Count pairs of equal words, spaces left out: what difflib walks through, at each level."""
    counts = Counter(b)
    return sum(number * counts[word] for word, number in Counter(a).items() if not word.isspace())


def _joined(a: Sequence[str], b: Sequence[str]) -> Iterator[Opcode]:
    """Indel opcodes, neighbouring deletions and insertions made one replacement."""
    i = j = k = n = 0
    for code in Indel.opcodes(a, b):
        if code.tag != "equal":
            j, n = max(j, code.src_end), max(n, code.dest_end)
            continue
        if j > i or n > k:
            yield _named(i, j, k, n)
        yield "equal", code.src_start, code.src_end, code.dest_start, code.dest_end
        i = j = code.src_end
        k = n = code.dest_end
    if j > i or n > k:
        yield _named(i, j, k, n)


def _named(i: int, j: int, k: int, n: int) -> Opcode:
    if j > i and n > k:
        return "replace", i, j, k, n
    return ("delete" if j > i else "insert"), i, j, k, n
