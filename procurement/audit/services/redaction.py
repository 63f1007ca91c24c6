"""Redacting a passage: find every entry that still holds it, then empty them together."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from procurement.audit.services.export import export_chain


@dataclass(frozen=True)
class Holding:
    """One entry that holds a passage, and where: in its words, its version, what stands beside it."""

    seq: int
    objet: str
    acteur: str
    libelle: str
    places: tuple[str, ...]
    present: bool
    """The text that stands today rests on this version: change it first."""


def find_passage(*, chain: UUID, passage: str) -> list[Holding]:
    """List the entries of a chain whose words, version or annexes hold a passage, oldest first.

    Marks do not hide it, nor capitals, nor blanks. Typed in several saves, a passage is found from
    the version where it is whole. Raises ValueError for an empty one.
    """
    wanted = _flat(passage)
    if not wanted:
        raise ValueError("Donnez le passage à chercher.")
    found: list[dict[str, Any]] = []
    last: dict[str, int] = {}
    lines = export_chain(chain)
    next(lines)
    for line in lines:
        entry = json.loads(line)
        if entry["version"] is not None:
            last[entry["objet"]] = entry["seq"]
        if entry["corps"] is None:
            continue
        held = {"le journal": json.loads(entry["corps"])}
        if entry["contenu"]:
            held["la version"] = json.loads(entry["contenu"])
        for table, annex in entry.get("annexes", {}).items():
            held[f"l’annexe {table}"] = annex
        places = tuple(place for place, value in held.items() if wanted in _flat(words_of(value)))
        if places:
            found.append({**entry, "places": places, "libelle": held["le journal"].get("libelle")})
    return [
        Holding(
            seq=entry["seq"],
            objet=entry["objet"],
            acteur=entry["acteur"],
            libelle=entry["libelle"] or "",
            places=entry["places"],
            present=entry["version"] is not None and last[entry["objet"]] == entry["seq"],
        )
        for entry in found
    ]


def words_of(value: Any) -> str:
    """Everything that can be read in a JSON value; pieces of one sentence stay together.

    >>> words_of({"a": [{"text": "tren"}, {"text": "te"}], "b": "jours"})
    'trente jours'
    """
    return " ".join("".join(_words(value)).split())


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and isinstance(item.get("text"), str):
                yield item["text"]
            else:
                yield "\n"
                yield from _words(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield "\n"
            yield from _words(item)


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


@transaction.atomic
def redact_entries(
    *, chain: UUID, seqs: Sequence[int], motif: str, asked_by: Any, approved_by: Any
) -> list[int]:
    """Redact several entries, all or none. Returns the numbers of the entries that say so.

    Raises as redact_entry does.
    """
    return [
        redact_entry(chain=chain, seq=seq, motif=motif, asked_by=asked_by, approved_by=approved_by)
        for seq in seqs
    ]


def redact_entry(*, chain: UUID, seq: int, motif: str, asked_by: Any, approved_by: Any) -> int:
    """Empty the body of an entry, its version and its annexes: two persons, a motive, a row that says so.

    The chain still verifies. Returns the number of that row. Raises IntegrityError with a French
    sentence when the two persons are one, the motive is missing, or the present text rests on it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.journal_caviarder(%s, %s, %s, %s, %s)",
            [chain, seq, motif, f"acheteur:{asked_by.pk}", f"acheteur:{approved_by.pk}"],
        )
        return int(cursor.fetchone()[0])
