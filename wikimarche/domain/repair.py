"""Repairing: each block has its own identifier and each table its cells, whatever steps did."""

import hashlib
from collections.abc import Mapping

from prosemirror.model import Node
from prosemirror.transform import AttrStep, Step

from wikimarche.domain.schema import Json, dump_doc, iter_blocks, load_doc, overflowing_cells
from wikimarche.domain.steps import apply_all


def new_block_id(seed: str, count: int) -> str:
    """Draw a block identifier: ten characters of [a-z2-7], the same for the same seed and count.

    >>> len(new_block_id("commit", 0)), new_block_id("commit", 0) == new_block_id("commit", 0)
    (10, True)
    """
    digest = hashlib.blake2b(f"{seed}/{count}".encode(), digest_size=10).digest()
    return "".join("abcdefghijklmnopqrstuvwxyz234567"[byte & 31] for byte in digest)


def repair(doc: Node, *, seed: str) -> tuple[Node, list[Step]]:
    """Give each top-level block its own identifier, and cut spans that pass the end of their table.

    Two people may split the same paragraph, or one merge cells while the other removes the last
    row: both are right alone. Returns the document and the AttrSteps that were added (no position
    moves). A wrapped block hands its identifier to what wraps it; of two equal ones the outer keeps it, then the first.
    """
    seen: set[str] = set()
    ids: dict[int, str | None] = {}
    spans: list[Step] = []
    blocks = list(iter_blocks(doc))
    top = {id(child) for child in doc.content.content}
    for pos, block in sorted(blocks, key=lambda found: id(found[1]) not in top):
        identifier = block.attrs.get("id")
        if isinstance(identifier, str):
            if identifier in seen:
                ids[pos] = None
            seen.add(identifier)
        if block.type.name == "table":
            spans.extend(_span_repairs(pos, block))
    pos = count = 0
    for block in doc.content.content:
        if ids.get(pos, block.attrs.get("id")) is None:
            heir = None if pos in ids else _inherited(block, pos, ids)
            if heir is None:
                while (fresh := new_block_id(seed, count)) in seen:
                    count += 1
                seen.add(fresh)
                ids[pos] = fresh
            else:
                ids[heir[0]] = None
                ids[pos] = heir[1]
        pos += block.node_size
    steps = [*spans, *(AttrStep(pos, "id", identifier) for pos, identifier in ids.items())]
    return apply_all(doc, steps), steps


def _inherited(block: Node, pos: int, ids: Mapping[int, str | None]) -> tuple[int, str] | None:
    """Find the identifier a list or a quotation takes from the paragraph it came to wrap."""
    if block.type.inline_content:
        return None
    for at, inner in iter_blocks(block, pos + 1):
        identifier = inner.attrs.get("id")
        if isinstance(identifier, str) and at not in ids:
            return at, identifier
    return None


def _span_repairs(pos: int, table: Node) -> list[Step]:
    wrong = {(r, c): left for r, c, left in overflowing_cells(table)}
    if not wrong:
        return []
    steps: list[Step] = []
    row_pos = pos + 1
    for r, row in enumerate(table.content.content):
        cell_pos = row_pos + 1
        for c, cell in enumerate(row.content.content):
            if (r, c) in wrong:
                steps.append(AttrStep(cell_pos, "rowspan", wrong[r, c]))
            cell_pos += cell.node_size
        row_pos += row.node_size
    return steps


def give_ids(doc: Json, *, seed: str) -> dict[str, Json]:
    """Give a document that comes from an import or a copy the identifiers it lacks.

    >>> give_ids({"type": "doc", "content": [{"type": "paragraph"}]}, seed="x")["content"][0]["attrs"]
    {'id': '47pjtrnu37'}
    """
    return dump_doc(repair(load_doc(doc), seed=seed)[0])


def renew_ids(doc: Json, *, seed: str) -> dict[str, Json]:
    """Give every block of a copy a new identifier: an article inserted from elsewhere, a split."""
    root = load_doc(doc)
    ids: list[Step] = [
        AttrStep(pos, "id", None) for pos, block in iter_blocks(root) if block.attrs.get("id")
    ]
    return dump_doc(repair(apply_all(root, ids), seed=seed)[0])
