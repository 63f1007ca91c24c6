"""What the Python port of ProseMirror 0.6.1 lacks beside prosemirror-transform 1.12.6 and -model 1.25.13.

Importing this module corrects the port in place, once. It must hold nothing else: when the port
catches up, this file is deleted. Every correction is compared with the real packages by the
cross fuzz (frontend/fuzz).
"""

from collections.abc import Sequence
from importlib import metadata
from typing import Any

from prosemirror.model import Fragment, Mark, Node, ReplaceError, Slice, replace as model_replace
from prosemirror.model.node import TextNode
from prosemirror.model.resolvedpos import ResolvedPos
from prosemirror.transform import (
    AddMarkStep,
    MapResult,
    RemoveMarkStep,
    ReplaceAroundStep,
    ReplaceStep,
    Step,
    StepMap,
    StepResult,
)
from prosemirror.transform.map import (
    DEL_ACROSS,
    DEL_AFTER,
    DEL_BEFORE,
    DEL_SIDE,
    Mappable,
    make_recover,
)
from prosemirror.transform.step import STEPS_BY_ID, step_json_id
from prosemirror.utils import text_length


PORT_VERSION = "0.6.1"
"""The only version of the port these corrections were written and fuzzed against."""

if metadata.version("prosemirror") != PORT_VERSION:
    msg = f"wikimarche.domain.port corrects prosemirror {PORT_VERSION} only: read it again before changing the version."
    raise ImportError(msg)


# -- model -----------------------------------------------------------------------------------------


def _resolve(self: Node, pos: int) -> ResolvedPos:
    """Resolve without the port's cache: it keeps each document alive for ever (a path holds its own key)."""
    return ResolvedPos.resolve(self, pos)


def _text_size(self: TextNode) -> int:
    """UTF-16 units of the text, counted once per node (the port encodes the text at each call)."""
    size: int | None = self.__dict__.get("_utf16")
    if size is None:
        size = len(self.text) if self.text.isascii() else text_length(self.text)
        self.__dict__["_utf16"] = size
    return size


def _close(node: Node, content: Fragment) -> Node:
    """Refuse bad content with ReplaceError, so that a step fails instead of crashing (model 1.25.9)."""
    if not node.type.valid_content(content):
        msg = f"Invalid content for node {node.type.name}"
        raise ReplaceError(msg)
    return node.copy(content)


def _insert_into(
    content: Fragment,
    dist: int,
    insert: Fragment,
    open_start: int,
    open_end: int,
    parent: Node | None = None,
) -> Fragment | None:
    """Insert at a distance; nodes left open by the slice are not checked (model 1.25)."""
    found = content.find_index(dist)
    index, offset = found["index"], found["offset"]
    child = content.maybe_child(index)
    if offset == dist or child is None or child.is_text:
        closed = open_start <= 0 and open_end <= 0
        if parent and closed and not parent.can_replace(index, index, insert):
            return None
        return content.cut(0, dist).append(insert).append(content.cut(dist))
    inner = _insert_into(
        child.content,
        dist - offset - 1,
        insert,
        open_start - 1 if index == 0 else 0,
        open_end - 1 if index == content.child_count - 1 else 0,
        child,
    )
    return content.replace_child(index, child.copy(inner)) if inner else None


def _insert_at(self: Slice, pos: int, fragment: Fragment) -> Slice | None:
    content = _insert_into(
        self.content, pos + self.open_start, fragment, self.open_start + 1, self.open_end + 1
    )
    return Slice(content, self.open_start, self.open_end) if content else None


# -- maps ------------------------------------------------------------------------------------------


def _map_position(self: StepMap, pos: int, assoc: int, simple: bool) -> MapResult | int:
    """Map one position; an insertion sets no deletion flag (transform 1.12.2)."""
    diff = 0
    ranges, inverted = self.ranges, self.inverted
    old_index, new_index = (2, 1) if inverted else (1, 2)
    for i in range(0, len(ranges), 3):
        start = ranges[i] - (diff if inverted else 0)
        if start > pos:
            break
        old_size, new_size = ranges[i + old_index], ranges[i + new_index]
        end = start + old_size
        if pos <= end:
            if not old_size:
                side = assoc
            elif pos == start:
                side = -1
            else:
                side = 1 if pos == end else assoc
            result = start + diff + (0 if side < 0 else new_size)
            if simple:
                return result
            recover = (
                None if pos == (start if assoc < 0 else end) else make_recover(i // 3, pos - start)
            )
            deleted = 0
            if old_size:
                deleted = DEL_BEFORE if pos == end else DEL_ACROSS
                if pos == start:
                    deleted = DEL_AFTER
                if pos != (start if assoc < 0 else end):
                    deleted |= DEL_SIDE
            return MapResult(result, deleted, recover)
        diff += new_size - old_size
    return pos + diff if simple else MapResult(pos + diff, 0, None)


def _map_replace(self: ReplaceStep, mapping: Mappable) -> ReplaceStep | None:
    end = mapping.map_result(self.to, -1)
    start = mapping.map_result(self.from_, 1)
    if start.deleted_across and end.deleted_across:
        return None
    return ReplaceStep(start.pos, max(start.pos, end.pos), self.slice, self.structure)


def _map_replace_around(self: ReplaceAroundStep, mapping: Mappable) -> ReplaceAroundStep | None:
    start, end = mapping.map_result(self.from_, 1), mapping.map_result(self.to, -1)
    gap_from = start.pos if self.from_ == self.gap_from else mapping.map(self.gap_from, -1)
    gap_to = end.pos if self.to == self.gap_to else mapping.map(self.gap_to, 1)
    if start.deleted_across and end.deleted_across:
        return None
    if gap_from < start.pos or gap_to > end.pos or gap_from > gap_to:
        return None
    return ReplaceAroundStep(
        start.pos, end.pos, gap_from, gap_to, self.slice, self.insert, self.structure
    )


# -- marks -----------------------------------------------------------------------------------------


def _map_mark(self: AddMarkStep | RemoveMarkStep, mapping: Mappable) -> Step | None:
    start, end = mapping.map(self.from_, 1), mapping.map(self.to, -1)
    return None if start >= end else type(self)(start, end, self.mark)


def _push(
    steps: list[AddMarkStep | RemoveMarkStep],
    kind: type[AddMarkStep] | type[RemoveMarkStep],
    start: int,
    end: int,
    mark: Mark,
) -> None:
    last = steps[-1] if steps else None
    if isinstance(last, kind) and last.to == start and last.mark.eq(mark):
        steps[-1] = kind(last.from_, end, mark)
    else:
        steps.append(kind(start, end, mark))


def _invert_add(self: AddMarkStep, doc: Node) -> Step:
    steps: list[AddMarkStep | RemoveMarkStep] = []

    def visit(node: Node, pos: int, _parent: Node | None, _index: int) -> None:
        if not (node.is_inline and node.is_atom):
            return
        added = self.mark.add_to_set(node.marks)
        if Mark.same_set(added, node.marks):
            return
        start, end = max(self.from_, pos), min(self.to, pos + node.node_size)
        _push(steps, RemoveMarkStep, start, end, self.mark)
        for mark in node.marks:
            if not mark.is_in_set(added):
                _push(steps, AddMarkStep, start, end, mark)

    doc.nodes_between(self.from_, self.to, visit)
    return steps[0] if len(steps) == 1 else MarkSetStep(steps)


def _invert_remove(self: RemoveMarkStep, doc: Node) -> Step:
    steps: list[AddMarkStep | RemoveMarkStep] = []

    def visit(node: Node, pos: int, _parent: Node | None, _index: int) -> None:
        if node.is_inline and self.mark.is_in_set(node.marks):
            start, end = max(self.from_, pos), min(self.to, pos + node.node_size)
            _push(steps, AddMarkStep, start, end, self.mark)

    doc.nodes_between(self.from_, self.to, visit)
    return steps[0] if len(steps) == 1 else MarkSetStep(steps)


class MarkSetStep(Step):
    """Several mark steps as one: what undoing a mark emits since transform 1.12.3, unknown to the port."""

    def __init__(self, steps: Sequence[Any]) -> None:
        self.steps = list(steps)

    def apply(self, doc: Node) -> StepResult:
        """Apply each step in turn; the first failure fails the whole."""
        for step in self.steps:
            result: StepResult = step.apply(doc)
            if result.doc is None:
                return result
            doc = result.doc
        return StepResult.ok(doc)

    def invert(self, doc: Node) -> "MarkSetStep":
        """Invert each step against the document before, as npm does."""
        inverted: list[Any] = [step.invert(doc) for step in self.steps]
        return MarkSetStep(inverted)

    def map(self, mapping: Mappable) -> "MarkSetStep | None":
        """Keep the steps that still have a range; None when none has."""
        mapped: list[Any] = [m for step in self.steps if (m := step.map(mapping)) is not None]
        return MarkSetStep(mapped) if mapped else None

    def to_json(self) -> Any:
        """Shape: {"stepType": "markSet", "steps": [addMark or removeMark…]}, always flat: npm reads no other."""
        flat: list[Any] = []
        for step in self.steps:
            data: Any = step.to_json()
            flat.extend(data["steps"] if isinstance(step, MarkSetStep) else [data])
        return {"stepType": "markSet", "steps": flat}


# -- installation ----------------------------------------------------------------------------------


def _install() -> None:
    """Put the corrections in the port. Attribute names are the port's own: setattr keeps types quiet."""
    corrections: list[tuple[Any, str, Any]] = [
        (Node, "resolve", _resolve),
        (TextNode, "node_size", property(_text_size)),
        (model_replace, "close", _close),
        (Slice, "insert_at", _insert_at),
        (StepMap, "_map", _map_position),
        (ReplaceStep, "map", _map_replace),
        (ReplaceAroundStep, "map", _map_replace_around),
        (AddMarkStep, "map", _map_mark),
        (RemoveMarkStep, "map", _map_mark),
        (AddMarkStep, "invert", _invert_add),
        (RemoveMarkStep, "invert", _invert_remove),
    ]
    for owner, name, correction in corrections:
        setattr(owner, name, correction)
    if "markSet" not in STEPS_BY_ID:
        step_json_id("markSet", MarkSetStep)


_install()
