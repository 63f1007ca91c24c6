"""Everything that is compared with the journal: rows, texts, annexes, their order and what tells them."""

from collections.abc import Iterator
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import DataError, connection, transaction
from django.db.models import Model

from procurement.audit import registry
from procurement.audit.domain.canonique import canonical_json, json_digest
from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.roles import quote
from procurement.audit.domain.verification import Break
from procurement.audit.services.annexes import compare_annex, first_breaks, judge_rows
from procurement.audit.services.announced import verify_receipts, verify_seals
from procurement.audit.services.batches import BATCH, read_batches


def verify_tables(chain: UUID | None) -> list[Break]:
    """Everything that is compared with the journal, itself verified by _verify_chains."""
    breaks = _verify_rows(chain) + _verify_digests(chain) + _verify_annexes(chain)
    breaks += verify_receipts(chain)
    breaks += _verify_order(chain) + _verify_told(chain)
    if chain is not None:
        return breaks
    return breaks + _verify_known() + _verify_orphans() + verify_seals()


def _content_type(model: type[Model]) -> int | None:
    """Key of a content type, never created here; None when the table is not migrated yet."""
    found = ContentType.objects.filter(
        app_label=model._meta.app_label, model=model._meta.model_name
    ).first()
    return found.pk if found else None


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
                for rows in read_batches(sql, values, HEAVY_BATCH)
                for key, where, seq, said, text in rows
                if (json_digest(text) != said if said else text not in EMPTY)
            )
    return breaks


def _verify_annexes(chain: UUID | None) -> list[Break]:
    """Tables bound to revisions against the details of the journal, first flaw per chain and table."""
    breaks: list[Break] = []
    for annex in registry.annexes.values():
        values = {"chain": chain, "mark": f'"{annex.mark}":'}
        batches = read_batches(compare_annex(annex), values)
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
