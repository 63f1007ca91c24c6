"""Receipts and seals against the lines of the platform that announce them, both ways."""

from json import loads
from typing import Any
from uuid import UUID

from django.db import connection

from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.merkle import heads_root
from procurement.audit.domain.verification import Break
from procurement.audit.services.batches import read_batches


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
    FROM (
        SELECT * FROM recu
        WHERE %(chain)s::uuid IS NULL OR %(chain)s::uuid IN (chaine, %(platform)s)
    ) r
    LEFT JOIN journal j ON j.chaine = r.chaine AND j.seq = r.seq
    FULL JOIN (
        SELECT objet, instant, corps::jsonb -> 'details' AS dit FROM journal
        WHERE chaine = %(platform)s AND action = 'audit:receipt:issued'
            AND (%(chain)s::uuid IS NULL OR %(chain)s::uuid = %(platform)s
                OR strpos(corps, %(chain)s::text) > 0
                OR objet IN (SELECT 'recu:' || id FROM recu WHERE chaine = %(chain)s::uuid))
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


def verify_receipts(chain: UUID | None) -> list[Break]:
    """Each receipt against its line, and against the line of the platform that hands it over."""
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


def verify_seals() -> list[Break]:
    """Each seal against its heads and the line that tells it, both ways; the last against the journal."""
    breaks = []
    last: dict[str, list[Any]] = {}
    for batch in read_batches(_SEALS, {"platform": PLATFORM_CHAIN}):
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
