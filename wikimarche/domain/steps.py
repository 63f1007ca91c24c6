"""The steps of an article: read, check, apply and write them.

Everything is JSON in and JSON out, in the form of prosemirror-transform 1.12.6. Positions count
UTF-16 units, as the browser does. Nothing here knows who writes or where it is stored.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from prosemirror.model import Fragment, Node, Slice
from prosemirror.transform import (
    AddMarkStep,
    AddNodeMarkStep,
    AttrStep,
    RemoveMarkStep,
    RemoveNodeMarkStep,
    ReplaceAroundStep,
    ReplaceStep,
    Step,
    StepMap,
)
from prosemirror.transform.map import Mappable
from prosemirror.utils import text_length

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
    load_doc,
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

POINTERS: Final = frozenset({"article", "chemin", "fichier"})
"""Attributes that name something else: whoever checks what a node names looks at nodes."""

COMMENT: Final = "comment"
"""The mark a commentateur may add and remove, and nothing else."""


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
        if name not in ATTRIBUTE_NAMES - POINTERS or type(value) not in {str, int, type(None)}:
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


def read_map(data: Json) -> StepMap:
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


def apply_step(step: Step, doc: Node) -> Node | None:
    """Apply one step. Returns None when it does not fit, as npm does."""
    try:
        return step.apply(doc).doc
    except _FAILURES:
        return None


def check_changed(old: Node, new: Node) -> None:
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
    new = apply_all(old, read_steps(steps))
    check_changed(old, new)
    check_whole(new)
    return dump_doc(new)


def replay_steps(doc: Json, steps: Json) -> dict[str, Json]:
    """Apply steps that were already committed, without checking again. SchemaRefused if one fails."""
    return dump_doc(apply_all(load_doc(doc), [read_step(step) for step in steps]))


def apply_all(doc: Node, steps: Sequence[Step]) -> Node:
    """Apply steps in order. Raises SchemaRefused at the first that does not fit."""
    for step in steps:
        after = apply_step(step, doc)
        if after is None:
            msg = "Une modification ne correspond pas au texte sur lequel elle prétend porter."
            raise SchemaRefused(msg)
        doc = after
    return doc
