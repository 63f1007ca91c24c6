"""What the step authority does with a commit: check its rights, rebase, apply, check, repair.

Nothing here knows who writes or where it is stored.
"""

from dataclasses import dataclass

from prosemirror.transform import (
    AddMarkStep,
    AddNodeMarkStep,
    RemoveMarkStep,
    RemoveNodeMarkStep,
    Step,
)

from wikimarche.domain.port import MarkSetStep
from wikimarche.domain.rebase import rebase
from wikimarche.domain.repair import repair
from wikimarche.domain.schema import Json, check_whole, dump_doc, load_doc
from wikimarche.domain.steps import (
    COMMENT,
    apply_all,
    check_changed,
    read_map,
    read_steps,
    write_steps,
)


FOR_WRITERS = "Il faut être éditeur ou gestionnaire pour écrire dans un article."


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
        new, done, dropped = rebase(old, read, map(read_map, over))
    else:
        new, done = apply_all(old, read), list(read)
        check_changed(old, new)
    new, repairs = repair(new, seed=seed)
    check_whole(new, before=old.content.size)
    return Committed(dump_doc(new), write_steps([*done, *repairs]), tuple(dropped))


def _comment_marks(step: Step) -> list[str] | None:
    """List the threads a step anchors or releases; None when it does anything else."""
    if isinstance(step, MarkSetStep):
        found: list[str] = []
        for inner in step.steps:
            threads = _comment_marks(inner)
            if threads is None:
                return None
            found.extend(threads)
        # A set of nothing moves no mark: it would be a version that says nothing.
        return found or None
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
            raise StepForbidden(index, FOR_WRITERS)
