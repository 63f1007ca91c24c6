"""Seals over all chains, receipts handed to people: the database alone writes them."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from procurement.audit.domain.canonique import canonical_json
from procurement.audit.models import Receipt, Seal
from procurement.audit.services.events import actor_label, describe_actor


@transaction.atomic
def seal_evidence(*, by: Any = None, publication: str = "") -> Seal:
    """Store the Merkle root over the heads of all chains; refusals counted so far are written first.

    A seal protects only against whoever does not hold it: publish the root outside.
    """
    return Seal.objects.get(
        pk=_write("sceau_poser(%s, %s, %s)", *_actor(by, "audit:evidence:sealed"), publication)
    )


@transaction.atomic
def issue_receipt(
    *, chain: UUID, seq: int, by: Any = None, acheteur: str = "", marche: str = ""
) -> Receipt:
    """Make the proof that the author of an act takes away: what its line says, and its hash.

    acheteur, marche: their names today, which the line does not hold. Raises IntegrityError for a
    line that is redacted, or is not.
    """
    return Receipt.objects.get(
        pk=_write(
            "recu_delivrer(%s, %s, %s, %s, %s, %s)",
            chain, seq, acheteur, marche, *_actor(by, "audit:receipt:issued"),
        )
    )  # fmt: skip


def _actor(by: Any, tag: str) -> tuple[str, str]:
    return actor_label(by, tag), canonical_json(describe_actor(by))


def _write(call: str, *args: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT public.{call}", args)
        return cursor.fetchone()[0]
