"""What is protected: filled by each app in ready(), read when triggers and rights are installed.

Also the one place where models are registered with django-reversion.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

import reversion
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Field, Model


# dates and decimals print differently in a version and in a row: they cannot be compared.
COMPARABLE = frozenset(
    {
        "AutoField", "BigAutoField", "SmallAutoField", "BooleanField", "CharField", "TextField",
        "SlugField", "IntegerField", "BigIntegerField", "SmallIntegerField", "PositiveIntegerField",
        "PositiveBigIntegerField", "PositiveSmallIntegerField", "UUIDField", "JSONField",
        "ForeignKey", "OneToOneField",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Protection:
    """One protected model. columns: {column: field of the version} equal at each commit."""

    model: type[Model]
    columns: Mapping[str, str]
    chain: Callable[[Any], UUID]
    versioned: bool
    exclude: tuple[str, ...]

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        """Column of the primary key."""
        return str(self.model._meta.pk.column)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that evidence holds."""
        return tuple(f.name for f in self.model._meta.local_fields if f.name not in self.exclude)


@dataclass(frozen=True)
class StoredBytes:
    """A file to verify: which chain speaks of it, what it should hash to, how to read it."""

    chain: UUID | None
    label: str
    sha256: str
    open: Callable[[], BinaryIO]


protections: dict[type[Model], Protection] = {}
append_only_models: set[type[Model]] = set()
kept_models: set[type[Model]] = set()
file_sources: list[Callable[[UUID | None], Iterator[StoredBytes]]] = []
actor_describers: list[Callable[[Any], Mapping[str, object]]] = []


def protect(
    model: type[Model],
    *,
    columns: Sequence[str],
    chain: Callable[[Any], UUID],
    versioned: bool = True,
    exclude: Sequence[str] = (),
) -> None:
    """Have Postgres refuse any change of this table without its journal row, and any deletion.

    columns: fields whose value at commit must equal the evidence; text, integer, boolean, uuid,
        JSON or foreign key.
    chain: from an instance, the chain that tells its story.
    versioned: keep each state in django-reversion; otherwise the declared columns stand in the
        journal row itself.
    exclude: fields that are neither kept nor watched (a password, a last sign-in).
    Raises ImproperlyConfigured on a second call or a column that cannot be compared.
    """
    if model in protections or model in append_only_models:
        raise ImproperlyConfigured(f"{model._meta.label} is already declared to the audit.")
    pairs = {}
    for name in columns:
        field = model._meta.get_field(name)
        if not isinstance(field, Field) or field.get_internal_type() not in COMPARABLE:
            raise ImproperlyConfigured(f"{model._meta.label}.{name} cannot be compared.")
        if field.name in exclude:
            raise ImproperlyConfigured(f"{model._meta.label}.{name} is excluded and declared.")
        if field.primary_key:
            continue
        pairs[str(field.column)] = field.name
    if versioned and model._meta.many_to_many:
        raise ImproperlyConfigured(f"{model._meta.label}: a many-to-many field has no version.")
    if not pairs:
        raise ImproperlyConfigured(f"{model._meta.label}: declare at least one column.")
    protections[model] = Protection(model, pairs, chain, versioned, tuple(exclude))
    if versioned:
        reversion.register(model, exclude=tuple(exclude))


def append_only(model: type[Model]) -> None:
    """Have Postgres refuse UPDATE, DELETE and TRUNCATE on this table, for everybody."""
    if model in protections or model in append_only_models:
        raise ImproperlyConfigured(f"{model._meta.label} is already declared to the audit.")
    append_only_models.add(model)


def keep(model: type[Model]) -> None:
    """Have Postgres refuse DELETE and TRUNCATE; the rows may change (people)."""
    kept_models.add(model)


def add_files(source: Callable[[UUID | None], Iterator[StoredBytes]]) -> None:
    """Declare files that verify_evidence --fichiers reads back; called with a chain or None."""
    file_sources.append(source)


def describe_actors(describer: Callable[[Any], Mapping[str, object]]) -> None:
    """Declare what the journal says of a person besides the name: role, organisation."""
    actor_describers.append(describer)


def forget(model: type[Model]) -> None:
    """Undo protect() or append_only(); for tests of the registry."""
    protection = protections.pop(model, None)
    if protection and protection.versioned:
        reversion.unregister(model)
    append_only_models.discard(model)
    kept_models.discard(model)
