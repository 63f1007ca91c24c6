"""Reads of the journal and of the versions."""

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import reversion
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import CharField, Model, Q, TextField

from procurement.audit import registry
from procurement.audit.domain.redaction import CAVIARDE
from procurement.audit.models import JournalEntry as JournalRow, Receipt, Seal


M = TypeVar("M", bound=Model)


def database_now() -> datetime.datetime:
    """The instant by the clock of the database, which decides; that of this process may be wrong."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        instant: datetime.datetime = cursor.fetchone()[0]
    return instant


@dataclass(frozen=True)
class JournalEntry:
    """One row of the journal, for a screen. corps is empty once redacted."""

    seq: int
    instant: datetime.datetime
    acteur: str
    nom_acteur: str
    action: str
    objet: str
    operation: UUID | None
    corps: dict[str, Any]
    caviarde: bool
    version_id: int | None
    empreinte: str


def list_entries(
    chain: UUID,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = 100,
    acteur: str = "",
    action: str | tuple[str, ...] = "",
    objet: str = "",
    operation: UUID | None = None,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
) -> list[JournalEntry]:
    """Entries of a chain; one query.

    after: the following ones in order of seq, for reading on. Otherwise newest first, those
    below before. action may end with ":" to take a family; several are any of them.
    """
    rows = JournalRow.objects.filter(chaine=chain)
    if after is not None:
        rows = rows.filter(seq__gt=after)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    if acteur:
        rows = rows.filter(acteur=acteur)
    if action:
        any_of = Q()
        for one in (action,) if isinstance(action, str) else action:
            any_of |= Q(action__startswith=one) if one.endswith(":") else Q(action=one)
        rows = rows.filter(any_of)
    if objet:
        rows = rows.filter(objet=objet)
    if operation:
        rows = rows.filter(operation=operation)
    if since:
        rows = rows.filter(instant__gte=since)
    if until:
        rows = rows.filter(instant__lt=until)
    rows = rows.order_by("seq" if after is not None else "-seq")[:limit]
    return [_entry(row) for row in rows]


_ACTORS = """
WITH last AS (
    SELECT acteur, max(seq) AS seq FROM journal WHERE chaine = %(chain)s AND corps IS NOT NULL GROUP BY acteur
)
SELECT j.acteur, j.corps::jsonb #>> '{acteur,nom}' AS nom
  FROM last JOIN journal j ON j.chaine = %(chain)s AND j.seq = last.seq
"""


def list_actors(chain: UUID) -> list[tuple[str, str]]:
    """The people who acted in a chain, by the name of their last line, in the order of names. One query.

    What acts by itself has no name, and is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACTORS, {"chain": chain})
        named = [(actor, name) for actor, name in cursor.fetchall() if name]
    return sorted(named, key=lambda actor: actor[1])


def _name_in(actor: object) -> str:
    """The name of who acted; a line that somebody wrote as nonsense has none."""
    return str(actor.get("nom", "")) if isinstance(actor, dict) else ""


def _entry(row: JournalRow) -> JournalEntry:
    corps = json.loads(row.corps) if row.corps is not None else {}
    return JournalEntry(
        seq=row.seq,
        instant=row.instant,
        acteur=row.acteur,
        nom_acteur=_name_in(corps.get("acteur")),
        action=row.action,
        objet=row.objet,
        operation=row.operation,
        corps=corps,
        caviarde=row.corps is None,
        version_id=row.version_id,
        empreinte=bytes(row.empreinte).hex(),
    )


def told_of(obj: Model) -> dict[str, Any]:
    """Declared columns of a row without versions, as the last line of the journal says them. One query.

    Nothing when the journal never spoke of it, or when that line was redacted.
    """
    label = f"{obj._meta.db_table}:{obj.pk}"
    lines = JournalRow.objects.filter(objet=label).order_by("-instant", "-seq")
    corps = lines.values_list("corps", flat=True).first()
    told: dict[str, Any] = json.loads(corps).get("etat", {}) if corps else {}
    return told


def chain_head(chain: UUID) -> tuple[int, str]:
    """Number and hash (hex) of the last entry; printed on the first page of each PDF. (0, "") if none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, empreinte FROM chaine_tete WHERE chaine = %s", [chain])
        row = cursor.fetchone()
    return (row[0], bytes(row[1]).hex()) if row else (0, "")


def list_seals(*, limit: int = 10) -> list[Seal]:
    """The last seals, newest first; one query."""
    return list(Seal.objects.order_by("-instant")[:limit])


def find_receipt(chain: UUID, seq: int) -> Receipt | None:
    """The first receipt made of a line of the journal, None when there is none; one query."""
    return Receipt.objects.filter(chaine=chain, seq=seq).order_by("instant").first()


def all_heads(cursor: Any) -> dict[str, list[Any]]:
    """Heads of all chains as this cursor sees them: {chain: [number, hash in hexadecimal]}; one query.

    cursor: any sign-in that reads everything; a backup asks under its own snapshot.
    """
    cursor.execute("SELECT chaine, seq, empreinte FROM chaine_tete ORDER BY chaine")
    return {str(chain): [seq, bytes(link).hex()] for chain, seq, link in cursor.fetchall()}


_FIELDS_AT = """
SELECT p.pk, v.serialized_data
FROM unnest(%s::varchar[]) AS p(pk)
CROSS JOIN LATERAL (
    SELECT serialized_data FROM reversion_version
    WHERE db = 'default' AND content_type_id = %s AND object_id = p.pk AND revision_id <= %s
        AND (serialized_data <> '' OR NOT %s)
    ORDER BY revision_id DESC LIMIT 1
) AS v
"""


def fields_at(
    model: type[Model], pks: Iterable[UUID], revision_id: int, *, readable: bool = False
) -> dict[UUID, dict[str, Any]]:
    """Fields of each object as of a revision: its newest version not after it.

    One query whatever the number of objects, whose cost does not depend on the number of
    versions. An object that did not exist yet is absent; a redacted version gives {},
    unless readable, which takes the one before it that still says something.
    """
    by_text = {str(pk): pk for pk in pks}
    if not by_text:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIELDS_AT, [list(by_text), _content_type(model), revision_id, readable])
        return {by_text[pk]: fields_of(data) for pk, data in cursor.fetchall()}


def objects_at(rows: Iterable[M], revision_id: int) -> tuple[list[M], frozenset[Any]]:
    """Copies of objects of one model that read as of a revision, not to be saved. One query.

    One that did not exist yet is left out; fields that no version holds are today's. Also the keys
    of those whose version was redacted: their texts read « caviardé », what else they said is None.
    """
    by_pk = {row.pk: row for row in rows}
    if not by_pk:
        return [], frozenset()
    held = fields_at(type(next(iter(by_pk.values()))), by_pk, revision_id)
    copies = [
        _read_as(by_pk[pk], held[pk]) if held[pk] else _redacted(by_pk[pk])
        for pk in by_pk
        if pk in held
    ]
    return copies, frozenset(pk for pk, fields in held.items() if not fields)


def object_at(row: M, revision_id: int) -> tuple[M, frozenset[Any]]:
    """As objects_at, of one that stood then: where nothing is kept of it, it is as if redacted."""
    copies, lost = objects_at([row], revision_id)
    return (copies[0], lost) if copies else (_redacted(row), frozenset({row.pk}))


def _redacted(row: M) -> M:
    """A copy that only knows who it is, and what it is a part of."""
    then: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        if column.primary_key or (column.is_relation and not column.null):
            then[column.attname] = getattr(row, column.attname)
        else:
            then[column.attname] = CAVIARDE if isinstance(column, CharField | TextField) else None
    return type(row)(**then)


def _read_as(row: M, held: Mapping[str, Any]) -> M:
    columns = row._meta.concrete_fields
    now = {column.attname: getattr(row, column.attname) for column in columns}
    then = {
        column.attname: None if held[column.name] is None else column.to_python(held[column.name])
        for column in columns
        if column.name in held
    }
    return type(row)(**(now | then))


@dataclass(frozen=True)
class VersionFields:
    """One version of one object, with the words of its journal row."""

    version_id: int
    revision_id: int
    instant: datetime.datetime
    acteur: str
    action: str
    seq: int
    fields: dict[str, Any]


_FIELDS_OF_VERSIONS = """
SELECT v.id, v.revision_id, j.instant, j.acteur, j.action, j.seq, v.serialized_data
FROM reversion_version v JOIN journal j ON j.version_id = v.id
WHERE v.db = 'default' AND v.content_type_id = %s AND v.object_id = %s
  AND v.revision_id > %s AND (%s::bigint[] IS NULL OR v.revision_id = ANY(%s))
ORDER BY v.revision_id LIMIT %s
"""


def fields_of_versions(
    model: type[Model],
    pk: UUID,
    *,
    revisions: Sequence[int] | None = None,
    after: int = 0,
    limit: int = 1000,
) -> list[VersionFields]:
    """Versions of one object, oldest first; one query. after: a revision id, to read on."""
    wanted = None if revisions is None else list(revisions)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIELDS_OF_VERSIONS, [_content_type(model), str(pk), after, wanted, wanted, limit]
        )
        return [
            VersionFields(key, revision, instant, acteur, action, seq, fields_of(data))
            for key, revision, instant, acteur, action, seq, data in cursor.fetchall()
        ]


def fields_of(serialized: str) -> dict[str, Any]:
    """Fields of a version as JSON values; {} for « version caviardée »."""
    return json.loads(serialized)[0]["fields"] if serialized else {}


def _content_type(model: type[Model]) -> int:
    if not reversion.is_registered(model):
        raise ValueError(f"{model._meta.label} is not versioned.")
    return int(ContentType.objects.get_for_model(model).pk)


def roles_separated() -> bool:
    """Whether the connected role is unable to rewrite the evidence. False: « rôles non séparés »."""
    tables = ["journal", "reversion_version", "reversion_revision", "chaine_tete"]
    tables += [protection.table for protection in registry.protections.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user)"
            " AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relname = ANY(%s)"
            "  AND c.relnamespace = 'public'::regnamespace AND (pg_has_role(c.relowner, 'USAGE')"
            "   OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE')))"
            " AND NOT has_table_privilege('journal', 'INSERT')"
            " AND NOT has_table_privilege('journal', 'UPDATE')",
            [tables],
        )
        return bool(cursor.fetchone()[0])


DURABLE = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "remote_write", "remote_apply"},
}
"""Values under which what Postgres has acknowledged is on its disk."""


def durability() -> dict[str, str]:
    """What Postgres promises this sign-in of what it acknowledges: {setting: value}; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name", [[*DURABLE]]
        )
        return dict(cursor.fetchall())


def hasty_settings() -> dict[str, str]:
    """Those of durability() under which an acknowledged save may be lost; one query."""
    return {name: value for name, value in durability().items() if value not in DURABLE[name]}
