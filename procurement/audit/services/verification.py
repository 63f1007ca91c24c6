"""verify_evidence(): reads the whole history again and says where it is broken."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from json import loads
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import UUIDField

from procurement.audit import registry
from procurement.audit.domain.empreinte import ZERO16
from procurement.audit.domain.verification import Break, Walk, read_entry
from procurement.audit.models import Seal
from procurement.audit.services.tables import verify_tables
from procurement.audit.services.witnesses import (
    UnreadableWitness,
    seal_document,
    verify_seal,
)


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
            report.breaks += verify_tables(chain)
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
            return verify_tables(None)
    finally:
        connection.close()


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


def _table(content_type: ContentType) -> str | None:
    model = content_type.model_class()
    return model._meta.db_table if model else None


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
