"""verify_evidence(): reads the whole history again and says where it is broken."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from json import loads
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import DataError, connection, transaction
from django.db.models import Model, UUIDField

from procurement.audit import registry
from procurement.audit.domain.canonique import canonical_json, json_digest
from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.empreinte import ZERO16
from procurement.audit.domain.merkle import heads_root
from procurement.audit.domain.roles import quote
from procurement.audit.domain.verification import Break, Walk, read_entry
from procurement.audit.models import Seal
from procurement.audit.services.annexes import compare_annex, first_breaks, judge_rows
from procurement.audit.services.witnesses import (
    UnreadableWitness,
    seal_document,
    verify_seal,
)


BATCH = 2000
COPY_SIGNATURE = b"PGCOPY\n\xff\r\n\x00"
COPY_HEAD = len(COPY_SIGNATURE) + 8
COPY_END = b"\xff\xff"


class UnknownSeal(LookupError):
    """No seal has this number: there is nothing to trust."""


class UnknownChain(LookupError):
    """Nothing was ever written under this identifier: there is nothing to verify."""


@dataclass
class EvidenceReport:
    """What a verification found: the first break of each chain, and what was read."""

    chains: int = 0
    entries: int = 0
    redacted: int = 0
    files: int = 0
    seconds: float = 0.0
    since: Seal | None = None
    """The seal before which no line was read again; None when all were."""
    breaks: list[Break] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.breaks


# Columns in the order of Entry. Postgres puts side by side the bytes that are hashed together, and
# compares texts with texts; every hash is computed here.
_ENTRIES = """
COPY (
    SELECT j.chaine, j.seq, j.instant, j.precedent,
        xid8send(j.xid) || coalesce(uuid_send(j.operation), '\\x{zeros}') || int8send(coalesce(j.version_id, 0)::bigint)
            || int4send(octet_length(j.acteur)) || convert_to(j.acteur, 'UTF8')
            || int4send(octet_length(j.action)) || convert_to(j.action, 'UTF8')
            || int4send(octet_length(j.objet)) || convert_to(j.objet, 'UTF8'),
        j.contenu_empreinte, j.corps_empreinte, j.empreinte,
        j.sel || convert_to(j.corps, 'UTF8'), j.sel || convert_to(v.serialized_data, 'UTF8'),
        CASE WHEN j.corps IS NULL AND j.sel IS NULL THEN 'caviarde'
            WHEN j.corps IS NULL OR j.sel IS NULL THEN 'perdu' END,
        CASE WHEN j.version_id IS NULL THEN NULL
            WHEN v.id IS NULL THEN 'disparu'
            WHEN j.objet IS DISTINCT FROM CASE v.content_type_id {tables} END || ':' || v.object_id THEN 'objet'
            WHEN CASE WHEN split_part(j.acteur, ':', 1) = 'systeme' THEN r.user_id IS NOT NULL
                ELSE substr(j.acteur, strpos(j.acteur, ':') + 1) IS DISTINCT FROM r.user_id::text END
                THEN 'auteur'
            WHEN coalesce(r.comment, '') <> coalesce(j.operation::text, '') THEN 'revision'
            WHEN j.corps IS NULL OR j.sel IS NULL THEN
                CASE WHEN v.serialized_data <> '' OR v.object_repr <> '' THEN 'vide' END
            WHEN coalesce(strpos(j.corps, {date}), 0) = 0 THEN 'date'
            WHEN strpos(j.corps, '"libelle":' || to_json(v.object_repr)::text) = 0 THEN 'libelle' END,
        CASE WHEN j.action = 'audit:entry:redacted' THEN j.objet END
    FROM journal j
    LEFT JOIN reversion_version v ON v.id = j.version_id
    LEFT JOIN reversion_revision r ON r.id = v.revision_id
    {where}
    ORDER BY j.chaine, j.seq
) TO STDOUT (FORMAT binary)
"""
# As entries say the instant of a revision: ISO 8601, microseconds unless there are none.
_DATE = """
'"revision":{"date":"' || to_char(r.date_created AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
    || CASE WHEN r.date_created = date_trunc('second', r.date_created) THEN ''
        ELSE to_char(r.date_created, '.US') END || '+00:00"}'
"""
_HEADS = """
SELECT uuid_send(chaine), seq, empreinte FROM chaine_tete
WHERE %s::uuid IS NULL OR chaine = %s::uuid
"""


def verify_evidence(
    *, chain: UUID | None = None, files: bool = False, since: int | None = None
) -> EvidenceReport:
    """Recompute every hash, compare versions, rows and annexes, heads, seals and receipts.

    chain: that one only. files: read the stored files back too. One snapshot, read by batches:
    memory does not grow with the journal. The whole history is read by two connections, the chains
    on one and the tables on the other. since: number of a seal that is trusted: the lines it knows
    are found where it says and not read again; rows, seals and receipts are compared all the same.
    Raises UnknownChain, UnknownSeal.
    """
    report, started = EvidenceReport(), time.perf_counter()
    if since is not None:
        report.since = Seal.objects.filter(pk=since).first()
        if report.since is None:
            raise UnknownSeal(str(since))
    with _snapshot() as alone:
        if alone and chain is None:
            with ThreadPoolExecutor(1) as beside:
                tables = beside.submit(_verify_tables_of, _export_snapshot())
                report.breaks += _verify_chains(report, chain)
                report.breaks += tables.result()
        else:
            report.breaks += _verify_chains(report, chain)
            if chain is not None and not report.entries and not report.breaks and not since:
                report.breaks += _verify_absence(chain)
            report.breaks += _verify_tables(chain)
        if files:
            report.breaks += _verify_files(report, chain)
    report.seconds = time.perf_counter() - started
    return report


@contextmanager
def _snapshot(name: str = "") -> Iterator[bool]:
    """One frozen view of the database, however long the reading lasts; name: the view of another.

    Yields False inside a transaction that had begun before.
    """
    alone = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if alone:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if name:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [name])
        cursor.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;"
            # Every row of a cursor is read. Two sessions already keep two cores busy.
            " SET LOCAL cursor_tuple_fraction = 1.0; SET LOCAL jit = off;"
            " SET LOCAL max_parallel_workers_per_gather = 0;"
            # No two entries have the same JSON: remembering what one said only costs.
            " SET LOCAL enable_memoize = off; SET LOCAL work_mem = '32MB'"
        )
        yield alone


def _export_snapshot() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        return str(cursor.fetchone()[0])


def _verify_tables_of(snapshot: str) -> list[Break]:
    """Read the tables under a snapshot, by the connection of this thread."""
    try:
        with _snapshot(snapshot):
            return _verify_tables(None)
    finally:
        connection.close()


def _verify_tables(chain: UUID | None) -> list[Break]:
    """Everything that is compared with the journal, itself verified by _verify_chains."""
    breaks = _verify_rows(chain) + _verify_digests(chain) + _verify_annexes(chain)
    breaks += _verify_receipts(chain)
    breaks += _verify_order(chain) + _verify_told(chain)
    if chain is not None:
        return breaks
    return breaks + _verify_known() + _verify_orphans() + _verify_seals()


def _rows(
    sql: str, params: Sequence[UUID] | Mapping[str, UUID | str | None], batch_size: int = BATCH
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the batches of a server-side cursor; Postgres reads the next while one is hashed."""
    with connection.chunked_cursor() as cursor, ThreadPoolExecutor(1) as reader:
        cursor.execute(sql, params)
        coming = reader.submit(cursor.fetchmany, batch_size)
        while batch := coming.result():
            coming = reader.submit(cursor.fetchmany, batch_size)
            yield batch


class _Copied:
    """Where COPY writes: entries, checked as they come. Postgres reads on meanwhile."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.breaks: list[Break] = []
        self.error: Exception | None = None

    def write(self, message: bytes) -> None:
        """Take one message: a row, the first one after the signature, or the two bytes of the end."""
        row = message[COPY_HEAD:] if message.startswith(COPY_SIGNATURE) else message
        if self.error is None and len(row) > len(COPY_END):
            try:
                self.breaks += self.walk.feed(read_entry(row))
            except Exception as error:  # noqa: BLE001 - raised again once the server has sent all
                self.error = error


def _verify_chains(report: EvidenceReport, chain: UUID | None) -> list[Break]:
    kinds = [(kind.pk, _table(kind)) for kind in ContentType.objects.all()]
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, [chain, chain])
        heads = {bytes(c): (seq, bytes(link)) for c, seq, link in cursor.fetchall()}
        starts, bent = _trusted(report.since, chain)
        walk = Walk(heads, starts)
        copied = _Copied(walk)
        # In the order of the index: a sort would carry every text of the history to the disk.
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.copy_expert(_read_entries(cursor, kinds, chain, report.since), copied)
        cursor.execute("SET LOCAL enable_sort TO DEFAULT")
    if copied.error is not None:
        raise copied.error
    report.chains, report.entries, report.redacted = walk.chains, walk.entries, walk.redacted
    return [*bent, *copied.breaks, *walk.finish()]


def _trusted(
    seal: Seal | None, chain: UUID | None
) -> tuple[dict[bytes, tuple[int, bytes]], list[Break]]:
    """Lines that a seal lets one start from, and those that are no longer what it says."""
    if seal is None:
        return {}, []
    try:
        bent = verify_seal(seal_document(seal))
    except UnreadableWitness as error:
        return {}, [
            Break(None, None, "sceau", f"Le sceau n°\u00a0{seal.pk} ne se lit plus\u202f: {error}.")
        ]
    starts = {
        UUID(one).bytes: (int(seq), bytes.fromhex(link))
        for one, (seq, link) in loads(seal.tetes).items()
        if seq and (chain is None or UUID(one) == chain)
    }
    return starts, [found for found in bent if chain is None or found.chain in (None, chain)]


def _read_entries(
    cursor: Any, kinds: list[tuple[int, str | None]], chain: UUID | None, since: Seal | None = None
) -> str:
    """Write out the statement of the walk: COPY takes no parameter."""
    tables = " ".join(["WHEN %s::integer THEN %s::text"] * len(kinds))
    values = [value for kind in kinds for value in kind]
    kept: list[str] = []
    asked: list[object] = []
    if chain:
        kept, asked = ["j.chaine = %s"], [chain]
    if since is not None:
        kept.append("j.seq > coalesce((%s::jsonb -> j.chaine::text ->> 0)::bigint, 0)")
        asked.append(since.tetes)
    sql = _ENTRIES.format(
        zeros=ZERO16.hex(), date=_DATE.replace("%", "%%"), tables=tables,
        where="WHERE " + " AND ".join(kept) if kept else "",
    )  # fmt: skip
    return str(cursor.mogrify(sql, [*values, *asked]).decode())


def _verify_absence(chain: UUID) -> list[Break]:
    """A chain without any entry: broken if something remains of what it told, else unknown."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM chaine_tete WHERE chaine = %s) OR EXISTS"
            " (SELECT FROM reversion_version WHERE db = 'default' AND object_id = %s)",
            [chain, str(chain)],
        )
        (remains,) = cursor.fetchone()
    if not remains and not any(
        model._base_manager.filter(pk=chain).exists()
        for model in registry.protections
        if isinstance(model._meta.pk, UUIDField)
    ):
        raise UnknownChain(str(chain))
    return [Break(chain, None, "tete", "La chaîne n’a plus aucune ligne.")]


def _content_type(model: type[Model]) -> int | None:
    """Key of a content type, never created here; None when the table is not migrated yet."""
    found = ContentType.objects.filter(
        app_label=model._meta.app_label, model=model._meta.model_name
    ).first()
    return found.pk if found else None


def _table(content_type: ContentType) -> str | None:
    model = content_type.model_class()
    return model._meta.db_table if model else None


# The columns c of a row d.r that differ from the evidence d.f. No function of ours decides here:
# whoever may rewrite the rows may rewrite functions too.
_DIFFERS = """EXISTS (
        SELECT FROM jsonb_each_text(%(columns)s::jsonb) c,
            LATERAL (SELECT to_jsonb(t) AS r, {said} AS f OFFSET 0) d
        WHERE d.f ? {name} AND d.r -> c.key IS DISTINCT FROM d.f -> {name}
            AND NOT coalesce(CASE %(casts)s::jsonb ->> c.key
                WHEN 'numeric' THEN (d.r ->> c.key)::numeric = (d.f ->> {name})::numeric
                WHEN 'timestamptz' THEN date_trunc('milliseconds', (d.r ->> c.key)::timestamptz)
                    = date_trunc('milliseconds', (d.f ->> {name})::timestamptz)
                END, false))"""
_ROWS_VERSIONED = """
SELECT t.{key}::text, j.chaine, j.seq, v.id, h.chaine
FROM public.{table} t CROSS JOIN LATERAL (SELECT {story} AS chaine OFFSET 0) h
LEFT JOIN LATERAL (
    SELECT v.id, v.serialized_data FROM reversion_version v
    WHERE v.db = 'default' AND v.content_type_id = %(kind)s AND v.object_id = t.{key}::varchar
    ORDER BY v.revision_id DESC LIMIT 1
) v ON true
LEFT JOIN journal j ON j.version_id = v.id
WHERE (%(chain)s::uuid IS NULL OR %(chain)s::uuid IN (j.chaine, h.chaine)) AND (
    v.id IS NULL OR j.chaine <> h.chaine OR v.serialized_data <> '' AND {differs})
ORDER BY j.chaine, j.seq
"""
# A redacted entry says nothing any more of its row.
_ROWS_PLAIN = """
SELECT t.{key}::text, j.chaine, j.seq, j.seq, h.chaine
FROM public.{table} t CROSS JOIN LATERAL (SELECT {story} AS chaine OFFSET 0) h
LEFT JOIN (
    SELECT objet, chaine, seq, corps,
        row_number() OVER (PARTITION BY objet ORDER BY instant DESC, seq DESC) = 1 AS derniere
    FROM journal
    WHERE objet LIKE %(prefix)s
        AND (corps IS NULL OR corps LIKE '%%"etat":%%' AND corps::jsonb ? 'etat')
) j ON j.objet = %(table)s || ':' || t.{key}
WHERE (%(chain)s::uuid IS NULL OR %(chain)s::uuid IN (j.chaine, h.chaine)) AND (
    j.seq IS NULL AND NOT coalesce(to_jsonb(t) @> %(initial)s::jsonb, false)
    OR j.corps IS NOT NULL AND (j.chaine <> h.chaine OR j.derniere AND {differs}))
ORDER BY j.chaine, j.seq
"""
_VANISHED = """
SELECT DISTINCT ON (j.chaine) v.object_id, j.chaine, j.seq
FROM reversion_version v LEFT JOIN journal j ON j.version_id = v.id
WHERE v.db = 'default' AND v.content_type_id = %(kind)s
    AND (%(chain)s::uuid IS NULL OR j.chaine = %(chain)s::uuid)
    AND NOT EXISTS (SELECT FROM public.{table} t WHERE t.{key}::varchar = v.object_id)
ORDER BY j.chaine, j.seq
"""
_VANISHED_PLAIN = """
SELECT DISTINCT ON (j.chaine) split_part(j.objet, ':', 2), j.chaine, j.seq
FROM journal j
WHERE j.objet LIKE %(prefix)s AND j.corps LIKE '%%"etat":%%' AND j.corps::jsonb ? 'etat'
    AND (%(chain)s::uuid IS NULL OR j.chaine = %(chain)s::uuid)
    AND NOT EXISTS (SELECT FROM public.{table} t WHERE %(table)s || ':' || t.{key} = j.objet)
ORDER BY j.chaine, j.seq
"""


def _verify_rows(chain: UUID | None) -> list[Break]:
    """Protected rows against their last version (or journaled state), first flaw per chain."""
    breaks: dict[tuple[UUID | None, str], Break] = {}
    for protection in registry.protections.values():
        kind = _content_type(protection.model)
        if kind is None:
            continue
        try:
            # A savepoint: a version forged into nonsense is a break, not the end of the reading.
            with transaction.atomic():
                for found in _flaws_of_rows(protection, kind, chain):
                    breaks.setdefault((found.chain, protection.table), found)
        except DataError:
            words = f"{protection.table}\u202f: une version ne se lit plus."
            breaks[chain, protection.table] = Break(chain, None, "ligne", words)
    return list(breaks.values())


def _flaws_of_rows(
    protection: registry.Protection, kind: int, chain: UUID | None
) -> Iterator[Break]:
    names = {
        "table": quote(protection.table),
        "key": quote(protection.key),
        "story": protection.chain_sql("t"),
    }
    values = {
        "kind": kind,
        "chain": chain,
        "columns": canonical_json(protection.columns),
        "casts": canonical_json(protection.casts),
        "initial": None if protection.initial is None else canonical_json(protection.initial),
        "table": protection.table,
        "prefix": protection.table.replace("_", "\\_") + ":%",
    }
    if protection.versioned:
        differs = _DIFFERS.format(said="v.serialized_data::jsonb -> 0 -> 'fields'", name="c.value")
        rows, vanished, known_by = _ROWS_VERSIONED, _VANISHED, "sa dernière version"
    else:
        differs = _DIFFERS.format(said="j.corps::jsonb -> 'etat'", name="c.key")
        rows, vanished, known_by = _ROWS_PLAIN, _VANISHED_PLAIN, "le journal"
    with connection.cursor() as cursor:
        cursor.execute(rows.format(**names, differs=differs), values)
        for key, where, seq, known, story in cursor.fetchmany(BATCH):
            row = f"{protection.table}:{key}"
            if None not in (known, where, story) and where != story:
                # Told to both: the chain that should hold its story, and the one that does.
                if chain in (None, story):
                    yield Break(
                        story, None, "ligne", f"{row} a son histoire dans une autre chaîne."
                    )
                if chain in (None, where):
                    yield Break(where, seq, "ligne", f"{row} n’est plus où son histoire la place.")
                continue
            said = f"ne dit pas ce que dit {known_by}" if known else "n’a pas d’histoire"
            yield Break(where or story, seq, "ligne", f"{row} {said}.")
        cursor.execute(vanished.format(**names), values)
        for key, where, seq in cursor.fetchall():
            yield Break(where, seq, "ligne", f"{protection.table}:{key} a disparu.")


# The texts that a column hashes, and the last line of the journal on their row.
_DIGESTS = """
SELECT t.{key}::text, j.chaine, j.seq, t.{digest}, t.{hashed}::text
FROM public.{table} t
LEFT JOIN LATERAL (
    SELECT chaine, seq FROM journal WHERE objet = %(table)s || ':' || t.{key}
    ORDER BY instant DESC, seq DESC LIMIT 1
) j ON true
WHERE %(chain)s::uuid IS NULL OR j.chaine = %(chain)s::uuid
"""
EMPTY = ("{}", "[]")
"""JSON that holds nothing, and has no digest."""
HEAVY_BATCH = 10
"""Rows read at once where each may weigh a whole document."""


def _verify_digests(chain: UUID | None) -> list[Break]:
    """Texts too heavy for the journal against the digest it keeps, first flaw per chain and table."""
    breaks: list[Break] = []
    for protection in registry.protections.values():
        for digest, hashed in protection.digests.items():
            sql = _DIGESTS.format(
                key=quote(protection.key),
                digest=quote(digest),
                hashed=quote(hashed),
                table=quote(protection.table),
            )
            values = {"table": protection.table, "chain": chain}
            breaks += first_breaks(
                Break(
                    where,
                    seq,
                    "ligne",
                    f"{protection.table}:{key} n’a plus le texte dont le journal garde l’empreinte.",
                )
                for rows in _rows(sql, values, HEAVY_BATCH)
                for key, where, seq, said, text in rows
                if (json_digest(text) != said if said else text not in EMPTY)
            )
    return breaks


def _verify_annexes(chain: UUID | None) -> list[Break]:
    """Tables bound to revisions against the details of the journal, first flaw per chain and table."""
    breaks: list[Break] = []
    for annex in registry.annexes.values():
        values = {"chain": chain, "mark": f'"{annex.mark}":'}
        batches = _rows(compare_annex(annex), values)
        breaks += first_breaks(found for rows in batches for found in judge_rows(annex, rows))
    return breaks


# The past is read by revision, and was written in the order of the journal.
_OUT_OF_ORDER = """
SELECT DISTINCT ON (chaine) chaine, seq, id FROM (
    SELECT j.chaine, j.seq, v.id, lead(j.seq) OVER w AS apres, lead(j.chaine) OVER w AS ailleurs
    FROM reversion_version v JOIN journal j ON j.version_id = v.id
    WHERE %(chain)s::uuid IS NULL OR j.chaine = %(chain)s::uuid
    WINDOW w AS (PARTITION BY v.db, v.content_type_id, v.object_id ORDER BY v.revision_id)
) o WHERE apres < seq OR ailleurs <> chaine ORDER BY chaine, seq
"""


def _verify_order(chain: UUID | None) -> list[Break]:
    """Versions numbered before others of their object that were written earlier."""
    with connection.cursor() as cursor:
        cursor.execute(_OUT_OF_ORDER, {"chain": chain})
        return [
            Break(
                where,
                seq,
                "version",
                f"Ligne {seq}\u202f: la version {key} s’est glissée parmi les versions passées de son objet.",
            )
            for where, seq, key in cursor.fetchall()
        ]


# A redacted entry says nothing any more of what it told.
_UNTOLD = """
WITH said AS MATERIALIZED (
    SELECT objet, corps::jsonb -> 'details' ->> %(detail)s AS dite FROM journal
    WHERE chaine = %(chain)s::uuid AND objet LIKE %(about)s || ':%%'
        AND (corps IS NULL OR strpos(corps, %(mark)s) > 0)
)
SELECT t.{key}::text FROM public.{table} t
WHERE to_jsonb(t) @> %(state)s::jsonb AND NOT EXISTS (
    SELECT FROM said s WHERE s.objet = %(about)s || ':' || t.{subject}::text
        AND (s.dite IS NULL
            OR s.dite = encode(sha256(convert_to(concat_ws(':', {hashed}), 'UTF8')), 'hex')))
LIMIT 1
"""


def _verify_told(chain: UUID | None) -> list[Break]:
    """Rows that others rely on, and that no event tells (``registry.tell``)."""
    breaks = []
    for telling in registry.tellings.values():
        if chain not in (None, telling.chain):
            continue
        sql = _UNTOLD.format(
            key=quote(str(telling.model._meta.pk.column)),
            table=quote(telling.table),
            subject=quote(telling.subject),
            hashed=", ".join(f"t.{quote(c)}::text" for c in (telling.subject, *telling.hashed)),
        )
        asked: dict[str, str | UUID] = {
            "chain": telling.chain,
            "about": telling.about,
            "detail": telling.detail,
            "mark": f'"{telling.detail}"',
            "state": canonical_json(telling.state),
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, asked)
            breaks += [
                Break(
                    telling.chain,
                    None,
                    "ligne",
                    f"La ligne {telling.table}:{key} n’est dite par aucune ligne du journal.",
                )
                for (key,) in cursor.fetchall()
            ]
    return breaks


def _verify_known() -> list[Break]:
    """Chains that tell the story of nothing: nobody reads them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.chaine FROM chaine_tete c LEFT JOIN ({registry.known_chains()}) k (id)"  # noqa: S608 - names of ours, quoted
            " ON k.id = c.chaine WHERE k.id IS NULL AND c.chaine <> %s ORDER BY 1",
            [PLATFORM_CHAIN],
        )
        return [
            Break(
                where, None, "chaine", "Cette chaîne ne raconte rien que la plateforme connaisse."
            )
            for (where,) in cursor.fetchall()
        ]


_ORPHANS = {
    "La version {} n’a pas de ligne au journal.": """
SELECT v.id FROM reversion_version v LEFT JOIN journal j ON j.version_id = v.id
WHERE j.version_id IS NULL ORDER BY v.id LIMIT 1
""",
    "La révision {} n’est dite par aucune ligne du journal.": """
SELECT r.id FROM reversion_revision r
WHERE NOT EXISTS (SELECT FROM reversion_version v WHERE v.revision_id = r.id)
    AND NOT EXISTS (SELECT FROM journal j WHERE j.operation::text = r.comment)
ORDER BY r.id LIMIT 1
""",
}


def _verify_orphans() -> list[Break]:
    """Versions that no journal row names, revisions without version that none tells."""
    breaks = []
    for words, sql in _ORPHANS.items():
        with connection.cursor() as cursor:
            cursor.execute(sql)
            found = cursor.fetchall()
        breaks += [Break(None, None, "version", words.format(key)) for (key,) in found]
    return breaks


# A receipt, the line it is of, and the line of the platform that says it was handed over. What is
# forged into nonsense is not read: its digest is no longer the one of that line.
# What announces a receipt may have been written by anyone who holds the password of the site.
_UUID = "^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$"
_RECEIPTS = """
SELECT * FROM (
    SELECT coalesce(r.id::text, split_part(i.objet, ':', 2)),
        coalesce(r.chaine, CASE WHEN i.dit ->> 'chaine' ~ %(uuid)s THEN (i.dit ->> 'chaine')::uuid
            ELSE %(platform)s END) AS chaine,
        coalesce(r.seq, CASE WHEN i.dit ->> 'ligne' ~ '^[0-9]{1,18}$' THEN (i.dit ->> 'ligne')::bigint
            END) AS seq,
        CASE WHEN r.id IS NULL THEN 'disparu'
            WHEN j.empreinte IS DISTINCT FROM r.empreinte THEN 'ligne'
            WHEN i.objet IS NULL THEN 'annonce'
            WHEN i.dit IS NOT NULL AND i.dit ->> 'contenu' IS DISTINCT FROM
                encode(sha256(convert_to(r.contenu, 'UTF8')), 'hex') THEN 'mots'
            WHEN abs(extract(epoch FROM r.instant - i.instant)) > 300 THEN 'instant'
            WHEN NOT r.contenu::jsonb @> jsonb_build_object('acte', j.action, 'objet', j.objet,
                    'horodatage_interne',
                    to_char(j.instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'))
                OR j.corps IS NOT NULL AND NOT r.contenu::jsonb @> jsonb_build_object(
                    'libelle', coalesce(j.corps::jsonb ->> 'libelle', ''),
                    'auteur', coalesce(j.corps::jsonb -> 'acteur' ->> 'nom', '')) THEN 'mots'
        END AS flaw
    FROM recu r
    LEFT JOIN journal j ON j.chaine = r.chaine AND j.seq = r.seq
    FULL JOIN (
        SELECT objet, instant, corps::jsonb -> 'details' AS dit FROM journal
        WHERE chaine = %(platform)s AND action = 'audit:receipt:issued'
    ) i ON i.objet = 'recu:' || r.id
) seen WHERE flaw IS NOT NULL AND (%(chain)s::uuid IS NULL OR chaine = %(chain)s::uuid)
ORDER BY chaine, seq LIMIT 100
"""
_RECEIPT_FLAWS = {
    "disparu": "Le reçu {} a disparu.",
    "ligne": "Le journal ne connaît pas le reçu {}.",
    "annonce": "Le reçu {} n’a pas de ligne au journal qui le délivre.",
    "mots": "Le reçu {} ne dit pas ce que dit sa ligne au journal.",
    "instant": "Le reçu {} a changé de date.",
}


def _verify_receipts(chain: UUID | None) -> list[Break]:
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPTS, {"chain": chain, "platform": PLATFORM_CHAIN, "uuid": _UUID})
        return [
            Break(where, seq, "recu_inconnu", _RECEIPT_FLAWS[flaw].format(key))
            for key, where, seq, flaw in cursor.fetchall()
        ]


# A redacted line says no root any more.
_SEALS = """
SELECT s.id, s.racine, s.n, s.tetes, split_part(j.objet, ':', 2), j.seq,
    CASE WHEN s.id IS NULL THEN 'disparu'
        WHEN j.objet IS NULL THEN 'annonce'
        WHEN abs(extract(epoch FROM s.instant - j.instant)) > 300 THEN 'instant'
        WHEN j.dit IS NOT NULL AND j.dit IS DISTINCT FROM jsonb_build_object(
            'racine', encode(s.racine, 'hex'), 'n', s.n, 'publication', s.publication)
            THEN 'mots' END
FROM sceau s FULL JOIN (
    SELECT objet, seq, instant, corps::jsonb -> 'details' AS dit FROM journal
    WHERE chaine = %(platform)s AND action = 'audit:evidence:sealed'
) j ON j.objet = 'sceau:' || s.id
ORDER BY s.id
"""
_SEAL_FLAWS = {
    "disparu": "Le sceau n°\u00a0{} a disparu.",
    "annonce": "Le sceau n°\u00a0{} n’a pas de ligne au journal.",
    "instant": "Le sceau n°\u00a0{} a changé de date.",
    "mots": "Le sceau n°\u00a0{} ne dit pas ce que dit sa ligne au journal.",
}


def _verify_seals() -> list[Break]:
    """Each seal against its heads and the line that tells it, both ways; the last against the journal."""
    breaks = []
    last: dict[str, list[Any]] = {}
    for batch in _rows(_SEALS, {"platform": PLATFORM_CHAIN}):
        for key, racine, count, tetes, said, line, flaw in batch:
            if flaw is not None:
                where = None if line is None else PLATFORM_CHAIN
                breaks.append(Break(where, line, "sceau", _SEAL_FLAWS[flaw].format(key or said)))
            if key is None:
                continue
            last = loads(tetes)
            heads = [(UUID(c), seq, bytes.fromhex(link)) for c, (seq, link) in last.items()]
            if flaw is None and (len(heads) != count or heads_root(heads) != bytes(racine)):
                breaks.append(Break(None, None, "sceau", f"Le sceau n°\u00a0{key} a changé."))
    if last:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT s.chaine, s.seq FROM unnest(%s::uuid[], %s::bigint[], %s::text[])"
                " AS s(chaine, seq, empreinte)"
                " LEFT JOIN journal j ON j.chaine = s.chaine AND j.seq = s.seq"
                " WHERE s.seq > 0 AND encode(j.empreinte, 'hex') IS DISTINCT FROM s.empreinte",
                [list(last), [h[0] for h in last.values()], [h[1] for h in last.values()]],
            )
            for where, seq in cursor.fetchall():
                words = f"La ligne {seq} n’est plus celle que le dernier sceau connaît."
                breaks.append(Break(where, seq, "sceau", words))
    return breaks


def _verify_files(report: EvidenceReport, chain: UUID | None) -> list[Break]:
    breaks = []
    for source in registry.file_sources:
        for stored in source(chain):
            report.files += 1
            try:
                digest = sha256()
                with stored.open() as stream:
                    while block := stream.read(1 << 20):
                        digest.update(block)
                flaw = "" if digest.hexdigest() == stored.sha256 else "a changé"
            except OSError:
                flaw = "manque"
            if flaw:
                words = f"Le fichier {stored.label} {flaw}."
                breaks.append(Break(stored.chain, None, "fichier", words))
    return breaks
