"""recording(): the one way to change a protected row.

Change, version and journal row share a transaction; the database refuses the commit otherwise.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import reversion
from django.core import serializers
from django.db import connection, transaction
from django.db.models import Model

from procurement.audit import registry
from procurement.audit.domain.canonique import canonical_json
from procurement.audit.services.events import actor_label, describe_actor


class RecordingError(Exception):
    """A recording that cannot be kept: nothing of its transaction is committed."""


@dataclass(frozen=True)
class Frame:
    """What one recording() says; nested ones share the transaction but keep their own words."""

    tag: str
    obj: Model
    old: object
    details: Mapping[str, object]


@dataclass
class Captured:
    """An object written inside the block, and the words that go with it."""

    instance: Model
    frame: Frame
    details: dict[str, object] = field(default_factory=dict)


class Recording:
    """One block: opened by recording(), written to the journal when it closes."""

    def __init__(self, by: Any, operation: UUID) -> None:
        self.by = by
        self.operation = operation
        self.frames: list[Frame] = []
        self.captured: dict[str, Captured] = {}
        self.has_meta = False
        self.written: list[tuple[str, UUID, int]] = []
        """(objet, chain, seq) of each row written, once the block is closed."""

    def add_meta(self, model: type[Model], **fields: object) -> None:
        """Add a row whose column revision points to the revision of this block."""
        self.has_meta = True
        reversion.add_meta(model, **fields)

    def add_version(self, *objs: Model) -> None:
        """Keep the state of objects that no save() announced: bulk_create, bulk_update, update().

        The objects must say what the rows say, or the commit is refused.
        """
        for obj in objs:
            self.capture(obj)
            reversion.add_to_revision(obj)

    def touch(self, obj: Model, **details: object) -> None:
        """Journal an object that is not versioned, or say more about one that is."""
        self.capture(obj, **details)

    def capture(self, obj: Model, **details: object) -> None:
        """Remember an instance as it stands; the last one seen is the one recorded."""
        key = object_label(obj)
        before = self.captured.get(key)
        self.captured[key] = Captured(
            obj, self.frames[-1], (before.details if before else {}) | details
        )

    def write(self, revision: Any = None, versions: Sequence[Any] = ()) -> None:
        """Append one journal row per version, and per captured object without version."""
        todo: dict[str, tuple[Model, Any]] = {}
        for version in versions:
            model = version.content_type.model_class()
            key = f"{model._meta.db_table}:{version.object_id}"
            seen = self.captured.get(key)
            todo[key] = (seen.instance if seen else version._object_version.object, version)  # noqa: SLF001 - reversion's only access to the unsaved instance
        for key, seen in self.captured.items():
            todo.setdefault(key, (seen.instance, None))
        if todo:
            self._append(revision, todo)
        self.captured.clear()

    def _append(self, revision: Any, todo: Mapping[str, tuple[Model, Any]]) -> None:
        main = self.frames[0]
        subject = object_label(main.obj)
        spokesman = subject if subject in todo else next(iter(todo))
        actor = describe_actor(self.by)
        rows: list[list[object]] = [[], [], [], [], [], [], []]
        for key, (instance, version) in todo.items():
            protection = registry.protections.get(type(instance))
            if protection is None:
                raise RecordingError(f"{type(instance)._meta.label} is not protected.")
            captured = self.captured.get(key) or Captured(instance, main)
            corps = self._body(captured, instance, version, revision, protection, actor)
            if key == spokesman != subject:
                corps["sujet"] = subject
                corps["details"] = {**main.details, **corps["details"]}
            row = (
                protection.chain(instance),
                actor_label(self.by, captured.frame.tag),
                captured.frame.tag,
                key,
                self.operation,
                version.pk if version else None,
                canonical_json(corps),
            )
            for column, value in zip(rows, row, strict=True):
                column.append(value)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT public.journal_ajouter_lot(%s::uuid[], %s::text[], %s::text[], %s::text[],"
                " %s::uuid[], %s::bigint[], %s::text[])",
                rows,
            )
            numbers = cursor.fetchone()[0]
        self.written += [
            (str(key), chain, seq)  # type: ignore[misc]
            for key, chain, seq in zip(rows[3], rows[0], numbers, strict=True)
        ]

    def _body(
        self,
        captured: Captured,
        instance: Model,
        version: Any,
        revision: Any,
        protection: registry.Protection,
        actor: Mapping[str, object],
    ) -> dict[str, Any]:
        frame = captured.frame
        about_it = frame.obj is instance or frame.obj.pk == instance.pk
        corps: dict[str, Any] = {
            "acteur": actor,
            "libelle": version.object_repr if version else str(instance),
            "details": {**(frame.details if about_it else {}), **captured.details},
        }
        if about_it and frame.old is not None:
            corps["avant"] = frame.old
        if version:
            corps["revision"] = {"id": revision.pk, "date": revision.date_created}
        elif not protection.versioned:
            corps["etat"] = row_state(instance, protection)
        return corps


_current: ContextVar[Recording | None] = ContextVar("recording", default=None)


def current_recording() -> Recording | None:
    """The block being recorded in this thread or task, if any."""
    return _current.get()


def object_label(obj: Model) -> str:
    """Name of a row in the journal: table:pk."""
    return f"{obj._meta.db_table}:{obj.pk}"


def row_state(obj: Model, protection: registry.Protection) -> dict[str, object]:
    """Declared columns of a row without version, printed as versions are."""
    text = serializers.serialize("json", [obj], fields=list(protection.columns.values()))
    fields = json.loads(text)[0]["fields"]
    return {column: fields[name] for column, name in protection.columns.items()}


@contextmanager
def recording(
    *,
    by: Any,
    tag: str,
    obj: Model,
    old: object = None,
    details: Mapping[str, object] | None = None,
    operation: UUID | None = None,
) -> Iterator[Recording]:
    """Change protected rows: their versions and journal rows are written when the block closes.

    by: the person, None for a process. tag: stable words, app:noun:verb-ed. obj: what the act is
    about; details and old (the state before) go to its row. A block in which nothing changed
    writes nothing. Nested blocks join the outer one: one transaction, one revision, one operation,
    each with its own tag.
    Raises RecordingError when the transaction was broken inside the block.
    """
    frame = Frame(tag, obj, old, details or {})
    outer = _current.get()
    if outer is not None:
        outer.frames.append(frame)
        try:
            # Without savepoint: an error inside undoes the whole block, never half of it.
            with transaction.atomic(savepoint=False):
                yield outer
        finally:
            outer.frames.pop()
        return
    block = Recording(by, operation or uuid.uuid4())
    block.frames.append(frame)
    token = _current.set(block)
    try:
        with transaction.atomic():
            with reversion.create_revision(atomic=False):
                if by is not None:
                    reversion.set_user(by)
                reversion.set_comment(str(block.operation))
                yield block
            if transaction.get_rollback():
                raise RecordingError("An error was swallowed inside the recording.")
            if block.has_meta and not block.written:
                raise RecordingError("add_meta() needs at least one version in the block.")
            if block.captured:
                block.write()
    finally:
        _current.reset(token)
