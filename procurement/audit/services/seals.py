"""Seals over all chains, receipts handed to people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from procurement.audit.domain.canonique import canonical_json
from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.merkle import heads_root
from procurement.audit.models import Receipt, Seal
from procurement.audit.services.events import record_event


@transaction.atomic
def seal_evidence(*, by: Any = None, publication: str = "") -> Seal:
    """Store the Merkle root over the heads of all chains; refusals counted so far are written first.

    A seal protects only against whoever does not hold it: publish the root outside.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.journal_refus_vider(true)")
        cursor.execute("SELECT chaine, seq, empreinte FROM chaine_tete ORDER BY chaine")
        heads = [(chain, seq, bytes(link)) for chain, seq, link in cursor.fetchall()]
        root = heads_root(heads)
        tetes = canonical_json({str(chain): [seq, link.hex()] for chain, seq, link in heads})
        cursor.execute(
            "INSERT INTO sceau (instant, racine, n, tetes, publication)"
            " VALUES (clock_timestamp(), %s, %s, %s, %s) RETURNING id",
            [root, len(heads), tetes, publication],
        )
        key = cursor.fetchone()[0]
    record_event(
        by=by,
        tag="audit:evidence:sealed",
        chain=PLATFORM_CHAIN,
        objet=f"sceau:{key}",
        details={"racine": root.hex(), "n": len(heads)},
    )
    return Seal.objects.get(pk=key)


@transaction.atomic
def issue_receipt(*, chain: UUID, seq: int, contenu: Mapping[str, object]) -> Receipt:
    """Make the proof that the author of an act takes away: the hash of its journal row.

    contenu: what the law asks to see (depositor, buyer, object, files with their SHA-256).
    """
    key = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO recu (id, instant, chaine, seq, empreinte, contenu)"
            " SELECT %s, clock_timestamp(), chaine, seq, empreinte, %s FROM journal"
            " WHERE chaine = %s AND seq = %s",
            [key, canonical_json(contenu), chain, seq],
        )
    return Receipt.objects.get(pk=key)
