"""What is protected: filled by each app in ready(), read when triggers and rights are installed.

Also the one place where models are registered with django-reversion.
"""

# ruff: noqa: S608 - SQL made of declared names, quoted

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import UUID

import reversion
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Field, Model

from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.roles import quote


# Print the same in a version and in a row.
COMPARABLE = frozenset(
    {
        "AutoField", "BigAutoField", "SmallAutoField", "BooleanField", "CharField", "TextField",
        "SlugField", "IntegerField", "BigIntegerField", "SmallIntegerField", "PositiveIntegerField",
        "PositiveBigIntegerField", "PositiveSmallIntegerField", "UUIDField", "JSONField",
        "ForeignKey", "OneToOneField", "DateField",
    }
)  # fmt: skip
# Print differently, 40 and "40.00", an hour in Paris or in Greenwich: compared under this type.
CASTS = {"DecimalField": "numeric", "DateTimeField": "timestamptz"}


@dataclass(frozen=True)
class Protection:
    """One protected model. columns: {column: field of the version} equal at each commit."""

    model: type[Model]
    columns: Mapping[str, str]
    story: str | UUID
    """The chain that tells its story, or the way there: protect()."""
    versioned: bool
    exclude: tuple[str, ...]
    digests: Mapping[str, str]
    """{compared column: JSON column that must hash to it}, too heavy to stand in the journal."""
    initial: Mapping[str, object] | None = None
    """{column: value} of a new row that needs no evidence: it gives no right yet."""

    def chain(self, obj: Model) -> UUID:
        """The chain that tells the story of a row."""
        if isinstance(self.story, UUID):
            return self.story
        *hops, last = self.story.split("__")
        row: Any = obj
        for hop in hops:
            row = getattr(row, hop)
        found = row.pk if last == "pk" else getattr(row, row._meta.get_field(last).attname)
        return found or PLATFORM_CHAIN

    def chain_sql(self, alias: str) -> str:
        """The same in SQL, of the row that goes by this name: for triggers and for verification."""
        if isinstance(self.story, UUID):
            return f"'{self.story}'::uuid"
        return _chain_sql(self.model, self.story.split("__"), alias)

    @property
    def key_type(self) -> str:
        """Type of Postgres of the primary key."""
        return str(self.model._meta.pk.rel_db_type(connection))

    @property
    def casts(self) -> dict[str, str]:
        """{column: type of Postgres} of the columns compared by their value, not as they print."""
        kinds = {str(f.column): f.get_internal_type() for f in self.model._meta.local_fields}
        return {column: CASTS[kinds[column]] for column in self.columns if kinds[column] in CASTS}

    @property
    def table(self) -> str:
        """Name of the table in Postgres, without its schema, which is public."""
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
class Annex:
    """A table written with journal rows: what a row of it says stands in the details of its entry.

    The two are bound by the revision (its comment is the operation of the entry) and by the object
    the entry speaks of. A detail may be missing where the column is empty.
    """

    model: type[Model]
    nom: str
    """What a row is, in French with its article: « la version »."""
    subject: tuple[tuple[str, str], ...]
    """(column of the foreign key, table it points to): the first that is not null is the object."""
    values: Mapping[str, str]
    """{detail: column} that must be equal."""
    digests: Mapping[str, str]
    """{detail: JSON column} whose canonical form must hash to the detail."""
    author: str
    emptied: Mapping[str, object]
    """{column: what a redaction of the entry leaves there}; what was empty stays so."""

    @property
    def table(self) -> str:
        """Name of the table in Postgres, without its schema, which is public."""
        return self.model._meta.db_table

    @property
    def mark(self) -> str:
        """The detail by which an entry announces a row of this table."""
        return next(iter(self.values))

    def label_of(self, column: str) -> str:
        """Name of a column for people."""
        return next(
            str(f.verbose_name) for f in self.model._meta.local_fields if f.column == column
        )


@dataclass(frozen=True)
class Freeze:
    """Columns that a row keeps for ever, and those that stop changing with its state."""

    model: type[Model]
    columns: tuple[str, ...]
    state: str
    """Column of the state; empty when none decides."""
    until: Mapping[str, tuple[str, ...]]
    """{column: states in which it may still change}."""

    @property
    def table(self) -> str:
        """Name of the table in Postgres, without its schema, which is public."""
        return self.model._meta.db_table

    @property
    def changing(self) -> tuple[str, ...]:
        """Columns that the application may update."""
        every = (str(field.column) for field in self.model._meta.local_fields)
        return tuple(column for column in every if column not in self.columns)


@dataclass(frozen=True)
class Telling:
    """A table whose rows, in a state that others rely on, are told by an event with their digest."""

    model: type[Model]
    chain: UUID
    about: str
    """Table of the one it is about, which the event names."""
    subject: str
    state: Mapping[str, object]
    hashed: tuple[str, ...]
    detail: str

    @property
    def table(self) -> str:
        """Name of the table in Postgres, without its schema, which is public."""
        return self.model._meta.db_table


@dataclass(frozen=True)
class StoredBytes:
    """A file to verify: which chain speaks of it, what it should hash to, how to read it."""

    chain: UUID | None
    label: str
    sha256: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Note:
    """One model of rows that are added and never changed, and how long each is kept."""

    instant: str
    """Column of the instant that a row is about."""
    written: str
    """Column of the instant when it was written: that of the database, whatever the caller says."""
    kept: timedelta
    delay: timedelta
    """How long after that instant a row may still say what it likes."""
    late: Mapping[str, object]
    """{column: value}: all that may be said of it afterwards."""


protections: dict[type[Model], Protection] = {}
append_only_models: set[type[Model]] = set()
annexes: dict[type[Model], Annex] = {}
freezes: dict[type[Model], Freeze] = {}
tellings: dict[type[Model], Telling] = {}
kept_models: set[type[Model]] = set()
noted: dict[type[Model], Note] = {}
file_sources: list[Callable[[UUID | None], Iterator[StoredBytes]]] = []
alert_listeners: list[Callable[[int, Any, Any], None]] = []
actor_describers: list[Callable[[Any], Mapping[str, object]]] = []


def protect(
    model: type[Model],
    *,
    columns: Sequence[str],
    chain: str | UUID,
    versioned: bool = True,
    exclude: Sequence[str] = (),
    digests: Mapping[str, str] | None = None,
    initial: Mapping[str, object] | None = None,
) -> None:
    """Have Postgres refuse any change of this table without its journal row, and any deletion.

    columns: fields whose value at commit must equal the evidence; text, number, boolean, uuid,
        date, JSON or foreign key. Instants are equal to the millisecond, as versions print them.
    chain: the one that tells its story, and the only one in which Postgres looks for it: a constant,
        or the way there from a row, as in a query (« pk », « piece__marche »); the platform's where
        the way ends on nothing.
    versioned: keep each state in django-reversion; otherwise the declared columns stand in the
        journal row itself.
    exclude: fields that are neither kept nor watched (a password, a last sign-in).
    digests: {declared field: JSON field}: the first is what the second hashes to (json_digest),
        which the service writes and the verification computes again.
    initial: values of a new row that needs no evidence (an account without any right).
    Raises ImproperlyConfigured on a second call or a column that cannot be compared.
    """
    if model in protections or model in append_only_models:
        raise ImproperlyConfigured(f"{model._meta.label} is already declared to the audit.")
    pairs = {}
    for name in columns:
        field = model._meta.get_field(name)
        if not isinstance(field, Field) or field.get_internal_type() not in {*COMPARABLE, *CASTS}:
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
    hashed = {_column(model, name): _column(model, text) for name, text in (digests or {}).items()}
    if not hashed.keys() <= pairs.keys():
        raise ImproperlyConfigured(f"{model._meta.label}: a digest is a declared column.")
    protections[model] = Protection(model, pairs, chain, versioned, tuple(exclude), hashed, initial)
    if versioned:
        reversion.register(model, exclude=tuple(exclude))


def known_chains() -> str:
    """SQL of the chains there may be besides the platform's: one for each object that has its own."""
    own = [each for each in protections.values() if each.story == "pk"]
    return " UNION ALL ".join(
        f"SELECT t.{quote(each.key)} FROM public.{quote(each.table)} t" for each in own
    )


def _chain_sql(model: type[Model], way: Sequence[str], alias: str) -> str:
    column = quote(str(model._meta.pk.column if way[0] == "pk" else _column(model, way[0])))
    if len(way) == 1:
        field = model._meta.pk if way[0] == "pk" else model._meta.get_field(way[0])
        found = f"{alias}.{column}"
        return f"coalesce({found}, '{PLATFORM_CHAIN}'::uuid)" if field.null else found
    target = model._meta.get_field(way[0]).related_model
    if not isinstance(target, type):
        raise ImproperlyConfigured(f"{model._meta.label}.{way[0]} points to no table.")
    there, key = f"{alias}_{way[0]}", quote(str(target._meta.pk.column))
    return (
        f"(SELECT {_chain_sql(target, way[1:], there)} FROM public.{quote(target._meta.db_table)}"
        f" {there} WHERE {there}.{key} = {alias}.{column})"
    )


def append_only(model: type[Model]) -> None:
    """Have Postgres refuse UPDATE, DELETE and TRUNCATE on this table, for everybody."""
    if model in protections or model in append_only_models:
        raise ImproperlyConfigured(f"{model._meta.label} is already declared to the audit.")
    append_only_models.add(model)


def freeze(
    model: type[Model],
    *,
    columns: Sequence[str],
    state: str = "",
    until: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Have Postgres refuse, for everybody, that these fields of a row ever change.

    state, until: {field: states in which it may still change}; the state it leaves counts.
    Raises ImproperlyConfigured on a second call, or on states without a field that says them.
    """
    if model in freezes or model in append_only_models or bool(until) != bool(state):
        raise ImproperlyConfigured(f"{model._meta.label}: declare what is frozen once.")
    freezes[model] = Freeze(
        model,
        tuple(_column(model, name) for name in columns),
        _column(model, state) if state else "",
        {_column(model, name): tuple(states) for name, states in (until or {}).items()},
    )


def tell(
    model: type[Model],
    *,
    chain: UUID,
    subject: str,
    state: Mapping[str, object],
    hashed: Sequence[str],
    detail: str,
) -> None:
    """Have Postgres refuse a row in this state without an event of its transaction that tells it.

    For a table of another package, whose words no journal may keep: the event, about the row that
    the foreign key ``subject`` names, holds as ``detail`` what digest_of() makes of them.
    Raises ImproperlyConfigured on a second call.
    """
    if model in tellings or model in protections or model in append_only_models:
        raise ImproperlyConfigured(f"{model._meta.label} is already declared to the audit.")
    tellings[model] = Telling(
        model,
        chain,
        _table_of_key(model, subject),
        _column(model, subject),
        {_column(model, name): value for name, value in state.items()},
        tuple(_column(model, name) for name in hashed),
        detail,
    )


def digest_of(obj: Model) -> str:
    """Hash what an event tells of such a row: the one it is about, then each value, after colons."""
    telling = tellings[type(obj)]
    fields = {str(field.column): field.attname for field in obj._meta.local_fields}
    words = (getattr(obj, fields[column]) for column in (telling.subject, *telling.hashed))
    return sha256(":".join(map(str, words)).encode()).hexdigest()


def annex(
    model: type[Model],
    *,
    nom: str,
    subject: Sequence[str],
    values: Mapping[str, str],
    digests: Mapping[str, str] | None = None,
    author: str = "auteur",
    emptied: Mapping[str, object] | None = None,
) -> None:
    """Have the verification compare a table bound to revisions with the details of the journal.

    subject: foreign keys to models protected before, the first that is not null names the object.
    One of them whose new rows need no evidence is refused: the verification of one chain finds a row
    through the entries of its object, and would miss what hangs from an object without any.
    values: {detail: field}; the first one, always present, announces the row. digests: {detail:
    JSON field}. emptied: {field: what is left of it} when its entry is redacted; every digest must
    be there. The model has a foreign key « revision ».
    Raises ImproperlyConfigured on a second call, without value, on a column not comparable or on
    such a subject.
    """
    if model in annexes or not values:
        raise ImproperlyConfigured(f"{model._meta.label}: declare its values once.")
    if set((digests or {}).values()) - set(emptied or {}):
        raise ImproperlyConfigured(f"{model._meta.label}: a redaction reaches what a digest hides.")
    compared = (*values.values(), *subject, author)
    for field in (model._meta.get_field(name) for name in compared):
        if not isinstance(field, Field) or field.get_internal_type() not in COMPARABLE:
            raise ImproperlyConfigured(f"{model._meta.label}.{field.name} cannot be compared.")
    for target in (model._meta.get_field(name).related_model for name in subject):
        known = protections.get(target)  # type: ignore[arg-type]
        if known is None or known.initial is not None:
            raise ImproperlyConfigured(
                f"{model._meta.label}: {target} may have rows that no entry speaks of."
            )
    annexes[model] = Annex(
        model,
        nom,
        tuple((_column(model, name), _table_of_key(model, name)) for name in subject),
        {detail: _column(model, name) for detail, name in values.items()},
        {detail: _column(model, name) for detail, name in (digests or {}).items()},
        _column(model, author),
        {_column(model, name): left for name, left in (emptied or {}).items()},
    )


def _column(model: type[Model], name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]


def _table_of_key(model: type[Model], name: str) -> str:
    target = model._meta.get_field(name).related_model
    if not isinstance(target, type):
        raise ImproperlyConfigured(f"{model._meta.label}.{name} points to no table.")
    return str(target._meta.db_table)


def keep(model: type[Model]) -> None:
    """Have Postgres refuse DELETE and TRUNCATE; the rows may change (people)."""
    kept_models.add(model)


def note(
    model: type[Model],
    *,
    instant: str,
    written: str,
    kept: timedelta,
    delay: timedelta,
    late: Mapping[str, object],
) -> None:
    """Let the site add rows and nobody change one; the worker alone removes those kept long enough.

    instant: field of what a row is about, never to come. delay: how long after it a row may be
    added whatever it says; later, only if it says that (late: {field: value}).
    """
    noted[model] = Note(
        _column(model, instant),
        _column(model, written),
        kept,
        delay,
        {_column(model, name): value for name, value in late.items()},
    )


def add_files(source: Callable[[UUID | None], Iterator[StoredBytes]]) -> None:
    """Declare files that verify_evidence --fichiers reads back; called with a chain or None."""
    file_sources.append(source)


def describe_actors(describer: Callable[[Any], Mapping[str, object]]) -> None:
    """Declare what the journal says of a person besides the name: role, organisation."""
    actor_describers.append(describer)


def hear_alerts(listener: Callable[[int, Any, Any], None]) -> None:
    """Declare who is told when a verification raises an alert, changes it or ends it.

    Called with the number of the verdict in the chain of the platform, the alert before and the
    alert after (None when there is none), in the transaction that writes the verdict.
    """
    alert_listeners.append(listener)


def forget(model: type[Model]) -> None:
    """Undo protect() or append_only(); for tests of the registry."""
    protection = protections.pop(model, None)
    if protection and protection.versioned:
        reversion.unregister(model)
    append_only_models.discard(model)
    annexes.pop(model, None)
    freezes.pop(model, None)
    kept_models.discard(model)
    noted.pop(model, None)
