"""The step authority: read, rebase, apply, check, repair and write the steps of an article.

Everything is JSON in and JSON out, in the form of prosemirror-transform 1.12.6. Positions count
UTF-16 units, as the browser does. Nothing here knows who writes or where it is stored.
"""

import hashlib
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from prosemirror.model import Fragment, Node, Slice
from prosemirror.transform import (
    AddMarkStep,
    AddNodeMarkStep,
    AttrStep,
    MapResult,
    RemoveMarkStep,
    RemoveNodeMarkStep,
    ReplaceAroundStep,
    ReplaceStep,
    Step,
    StepMap,
)
from prosemirror.transform.map import DEL_ACROSS, DEL_AFTER, DEL_BEFORE, DEL_SIDE, Mappable
from prosemirror.utils import text_length

from wikimarche.domain.alignment import opcodes
from wikimarche.domain.port import MarkSetStep
from wikimarche.domain.schema import (
    ATTRIBUTE_NAMES,
    LIMITS,
    Json,
    SchemaRefused,
    build_fragment,
    build_mark,
    check_node,
    check_whole,
    dump_doc,
    iter_blocks,
    load_doc,
    overflowing_cells,
    quote,
)


_FAILURES: Final = (
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AssertionError,
    AttributeError,
    RecursionError,
)
"""What the port raises on a step that does not fit; npm returns a failed result instead."""

COMMENT: Final = "comment"
"""The mark a commentateur may add and remove, and nothing else."""


class StepForbidden(PermissionError):
    """A step goes beyond the person's right. index: place of the step; str(): French sentence."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did.

    doc: the new document, to store. steps: the steps as committed, after rebase and repair, to
    store and to send to everyone, its author included. dropped: places, in the list sent by the
    author, of the steps that could no longer be placed.
    """

    doc: dict[str, Json]
    steps: list[Json]
    dropped: tuple[int, ...]


# -- a word stays whole ----------------------------------------------------------------------------


class SuiteStep(ReplaceStep):
    """An insertion that goes on where its author's own text ends: mapped, it stays against that text.

    Any other insertion goes after those of others at the same place. Written as a plain ReplaceStep:
    once placed, a step has nothing left to say. The browser has the same (frontend/editor/suite.js).
    """

    def map(self, mapping: Mappable) -> "SuiteStep | None":
        """Map the place from its left side: text of others put there comes after."""
        at = mapping.map_result(self.from_, -1)
        if at.deleted_across:
            return None
        return SuiteStep(at.pos, at.pos, self.slice, self.structure)


# -- reading ---------------------------------------------------------------------------------------


def _integer(data: dict[str, Json], key: str) -> int:
    value = data.get(key)
    if type(value) is not int or value < 0:
        msg = f"Position illisible dans une modification\u202f: {quote(key)}."
        raise SchemaRefused(msg)
    return value


def _slice(data: Json) -> Slice:
    if data is None:
        return Slice.empty
    if not isinstance(data, dict) or not data.keys() <= {"content", "openStart", "openEnd"}:
        msg = "Contenu illisible dans une modification."
        raise SchemaRefused(msg)
    content = build_fragment(data.get("content"))
    opened = {"openStart": 0, "openEnd": 0}
    for key, child in (("openStart", "first_child"), ("openEnd", "last_child")):
        wanted = _integer(data, key) if key in data else 0
        node: Fragment | Node | None = content
        for _ in range(wanted):
            node = getattr(node, child)
            if node is None or node.is_leaf:  # type: ignore[union-attr]
                msg = "Contenu ouvert trop profondément dans une modification."
                raise SchemaRefused(msg)
        opened[key] = wanted
    return Slice(content, opened["openStart"], opened["openEnd"])


_KEYS: Final = {
    "replace": {"from", "to", "slice", "structure", "suite"},
    "replaceAround": {"from", "to", "gapFrom", "gapTo", "insert", "slice", "structure"},
    "addMark": {"from", "to", "mark"},
    "removeMark": {"from", "to", "mark"},
    "markSet": {"steps"},
    "addNodeMark": {"pos", "mark"},
    "removeNodeMark": {"pos", "mark"},
    "attr": {"pos", "attr", "value"},
}


def read_step(data: Json) -> Step:
    """Read one step from outside; its content is held to the same rules as a document.

    Raises SchemaRefused with a French sentence: unknown type or property, bad position, content
    unknown to the schema. Whether the step fits a document is only known when it is applied.

    >>> read_step({"stepType": "docAttr", "attr": "x", "value": 1})
    Traceback (most recent call last):
    ...
    wikimarche.domain.schema.SchemaRefused: Modification d’un genre inconnu\u202f: «\u202fdocAttr\u202f».
    """
    if not isinstance(data, dict):
        msg = "Modification illisible."
        raise SchemaRefused(msg)
    kind = data.get("stepType")
    keys = _KEYS.get(kind) if isinstance(kind, str) else None
    if keys is None:
        msg = f"Modification d’un genre inconnu\u202f: {quote(kind)}."
        raise SchemaRefused(msg)
    if not data.keys() <= keys | {"stepType"}:
        msg = "Propriété inconnue dans une modification."
        raise SchemaRefused(msg)
    if kind == "markSet":
        return _read_mark_set(data.get("steps"))
    if kind == "replaceAround":
        return _read_replace_around(data)
    if kind in {"addNodeMark", "removeNodeMark"}:
        node_kind = AddNodeMarkStep if kind == "addNodeMark" else RemoveNodeMarkStep
        return node_kind(_integer(data, "pos"), build_mark(data.get("mark")))
    if kind == "attr":
        name, value = data.get("attr"), data.get("value")
        if name not in ATTRIBUTE_NAMES or type(value) not in {str, int, type(None)}:
            msg = f"Attribut refusé dans une modification\u202f: {quote(name)}."
            raise SchemaRefused(msg)
        return AttrStep(_integer(data, "pos"), name, value)
    start, end = _integer(data, "from"), _integer(data, "to")
    if start > end:
        msg = "Positions inversées dans une modification."
        raise SchemaRefused(msg)
    if kind == "replace":
        suite = data.get("suite", False)
        if type(suite) is not bool or (suite and start != end):
            msg = "Suite de texte illisible dans une modification."
            raise SchemaRefused(msg)
        replace_kind = SuiteStep if suite else ReplaceStep
        return replace_kind(start, end, _slice(data.get("slice")), bool(data.get("structure")))
    mark_kind = AddMarkStep if kind == "addMark" else RemoveMarkStep
    return mark_kind(start, end, build_mark(data.get("mark")))


def _read_replace_around(data: dict[str, Json]) -> ReplaceAroundStep:
    start, end = _integer(data, "from"), _integer(data, "to")
    gap_from, gap_to = _integer(data, "gapFrom"), _integer(data, "gapTo")
    if not start <= gap_from <= gap_to <= end:
        msg = "Positions inversées dans une modification."
        raise SchemaRefused(msg)
    content = _slice(data.get("slice"))
    insert = _integer(data, "insert")
    if insert > content.size:
        msg = "Position illisible dans une modification."
        raise SchemaRefused(msg)
    structure = bool(data.get("structure"))
    return ReplaceAroundStep(start, end, gap_from, gap_to, content, insert, structure)


def _read_mark_set(data: Json, depth: int = 0) -> MarkSetStep:
    """Read mark steps sent as one, laid flat: npm writes sets inside sets (undo of a redo) that it cannot read."""
    if not isinstance(data, list) or len(data) > LIMITS["steps"] or depth > LIMITS["depth"]:
        msg = "Modification illisible."
        raise SchemaRefused(msg)
    steps: list[AddMarkStep | RemoveMarkStep] = []
    for item in data:
        if isinstance(item, dict) and item.get("stepType") == "markSet":
            steps.extend(_read_mark_set(item.get("steps"), depth + 1).steps)
            continue
        step = read_step(item)
        if not isinstance(step, AddMarkStep | RemoveMarkStep):
            msg = "Une modification groupée ne contient que des mises en forme."
            raise SchemaRefused(msg)
        steps.append(step)
    return MarkSetStep(steps)


def read_steps(data: Json) -> list[Step]:
    """Read the steps of a commit; at most LIMITS["steps"] of them. Raises SchemaRefused."""
    if not isinstance(data, list):
        msg = "Modifications illisibles."
        raise SchemaRefused(msg)
    if len(data) > LIMITS["steps"]:
        msg = f"Un envoi compte au plus {LIMITS['steps']} modifications."
        raise SchemaRefused(msg)
    return [read_step(item) for item in data]


def _read_map(data: Json) -> StepMap:
    """Read what a committed step moves, without building its content when that is text alone."""
    if data.get("stepType") == "replace":
        start, end, content = data["from"], data["to"], data.get("slice") or {}
        nodes = content.get("content") or ()
        if not content.get("openStart") and not content.get("openEnd"):
            texts = [node.get("text") for node in nodes]
            if all(texts):
                return StepMap([start, end - start, sum(map(text_length, texts))])
    return read_step(data).get_map()


def write_steps(steps: Iterable[Step]) -> list[Json]:
    """Write steps as JSON, slices included."""
    return [dict(step.to_json()) for step in steps]


def write_suite(steps: Iterable[Step]) -> list[Json]:
    """Write steps that are still to be placed: those that go on with a word say it."""
    return [
        {**step.to_json(), "suite": True} if isinstance(step, SuiteStep) else step.to_json()
        for step in steps
    ]


# -- applying --------------------------------------------------------------------------------------


def _apply(step: Step, doc: Node) -> Node | None:
    try:
        return step.apply(doc).doc
    except _FAILURES:
        return None


def _check_changed(old: Node, new: Node) -> None:
    """Check the blocks of the result that are not the very blocks of the old document.

    Never the slice of a ReplaceAroundStep: it is a wrapping with a hole, invalid by itself.
    """
    kept = {id(child) for child in old.content.content}
    for child in new.content.content:
        if id(child) not in kept:
            check_node(child)


def apply_steps(doc: Json, steps: Json) -> dict[str, Json]:
    """Apply steps to the very document they were made on, then check what changed.

    doc: a stored document. Returns the new document. Raises SchemaRefused if a step cannot be
    read, does not fit, or leaves a document that the schema does not allow.

    >>> doc = {"type": "doc", "content": [{"type": "paragraph", "attrs": {"id": "aaaaaaaa"}}]}
    >>> typed = {"stepType": "replace", "from": 1, "to": 1,
    ...          "slice": {"content": [{"type": "text", "text": "é"}]}}
    >>> apply_steps(doc, [typed])["content"][0]["content"]
    [{'type': 'text', 'text': 'é'}]
    """
    old = load_doc(doc)
    new = _apply_all(old, read_steps(steps))
    _check_changed(old, new)
    check_whole(new)
    return dump_doc(new)


def replay_steps(doc: Json, steps: Json) -> dict[str, Json]:
    """Apply steps that were already committed, without checking again. SchemaRefused if one fails."""
    return dump_doc(_apply_all(load_doc(doc), [read_step(step) for step in steps]))


def _apply_all(doc: Node, steps: Sequence[Step]) -> Node:
    for step in steps:
        after = _apply(step, doc)
        if after is None:
            msg = "Une modification ne correspond pas au texte sur lequel elle prétend porter."
            raise SchemaRefused(msg)
        doc = after
    return doc


# -- rebasing --------------------------------------------------------------------------------------


class _Insertions(Mappable):
    """Many insertions composed into one map, in the positions of the text before all of them.

    An insertion deletes nothing, so what is left to know of it is where it is and how long.
    """

    def __init__(self) -> None:
        self.places: list[int] = []
        self.sizes: list[int] = []
        self.shifts: list[int] = []

    def add(self, pos: int, size: int) -> None:
        """Compose with one more insertion, at a position of the text after those that are here."""
        at, shift = 0, 0
        for place, inserted in zip(self.places, self.sizes, strict=True):
            if pos <= place + shift + inserted:
                break
            at, shift = at + 1, shift + inserted
        place = pos - shift
        if at < len(self.places) and place >= self.places[at]:
            self.sizes[at] += size
        else:
            self.places.insert(at, place)
            self.sizes.insert(at, size)

    def map(self, pos: int, assoc: int = 1) -> int:
        at = bisect_left(self.places, pos) if assoc < 0 else bisect_right(self.places, pos)
        return pos + self.shifts[at]

    def map_result(self, pos: int, assoc: int = 1) -> MapResult:
        return MapResult(self.map(pos, assoc), 0, None)


@dataclass(frozen=True, slots=True)
class _Crossed:
    """A map of the pipeline: positions before start stay, those after end move by shift.

    simple: one range, read here. whole: what maps a position from start to end otherwise.
    """

    start: int
    end: int
    shift: int
    whole: "StepMap | _Insertions"
    simple: bool


_COMPOSED: Final = 64
"""Insertions composed into one map: composing costs its square, crossing its number once."""


def _crossed(step_map: StepMap) -> _Crossed:
    ranges = step_map.ranges
    if not ranges:
        return _Crossed(sys.maxsize, sys.maxsize, 0, step_map, simple=False)
    old, new = (2, 1) if step_map.inverted else (1, 2)
    shifts = [ranges[i + new] - ranges[i + old] for i in range(0, len(ranges), 3)]
    last = ranges[-3] - (sum(shifts[:-1]) if step_map.inverted else 0)
    # An inverted map is written in the positions of the other side.
    return _Crossed(
        ranges[0], last + ranges[old - 3], sum(shifts), step_map, simple=len(ranges) == 3
    )


def _compose(maps: Iterable[StepMap]) -> list[_Crossed]:
    """Compose the runs of insertions; any other map stays alone. Nothing here may be mirrored."""
    composed: list[_Crossed] = []
    run: _Insertions | None = None

    def close() -> None:
        if run is not None:
            run.shifts = [0, *accumulate(run.sizes)]
            composed.append(
                _Crossed(run.places[0], run.places[-1], run.shifts[-1], run, simple=False)
            )

    for step_map in maps:
        ranges = step_map.ranges
        if len(ranges) == 3 and not ranges[1] and not step_map.inverted:
            if run is not None and len(run.places) >= _COMPOSED:
                close()
                run = None
            run = run or _Insertions()
            run.add(ranges[0], ranges[2])
        elif ranges:
            close()
            run = None
            composed.append(_crossed(step_map))
    close()
    return composed


class _Pipeline(Mappable):
    """The maps a step crosses: undo ours, do theirs, redo ours. Mirrors give back deleted positions.

    Same result as the Mapping of prosemirror-transform. Each of 500 steps crosses 2 500 maps: those
    of others are composed, and what a map of one range does is written out in the loop.
    """

    def __init__(self, undone: Iterable[StepMap], over: Iterable[StepMap]) -> None:
        self.maps = [*map(_crossed, undone), *_compose(over)]
        self.mirrors: dict[int, int] = {}
        self.start = 0

    def append(self, step_map: StepMap, mirror: int) -> None:
        """Add the map of a step put back, which the map at `mirror` undid."""
        self.mirrors[mirror] = len(self.maps)
        self.maps.append(_crossed(step_map))

    def map(self, pos: int, assoc: int = 1) -> int:
        return self.map_result(pos, assoc).pos

    def map_result(self, pos: int, assoc: int = 1) -> MapResult:
        maps, deleted, i, stop = self.maps, 0, self.start, len(self.maps)
        while i < stop:
            crossed = maps[i]
            start = crossed.start
            if pos > crossed.end:
                pos += crossed.shift
            elif pos >= start:
                if crossed.simple:
                    end = crossed.end
                    if pos != (start if assoc < 0 else end):
                        mirror = self.mirrors.get(i, stop)
                        if mirror < stop:
                            pos, i = maps[mirror].start + pos - start, mirror + 1
                            continue
                        deleted |= DEL_SIDE
                    side = assoc
                    if start == end:
                        pass
                    elif pos == start:
                        deleted, side = deleted | DEL_AFTER, -1
                    elif pos == end:
                        deleted, side = deleted | DEL_BEFORE, 1
                    else:
                        deleted |= DEL_ACROSS
                    pos = start if side < 0 else end + crossed.shift
                else:
                    result = crossed.whole.map_result(pos, assoc)
                    if result.recover is not None:
                        mirror = self.mirrors.get(i, stop)
                        whole = maps[mirror].whole if mirror < stop else None
                        if isinstance(whole, StepMap):
                            pos, i = whole.recover(result.recover), mirror + 1
                            continue
                    deleted |= result.del_info
                    pos = result.pos
            i += 1
        return MapResult(pos, deleted, None)


def _rebase(
    doc: Node, steps: Sequence[Step], over: Iterable[StepMap]
) -> tuple[Node, list[Step], list[int]]:
    """Carry steps over the maps of the steps of others, onto doc (the document after them).

    Same result as rebaseSteps of prosemirror-collab, but for SuiteStep. A step is dropped when its range is gone,
    when it no longer fits, or when it would leave a block that the schema does not allow.
    """
    count = len(steps)
    undone = [step.get_map().invert() for step in reversed(steps)]
    pipeline = _Pipeline(undone, over)
    done: list[Step] = []
    dropped: list[int] = []
    for i, step in enumerate(steps):
        pipeline.start = count - i
        mapped = step.map(pipeline)
        after = None if mapped is None else _apply(mapped, doc)
        if after is not None:
            try:
                _check_changed(doc, after)
            except SchemaRefused:
                after = None
        if mapped is None or after is None:
            dropped.append(i)
            continue
        pipeline.append(mapped.get_map(), mirror=count - i - 1)
        done.append(mapped)
        doc = after
    return doc, done, dropped


def rebase_steps(steps: Json, over: Json, doc: Json) -> tuple[list[Json], list[int]]:
    """Rebase our steps over the steps of others, on the server.

    steps: ours, made on the document before over. over: theirs, in order. doc: the document after
    them. Returns our steps as they now read, and the places in ours of those that were dropped.
    """
    _doc, done, dropped = _rebase(load_doc(doc), read_steps(steps), map(_read_map, over))
    return write_steps(done), dropped


def carry_steps(
    steps: Json, *, sent: Json, over: Json, placed: Json, dropped: Iterable[int]
) -> tuple[list[Json], list[int]]:
    """Carry steps typed after a commit whose answer the browser has not seen, onto what it became.

    steps: typed on the document after sent. sent: the commit as it was sent. over: steps of others that
    came before it. placed, dropped: what it became. Maps alone are used, no document. Returns
    the steps, to apply after placed, and the places of those whose range is gone. The browser has the
    same (mapWithoutDoc in frontend/editor/rebase.js).
    """
    read = read_steps(sent)
    first = len(read)
    read += read_steps(steps)
    count = len(read)
    pipeline = _Pipeline([step.get_map().invert() for step in reversed(read)], map(_read_map, over))
    lost = set(dropped)
    kept = [place for place in range(first) if place not in lost]
    for k, step in enumerate(placed):
        # What follows the steps put back are repairs, which mirror nothing.
        if k < len(kept) <= len(placed):
            pipeline.append(_read_map(step), mirror=count - 1 - kept[k])
        else:
            pipeline.maps.append(_crossed(_read_map(step)))
    done: list[Step] = []
    gone: list[int] = []
    for i in range(first, count):
        pipeline.start = count - i
        mapped = read[i].map(pipeline)
        if mapped is None:
            gone.append(i - first)
        else:
            pipeline.append(mapped.get_map(), mirror=count - 1 - i)
            done.append(mapped)
    return write_suite(done), gone


def commit_steps(doc: Json, steps: Json, over: Json = (), *, seed: str) -> Committed:
    """Do everything the authority does to a commit: rebase, apply, check, repair.

    doc: the stored document, after over. steps: as the author sent them. over: the steps committed
    since the author's base. seed: the identifier of the commit, from which new block identifiers
    are drawn, so that the same commit always gives the same result.
    Raises SchemaRefused when the commit is wrong in itself. A step that only lost its place to
    the steps of others is dropped and listed, never refused.
    """
    old = load_doc(doc)
    read = read_steps(steps)
    dropped: list[int] = []
    if over:
        new, done, dropped = _rebase(old, read, map(_read_map, over))
    else:
        new, done = _apply_all(old, read), list(read)
        _check_changed(old, new)
    new, repairs = repair(new, seed=seed)
    check_whole(new, before=old.content.size)
    return Committed(dump_doc(new), write_steps([*done, *repairs]), tuple(dropped))


# -- repairing -------------------------------------------------------------------------------------


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
    return _apply_all(_set_ids(doc, ids), spans), steps


def _set_ids(node: Node, ids: Mapping[int, str | None], pos: int = 0) -> Node:
    """Give blocks their identifiers, all in one pass: a step each would copy the document each time.

    ids: by position; pos: where the content of the node begins.
    """
    if not ids:
        return node
    children = []
    for child in node.content.content:
        kept = child
        if child.type.is_block and not child.type.inline_content:
            kept = _set_ids(child, ids, pos + 1)
        if pos in ids:
            kept = Node(kept.type, {**kept.attrs, "id": ids[pos]}, kept.content, kept.marks)
        children.append(kept)
        pos += child.node_size
    return node.copy(Fragment.from_array(children))


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
    named = {pos: None for pos, block in iter_blocks(root) if block.attrs.get("id")}
    return dump_doc(repair(_set_ids(root, named), seed=seed)[0])


# -- rights ----------------------------------------------------------------------------------------


def _comment_marks(step: Step) -> list[str] | None:
    """List the threads a step anchors or releases; None when it does anything else."""
    if isinstance(step, MarkSetStep):
        found: list[str] = []
        for inner in step.steps:
            threads = _comment_marks(inner)
            if threads is None:
                return None
            found.extend(threads)
        return found
    marking = AddMarkStep | RemoveMarkStep | AddNodeMarkStep | RemoveNodeMarkStep
    if isinstance(step, marking) and step.mark.type.name == COMMENT:
        return [str(step.mark.attrs["fil"])]
    return None


def check_rights_of_steps(steps: Json, *, may_edit: bool, may_comment: bool) -> None:
    """Check the right of each step: a step that only moves comment marks asks for commenting, any other for editing.

    steps: as sent. Raises StepForbidden at the first step beyond the right, SchemaRefused when a
    step cannot be read. An editor who pastes commented text moves its anchors: that is editing.
    """
    for index, step in enumerate(read_steps(steps)):
        if _comment_marks(step) is not None:
            if not may_comment:
                raise StepForbidden(index, "Vous ne pouvez pas commenter cet article.")
        elif not may_edit:
            sentence = "Vous pouvez commenter cet article, pas en modifier le texte."
            if not may_comment:
                sentence = "Vous ne pouvez pas modifier cet article."
            raise StepForbidden(index, sentence)


# -- writing content -------------------------------------------------------------------------------


def steps_between(old: Json, new: Json) -> list[Json]:
    """Give steps that turn the stored document old into new: for restore, import, clause update.

    Blocks equal but for their comments are left alone, so anchors survive a restore. A changed
    block of the same kind is replaced from its first to its last difference.
    Raises SchemaRefused if new is not a valid document.
    """
    before, after = load_doc(old), load_doc(new)
    keys = [[_block_key(child) for child in doc.content.content] for doc in (before, after)]
    starts = [0]
    for child in before.content.content:
        starts.append(starts[-1] + child.node_size)
    steps: list[Step] = []
    for tag, i, j, k, n in reversed(opcodes(keys[0], keys[1])):
        if tag == "equal":
            continue
        blocks = after.content.content[k:n]
        if j - i == n - k == 1 and before.child(i).type.inline_content:
            inner = _inner_steps(before.child(i), blocks[0], starts[i])
            if inner is not None:
                steps.extend(inner)
                continue
        steps.append(ReplaceStep(starts[i], starts[j], Slice(Fragment.from_array(blocks), 0, 0)))
    check_whole(_apply_all(before, steps), before=before.content.size)
    return write_steps(steps)


def _block_key(block: Node) -> str:
    return repr(_without_comments(dump_doc(block)))


def _without_comments(data: Json) -> Json:
    """Copy a JSON node without comment marks, joining the texts they had cut."""
    copy = dict(data)
    if "marks" in copy:
        copy["marks"] = [mark for mark in copy["marks"] if mark["type"] != COMMENT]
        if not copy["marks"]:
            del copy["marks"]
    if "content" in copy:
        children: list[Json] = []
        for child in (_without_comments(item) for item in copy["content"]):
            last = children[-1] if children else None
            if last and "text" in child and "text" in last and _same_marks(child, last):
                children[-1] = {**last, "text": last["text"] + child["text"]}
            else:
                children.append(child)
        copy["content"] = children
    return copy


def _same_marks(a: Json, b: Json) -> bool:
    return bool(a.get("marks") == b.get("marks"))


def _inner_steps(old: Node, new: Node, pos: int) -> list[Step] | None:
    """Replace only what differs inside a text block of unchanged kind; None when the kind changed."""
    if old.type is not new.type or old.attrs != new.attrs:
        return None
    start = old.content.find_diff_start(new.content)
    end = old.content.find_diff_end(new.content)
    if start is None or end is None:
        return []
    to, new_to = end["a"], end["b"]
    overlap = start - min(to, new_to)
    if overlap > 0:
        to, new_to = to + overlap, new_to + overlap
    try:
        content = new.content.cut(start, new_to)
        step = ReplaceStep(pos + 1 + start, pos + 1 + to, Slice(content, 0, 0))
        step.get_map()
        old.content.cut(start, to)
    except UnicodeError:  # the difference falls inside an astral character: replace the block
        return None
    return [step]
