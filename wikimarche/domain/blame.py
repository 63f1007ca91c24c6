"""Who last touched a passage, and in which version: word by word, through every state of an article."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from wikimarche.domain.alignment import opcodes
from wikimarche.domain.canonical import canonical_json, canonical_node, plain_text
from wikimarche.domain.schema import Json


_TOKEN: Final = re.compile(r"\w+|[^\w\s]|\s+")
_CARRIED: Final = 3
"""Tokens in a row, from a block cut or merged, that are taken for the same words."""

_MANY: Final = 12
"""Blocks changed at once beyond which words are not looked for in other blocks: it was no split."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Revision(Generic[T]):
    """One state of an article. trace: what to say of it (author, version, instant), kept as given."""

    trace: T
    corps: Json


@dataclass(frozen=True, slots=True)
class Passage(Generic[T]):
    """A run of words that came together. start, end: code points in the text of its block."""

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


@dataclass(slots=True)
class _State:
    identifier: str | None
    key: str
    tokens: list[str]
    origins: list[int]
    last: int


def _states(corps: Json, revision: int) -> list[_State]:
    found = []
    for block in corps.get("content") or ():
        tokens = _TOKEN.findall(plain_text({"content": [block]}))
        identifier = (block.get("attrs") or {}).get("id")
        key = canonical_json(canonical_node(block))
        found.append(_State(identifier, key, tokens, [revision] * len(tokens), revision))
    return found


def blame(revisions: Iterable[Revision[T]]) -> list[BlockBlame[T]]:
    """Say, for each block of the last state and for its words, which revision they come from.

    revisions: oldest first, every state or one per work session. Cost: the number of states times
    the blocks of one article, plus the words of the blocks that changed.
    A block split or merged keeps the origin of its words. Returns [] when there is no revision.

    >>> def corps(text):
    ...     content = [{"type": "text", "text": text}]
    ...     return {"content": [{"type": "paragraph", "attrs": {"id": "a"}, "content": content}]}
    >>> [block] = blame([Revision("Hervé, 4", corps("chaque année")),
    ...                  Revision("Nadia, 34", corps("chaque trimestre"))])
    >>> [(p.texte, p.trace) for p in block.passages], block.dernier
    ([('chaque ', 'Hervé, 4'), ('trimestre', 'Nadia, 34')], 'Nadia, 34')
    """
    traces: list[T] = []
    current: list[_State] = []
    previous: Json = None
    for number, revision in enumerate(revisions):
        traces.append(revision.trace)
        if previous is not None and revision.corps == previous:
            continue
        previous = revision.corps
        current = _carry(current, _states(revision.corps, number))
    return [_written(state, traces) for state in current]


def _carry(old: Sequence[_State], new: list[_State]) -> list[_State]:
    by_id = {state.identifier: state for state in old if state.identifier}
    by_key = {state.key: state for state in old}
    changed: list[_State] = []
    used: set[int] = set()
    pending: list[tuple[_State, _State | None]] = []
    for state in new:
        was = by_id.get(state.identifier) if state.identifier else None
        was = was or by_key.get(state.key)
        if was is not None:
            used.add(id(was))
        if was is not None and was.key == state.key:
            state.origins, state.last = was.origins, was.last
            continue
        pending.append((state, was))
        if was is not None:
            changed.append(was)
    changed.extend(state for state in old if id(state) not in used)
    for state, was in pending:
        if was is not None:
            _copy(was, state, 1)
        for other in changed if len(changed) <= _MANY else ():
            if other is not was:
                _copy(other, state, _CARRIED)
    return new


def _copy(old: _State, new: _State, shortest: int) -> None:
    """Copy the origins of the words both have, where new has none older yet."""
    for tag, i, j, n, _end in opcodes(old.tokens, new.tokens):
        if tag != "equal" or j - i < shortest:
            continue
        for k in range(j - i):
            if new.origins[n + k] == new.last:
                new.origins[n + k] = old.origins[i + k]


def _written(state: _State, traces: Sequence[T]) -> BlockBlame[T]:
    passages = tuple(_passages(state, traces))
    return BlockBlame(state.identifier, traces[state.last], passages)


def _passages(state: _State, traces: Sequence[T]) -> Iterator[Passage[T]]:
    """Cut the text where the origin changes; a space goes with the word before it."""
    start = pos = 0
    words: list[str] = []
    origin = -1
    for token, found in zip(state.tokens, state.origins, strict=True):
        if words and found != origin and not token.isspace():
            yield Passage(start, pos, "".join(words), traces[origin])
            start, words = pos, []
        if not words:
            origin = found
        words.append(token)
        pos += len(token)
    if words:
        yield Passage(start, pos, "".join(words), traces[origin])
