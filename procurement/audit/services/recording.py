"""recording(): the one way to change a protected row.

Change, version and journal row share a transaction; the database refuses the commit otherwise.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from procurement.audit import registry
from procurement.audit.domain.canonique import canonical_json
from procurement.audit.querysets import Prepared
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
    """An object written inside the block, and the words that go with it.

    serialized: its fields as they were at the last save; empty when it gets no version.
    """

    instance: Model
    frame: Frame
    serialized: str = ""
    details: dict[str, object] = field(default_factory=dict)


class Recording:
    """One block: opened by recording(), written to the journal when it closes."""

    def __init__(self, by: Any, operation: UUID) -> None:
        self.by = by
        self.operation = operation
        self.date = timezone.now()
        self.frames: list[Frame] = []
        self.captured: dict[str, Captured] = {}
        self.followers: list[tuple[str, tuple[Any, ...]]] = []
        self.revision_id: int | None = None
        """Revision of the versions, once the block is closed."""
        self.written: list[tuple[str, UUID, int]] = []
        """(objet, chain, seq) of each row written, once the block is closed."""

    def then(self, function: str, *args: Any) -> None:
        """Call a function of the database with the revision and these arguments, once it is written.

        In the same round trip: for rows of one's own that point to the revision. Where the block
        makes no version, the revision holds none.
        """
        self.followers.append((function, args))

    def add_version(self, *objs: Model) -> None:
        """Keep the state of objects that no save() announced: bulk_create, bulk_update, update().

        The objects must say what the rows say, or the commit is refused.
        """
        for obj in objs:
            self.keep(obj)

    def touch(self, obj: Model, **details: object) -> None:
        """Journal an object that is not versioned, or say more about one that is."""
        known = self.captured.get(object_label(obj))
        if known is None:
            known = self.captured[object_label(obj)] = Captured(obj, self.frames[-1])
        known.details |= details
        if not _protection(obj).versioned:
            known.instance = obj

    def keep(self, obj: Model) -> None:
        """Keep the state of an object as it stands now; the last one kept is the one recorded."""
        protection = _protection(obj)
        serialized = serialize(obj, protection.fields) if protection.versioned else ""
        known = self.captured.get(object_label(obj))
        self.captured[object_label(obj)] = Captured(
            obj, self.frames[-1], serialized, known.details if known else {}
        )

    def write(self) -> None:
        """Write the revision, the versions, the journal rows and what follows, in one round trip.

        They go to the tables of django-reversion, in its format; its own writing costs three more
        round trips and a millisecond, and takes the web clock for the journal's.
        """
        if self.followers and not self.captured:
            raise RecordingError("then() needs at least one entry in the block.")
        if not self.captured:
            return
        # What follows without a version still points to a revision: one that holds none.
        kept = self.followers or any(seen.serialized for seen in self.captured.values())
        main = self.frames[0]
        subject = object_label(main.obj)
        spokesman = subject if subject in self.captured else next(iter(self.captured))
        actor = describe_actor(self.by)
        rows: list[tuple[object, ...]] = []
        for label, seen in self.captured.items():
            protection = _protection(seen.instance)
            name = str(seen.instance)
            corps = self._body(seen, name, protection, actor)
            if label == spokesman != subject:
                corps["sujet"] = subject
                corps["details"] = {**main.details, **corps["details"]}
            kind = ContentType.objects.get_for_model(type(seen.instance)).pk
            rows.append(
                (
                    kind if seen.serialized else None,
                    str(seen.instance.pk),
                    seen.serialized,
                    name,
                    protection.chain(seen.instance),
                    actor_label(self.by, seen.frame.tag),
                    seen.frame.tag,
                    label,
                    canonical_json(corps),
                )
            )
        author = None if self.by is None else self.by.pk
        columns = [list(column) for column in zip(*rows, strict=True)]
        calls = [f"{name}(revision{', %s' * len(args)})" for name, args in self.followers]
        values = [value for _, args in self.followers for value in args]
        statement = _write_statement(*calls)
        ((self.revision_id, numbers, *_),) = statement.rows(
            [*values, author, self.date if kept else None, self.operation, *columns]
        )
        self.written = [
            (label, row[4], seq)  # type: ignore[misc]
            for label, row, seq in zip(self.captured, rows, numbers, strict=True)
        ]

    def _body(
        self,
        seen: Captured,
        name: str,
        protection: registry.Protection,
        actor: Mapping[str, object],
    ) -> dict[str, Any]:
        frame = seen.frame
        about_it = frame.obj is seen.instance or frame.obj.pk == seen.instance.pk
        corps: dict[str, Any] = {
            "acteur": actor,
            "libelle": name,
            "details": {**(frame.details if about_it else {}), **seen.details},
        }
        if about_it and frame.old is not None:
            corps["avant"] = frame.old
        if seen.serialized:
            corps["revision"] = {"date": self.date}
        elif not protection.versioned:
            corps["etat"] = row_state(seen.instance, protection)
        return corps


@cache
def _write_statement(*calls: str) -> Prepared:
    return Prepared(f"SELECT {', '.join(['revision', 'numeros', *calls])} FROM {_WRITE}")  # noqa: S608 - names of ours


_WRITE = """public.journal_enregistrer(
    %s::uuid, %s, %s::uuid, %s::integer[], %s::text[], %s::text[], %s::text[],
    %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])"""
_current: ContextVar[Recording | None] = ContextVar("recording", default=None)


def current_recording() -> Recording | None:
    """The block being recorded in this thread or task, if any."""
    return _current.get()


def object_label(obj: Model) -> str:
    """Name of a row in the journal: table:pk."""
    return f"{obj._meta.db_table}:{obj.pk}"


def _protection(obj: Model) -> registry.Protection:
    try:
        return registry.protections[type(obj)]
    except KeyError:
        raise RecordingError(f"{type(obj)._meta.label} is not protected.") from None


def serialize(obj: Model, fields: tuple[str, ...]) -> str:
    """Print an object as django-reversion does, in the C of json: its own way is pure Python."""
    (printed,) = serializers.serialize("python", (obj,), fields=fields)
    return json.dumps([printed], cls=DjangoJSONEncoder, ensure_ascii=False)


def row_state(obj: Model, protection: registry.Protection) -> dict[str, object]:
    """Declared columns of a row without version, printed as versions are."""
    fields = json.loads(serialize(obj, tuple(protection.columns.values())))[0]["fields"]
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
        # Without savepoint, here too: its subtransaction would cost two round trips and send the
        # triggers the long way round to recognise the revision of this transaction.
        with transaction.atomic(savepoint=False):
            yield block
            if transaction.get_rollback():
                raise RecordingError("An error was swallowed inside the recording.")
            block.write()
    finally:
        _current.reset(token)
