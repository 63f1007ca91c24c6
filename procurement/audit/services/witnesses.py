"""Witnesses kept elsewhere: a seal, a receipt or a paper brought back, against the journal of today."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from procurement.audit.domain.merkle import heads_root
from procurement.audit.domain.verification import Break
from procurement.audit.models import Receipt, Seal


SEAL_FORMAT = "wiki-marche/sceau/1"
RECEIPT_FORMAT = "wiki-marche/recu/1"
HASH_BYTES = 32


class UnreadableWitness(ValueError):
    """What was brought is no witness of ours, or does not hold together by itself."""


def seal_document(seal: Seal) -> dict[str, Any]:
    """What a witness keeps of a seal: its root, and the heads it was made of."""
    return {
        "format": SEAL_FORMAT,
        "sceau": seal.pk,
        "instant": seal.instant.isoformat(),
        "racine": bytes(seal.racine).hex(),
        "chaines": seal.n,
        "tetes": json.loads(seal.tetes),
    }


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """What the author of an act takes away."""
    return {
        "format": RECEIPT_FORMAT,
        "recu": str(receipt.pk),
        "instant": receipt.instant.isoformat(),
        "chaine": str(receipt.chaine),
        "seq": receipt.seq,
        "empreinte": bytes(receipt.empreinte).hex(),
        "contenu": json.loads(receipt.contenu),
    }


def verify_seal(document: Mapping[str, Any]) -> list[Break]:
    """Compare a seal kept elsewhere with the journal. Heads left out are those the database keeps.

    Raises UnreadableWitness.
    """
    try:
        root = bytes.fromhex(document["racine"])
        heads = _heads(document["tetes"]) if "tetes" in document else None
        kept = Seal.objects.filter(racine=root).first()
        if heads is None and kept is not None:
            heads = _heads(json.loads(kept.tetes))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableWitness("ce fichier n’est pas un sceau") from error
    if heads is not None and heads_root(heads) != root:
        raise UnreadableWitness("la racine du sceau n’est pas celle de ses têtes")
    breaks = []
    if kept is None:
        words = f"La base ne connaît plus le sceau présenté ({root.hex()[:16]}…)."
        breaks.append(Break(None, None, "sceau", words))
    for chain, seq, link in heads or []:
        if seq and _link(chain, seq) != link:
            words = f"La ligne {seq} n’est plus celle que le sceau présenté connaît."
            breaks.append(Break(chain, seq, "sceau", words))
    return breaks


def _heads(said: Mapping[str, Any]) -> list[tuple[UUID, int, bytes]]:
    return [(UUID(chain), int(seq), bytes.fromhex(link)) for chain, (seq, link) in said.items()]


def verify_receipt(document: Mapping[str, Any]) -> list[Break]:
    """Compare a receipt that a person brings with the journal, and with what was written of it.

    Raises UnreadableWitness.
    """
    try:
        key, chain, seq = UUID(document["recu"]), UUID(document["chaine"]), int(document["seq"])
        link, said = bytes.fromhex(document["empreinte"]), document["contenu"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableWitness("ce fichier n’est pas un reçu") from error
    if _link(chain, seq) != link:
        words = f"Le journal ne connaît pas le reçu présenté ({key}).{_said_later(chain, seq)}"
        return [Break(chain, seq, "recu_inconnu", words)]
    kept = Receipt.objects.filter(pk=key).first()
    if kept is None:
        words = f"La ligne {seq} est bien celle du reçu {key}, que la base n’a pas délivré."
        return [Break(chain, seq, "recu_inconnu", words)]
    same = (kept.chaine, kept.seq, bytes(kept.empreinte)) == (chain, seq, link)
    if not same or receipt_document(kept)["contenu"] != said:
        words = f"Le reçu présenté ({key}) ne dit pas ce que la base en a gardé."
        return [Break(chain, seq, "recu_inconnu", words)]
    return []


def verify_head(said: str) -> list[Break]:
    """Compare the head that a paper bears with the journal: "CHAIN:SEQ:HASH", signs grouped or not.

    Raises UnreadableWitness.
    """
    try:
        name, number, signs = said.split(":")
        chain, seq, link = UUID(name.strip()), int(number), bytes.fromhex("".join(signs.split()))
    except ValueError as error:
        raise UnreadableWitness("une tête s’écrit CHAINE:SEQ:EMPREINTE") from error
    if len(link) != HASH_BYTES:
        raise UnreadableWitness("l’empreinte d’une tête a soixante-quatre signes")
    if _link(chain, seq) == link:
        return []
    words = (
        f"La ligne {seq} n’est pas celle que le papier présenté connaît.{_said_later(chain, seq)}"
    )
    return [Break(chain, seq, "tete", words)]


def _said_later(chain: UUID, seq: int) -> str:
    """What more to say of a witness that knows a line after the last one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(seq), 0) FROM journal WHERE chaine = %s", [chain])
        last: int = cursor.fetchone()[0]
    if seq <= last:
        return ""
    return (
        f" Il est postérieur à ce que la base tient\u202f: cette chaîne s’y arrête à la ligne {last}."
        " Une sauvegarde plus ancienne a été restaurée, ou la fin de la chaîne a été coupée."
    )


def _link(chain: UUID, seq: int) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT empreinte FROM journal WHERE chaine = %s AND seq = %s", [chain, seq])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None
