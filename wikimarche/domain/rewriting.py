"""Steps that turn one stored document into another: for restore, import, clause update."""

from prosemirror.model import Fragment, Node, Slice
from prosemirror.transform import ReplaceStep, Step

from wikimarche.domain.alignment import opcodes
from wikimarche.domain.schema import Json, check_whole, dump_doc, load_doc
from wikimarche.domain.steps import COMMENT, apply_all, replay_steps, write_steps


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
    check_whole(apply_all(before, steps), before=before.content.size)
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


def rewrite(old: Json, new: Json) -> tuple[dict[str, Json], list[Json]]:
    """Turn old into new by steps, and give what they make with them: new, with the anchors old has today.

    What is stored and what open pages are told is then one text. Raises SchemaRefused as steps_between.
    """
    steps = steps_between(old, new)
    return replay_steps(old, steps), steps


def _inner_steps(old: Node, new: Node, pos: int) -> list[Step] | None:
    """Replace only what differs inside a text block of unchanged kind; None when the kind changed.

    Comments count for nothing: words that stay keep theirs.
    """
    if old.type is not new.type or old.attrs != new.attrs:
        return None
    bare = load_doc(_without_comments(dump_doc(old)))
    new = load_doc(_without_comments(dump_doc(new)))
    start = bare.content.find_diff_start(new.content)
    end = bare.content.find_diff_end(new.content)
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
