"""Cutting an article in two, joining two into one."""

from typing import Final

from prosemirror.model import Fragment, Node, ResolvedPos

from wikimarche.domain.repair import give_ids, renew_ids
from wikimarche.domain.schema import Json, SchemaRefused, dump_doc, load_doc


_LISTS: Final = frozenset({"bullet_list", "ordered_list"})
_FIRST_LINE: Final = 3
"""Depth of the first paragraph of an item: document, list, item, paragraph."""
_OUTSIDE: Final = "Cette coupure ne tombe pas dans le texte de l’article."


def split_corps(corps: Json, position: int, *, seed: str) -> tuple[Json, Json]:
    """Cut a document at a position (UTF-16 units, as the browser counts).

    Returns what stays and what leaves; the second half gets new block identifiers. A cut inside a
    table falls before it, and in a list before the nested one. Raises SchemaRefused when the
    position is outside the text.

    >>> text = {"type": "text", "text": "Un deux"}
    >>> doc = {"type": "doc", "content": [{"type": "paragraph", "attrs": {"id": "aaaaaaaa"}, "content": [text]}]}
    >>> [half["content"][0]["content"][0]["text"] for half in split_corps(doc, 4, seed="x")]
    ['Un ', 'deux']
    """
    doc = load_doc(corps)
    if not 0 <= position <= doc.content.size:
        raise SchemaRefused(_OUTSIDE)
    position = _place_of_cut(doc.resolve(position))
    kept, moved = doc.cut(0, position), doc.cut(position)
    return (
        give_ids(_or_empty(kept), seed=f"{seed}-1"),
        renew_ids(_or_empty(moved), seed=f"{seed}-2"),
    )


def _place_of_cut(cursor: ResolvedPos) -> int:
    """Where to cut for a cursor that stands there: what precedes it stays."""
    if cursor.depth == 1 and cursor.parent.inline_content:
        # At an end of a line, the line goes whole: a half without a word would stay as a blank line.
        if cursor.parent_offset == 0:
            return cursor.before(1)
        return cursor.after(1) if cursor.parent_offset == cursor.parent.content.size else cursor.pos
    if cursor.depth == 0:
        return cursor.pos
    if cursor.depth == 1 or cursor.node(1).type.name not in _LISTS:
        return cursor.before(1)
    if cursor.depth == _FIRST_LINE and cursor.index(2) == 0:
        if 0 < cursor.parent_offset < cursor.parent.content.size:
            return cursor.pos
        if cursor.parent_offset and cursor.node(2).child_count == 1:
            return cursor.after(2 if cursor.index_after(1) < cursor.node(1).child_count else 1)
    return cursor.before(2 if cursor.index(1) else 1)


def merge_corps(target: Json, titre: str, corps: Json, *, seed: str) -> Json:
    """Append a document to another, its title first as a heading when it has one."""
    blocks = _blocks(load_doc(target))
    if titre:
        blocks += _blocks(load_doc(_heading(titre)))
    blocks += _blocks(load_doc(corps))
    whole = load_doc(target).copy(Fragment.from_array(blocks))
    return give_ids(_or_empty(whole), seed=seed)


def _heading(titre: str) -> Json:
    text = {"type": "text", "text": titre}
    heading = {"type": "heading", "attrs": {"id": None, "level": 1}, "content": [text]}
    return {"type": "doc", "content": [heading]}


def _blocks(doc: Node) -> list[Node]:
    blocks = list(doc.content.content)
    only = blocks[0] if len(blocks) == 1 else None
    empty = only is not None and only.type.name == "paragraph" and only.content.size == 0
    return [] if empty else blocks


def _or_empty(doc: Node) -> Json:
    if doc.content.size:
        return dump_doc(doc)
    return {"type": "doc", "content": [{"type": "paragraph", "attrs": {"id": None}}]}
