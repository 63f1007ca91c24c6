"""Anchors of comments: the mark that ties a thread to its very words, and where it stands today.

An anchor is a mark of the text: it follows typing around it, cuts, joins, moves and undo, as the
letters it lies on do. Nothing ever looks for a lost anchor by likeness.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Final, NamedTuple
from uuid import UUID

from prosemirror.model import Mark, Node
from prosemirror.transform import AddMarkStep, RemoveMarkStep, Step

from wikimarche.domain.canonical import plain_text
from wikimarche.domain.schema import Json, SchemaRefused, build_mark, load_doc
from wikimarche.domain.steps import COMMENT, write_steps


CITATION_LIMIT: Final = 600
"""Signs of the quoted words that a thread keeps; past them, « … »."""


class Bord(NamedTuple):
    """One end of a passage.

    bloc: identifier of a block at the top of the article. ligne: which line of text of it, from 0:
    a list and a table have several. place: in that line, counted in UTF-16 units, one for each thing
    that is not text (a datum, a cross-reference, a note, a line break).
    """

    bloc: str
    ligne: int
    place: int


class Passage(NamedTuple):
    """Words of an article, from one end to the other."""

    debut: Bord
    fin: Bord


def anchor(doc: Json, passage: Passage, fil: UUID) -> list[Json]:
    """Give the steps that anchor a thread to a passage of a document.

    Raises SchemaRefused with a French sentence when the passage is not there, or holds nothing.
    """
    node = load_doc(doc)
    start, end = _range(node, passage)
    return write_steps([AddMarkStep(start, end, _mark(str(fil)))])


def quote_passage(
    doc: Json, passage: Passage, *, variables: Mapping[str, str], renvois: Mapping[str, str]
) -> str:
    """Give the words of a passage as they read, at most CITATION_LIMIT signs.

    variables, renvois: as plain_text takes them. Raises SchemaRefused as ``anchor``.
    """
    node = load_doc(doc)
    start, end = _range(node, passage)
    cut: Json = node.slice(start, end).content.to_json() or []
    words = plain_text({"content": _as_blocks(cut)}, variables=variables, renvois=renvois)
    if len(words) <= CITATION_LIMIT:
        return words
    return f"{words[:CITATION_LIMIT].rstrip()}…"


def letters_of_passage(doc: Json, passage: Passage) -> str:
    """Give the letters and figures of a passage that are text: what it prints of a datum or of a renvoi is left out.

    For the same words as a page shows them: it draws blanks, signs and what is no text otherwise.
    Raises SchemaRefused as ``anchor``.
    """
    node = load_doc(doc)
    start, end = _range(node, passage)
    return letters_in("".join(_texts(node.slice(start, end).content.to_json() or [])))


def letters_in(words: str) -> str:
    """Keep the letters and figures of words.

    >>> letters_in("Le délai : 30 jours.")
    'Ledélai30jours'
    """
    return "".join(sign for sign in words if sign.isalnum())


def fils_by_unit(doc: Json) -> list[frozenset[str]]:
    """Name the threads anchored on each unit of a text, in the order one reads it.

    A unit is one of UTF-16, or one thing that is not text: whatever the blocks around it.
    """
    found: list[frozenset[str]] = []
    for node, _ in _inline(load_doc(doc)):
        found.extend([_fils_on(node)] * _units(node))
    return found


def carry(fils: Sequence[frozenset[str]], doc: Json) -> list[Json]:
    """Give the steps that anchor threads on each unit of a text, and no other thread there.

    fils: as ``fils_by_unit`` names them, of the same words in other articles. Raises ValueError when
    the text has not as many units.
    """
    steps: list[Step] = []
    rest = iter(fils)
    for node, pos in _inline(load_doc(doc)):
        now, at = _fils_on(node), pos
        wanted = list(islice(rest, _units(node)))
        if len(wanted) < _units(node):
            msg = "anchors are carried between texts of the same words"
            raise ValueError(msg)
        for those, run in groupby(wanted):
            end = at + len(list(run))
            steps += [RemoveMarkStep(at, end, _mark(fil)) for fil in sorted(now - those)]
            steps += [AddMarkStep(at, end, _mark(fil)) for fil in sorted(those - now)]
            at = end
    if next(rest, None) is not None:
        msg = "anchors are carried between texts of the same words"
        raise ValueError(msg)
    return write_steps(steps)


def _inline(doc: Node) -> list[tuple[Node, int]]:
    """Text and things in the lines of a document, with their positions."""
    found: list[tuple[Node, int]] = []

    def note(node: Node, pos: int, _parent: Node | None, _index: int) -> bool:
        if node.is_inline:
            found.append((node, pos))
        return not node.is_inline

    doc.descendants(note)
    return found


def _units(node: Node) -> int:
    return int(node.node_size) if node.is_text else 1


def _fils_on(node: Node) -> frozenset[str]:
    return frozenset(str(mark.attrs["fil"]) for mark in node.marks if mark.type.name == COMMENT)


def _mark(fil: str) -> Mark:
    return build_mark({"type": COMMENT, "attrs": {"fil": fil}})


def fils_of_steps(steps: Json) -> set[str]:
    """Name the threads whose anchors steps carry, wherever they are in them."""
    return set(_fils_of(steps))


def _fils_of(value: Json) -> Iterator[str]:
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting.extend(current)
        elif isinstance(current, dict):
            attrs = current.get("attrs")
            if current.get("type") == COMMENT and isinstance(attrs, dict) and "fil" in attrs:
                yield str(attrs["fil"])
            waiting.extend(current.values())


def _range(doc: Node, passage: Passage) -> tuple[int, int]:
    """Positions of a passage in its document. Raises SchemaRefused."""
    start, end = _position(doc, passage.debut), _position(doc, passage.fin)
    held = False

    def find(node: Node, _pos: int, _parent: Node | None, _index: int) -> bool:
        nonlocal held
        held = held or node.is_inline
        return not held

    if start < end:
        doc.nodes_between(start, end, find)
    if not held:
        msg = "Choisissez d’abord les mots à commenter."
        raise SchemaRefused(msg)
    return start, end


def _position(doc: Node, bord: Bord) -> int:
    """Position of an end of a passage in the document. Raises SchemaRefused."""
    lines: list[tuple[int, int]] = []

    def note(node: Node, pos: int, _parent: Node | None, _index: int) -> bool:
        if node.is_textblock:
            lines.append((pos + 1, node.content.size))
        return not node.is_textblock

    start = 0
    for block in doc.content.content:
        if block.attrs.get("id") == bord.bloc:
            doc.nodes_between(start, start + block.node_size, note)
            break
        start += block.node_size
    if not 0 <= bord.ligne < len(lines):
        msg = "Ce passage n’est pas dans l’article."
        raise SchemaRefused(msg)
    begins, size = lines[bord.ligne]
    if not 0 <= bord.place <= size:
        msg = "Ce passage dépasse le texte de l’article."
        raise SchemaRefused(msg)
    return begins + bord.place


def _texts(nodes: Json) -> Iterator[str]:
    for node in nodes:
        yield node.get("text", "")
        yield from _texts(node.get("content") or ())


def _as_blocks(cut: Json) -> Json:
    """What was cut inside one block comes as bare words: put a paragraph around them."""
    if cut and cut[0]["type"] in {"text", "hard_break", "variable", "renvoi", "note_bas_de_page"}:
        return [{"type": "paragraph", "content": cut}]
    return cut
