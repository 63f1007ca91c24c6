"""The evidence pack: one ZIP that anybody can check with Python alone, without us and without a network."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from procurement.audit.domain import verifier
from procurement.audit.domain.merkle import head_leaf, merkle_path
from procurement.audit.models import Receipt, Seal
from procurement.audit.selectors import database_now
from procurement.audit.services.export import export_chain
from procurement.audit.services.verification import UnknownChain
from procurement.audit.services.witnesses import SEAL_FORMAT, receipt_document


MANIFEST = "manifeste.sha256"
VERSIONS = ("ligne", "objet", "version", "empreinte", "caviardee")


@dataclass
class Pack:
    """What went into a pack."""

    chains: int = 0
    entries: int = 0
    seals: int = 0
    receipts: int = 0
    digests: dict[str, str] = field(default_factory=dict)


def write_pack(out: BinaryIO, *, chain: UUID | None, titre: str) -> Pack:
    """Write the evidence of a chain, or of all, as a ZIP; memory does not grow with the journal.

    titre: what the pack is about, for its README. Seals are told by their path to one chain: the
    number of acts of other marchés stays out. Raises UnknownChain.
    """
    pack = Pack()
    chains = _chains(chain)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        # Witnesses first: what they know is in a journal read after them, never the reverse.
        for one in chains:
            pack.seals += _add_all(archive, pack, f"sceaux/{one}", _seals_of(one))
            pack.receipts += _add_all(archive, pack, f"recus/{one}", _receipts_of(one))
        for one in chains:
            pack.chains += 1
            _add_journal(archive, pack, one)
        _add(archive, pack, "verifier.py", [Path(verifier.__file__).read_bytes()])
        said = render_to_string(
            "reports/audit/lisez-moi.txt", {"titre": titre, "pack": pack, "now": database_now()}
        )
        _add(archive, pack, "LISEZ-MOI.txt", [said.encode()])
        listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(pack.digests.items()))
        archive.writestr(MANIFEST, listed)
    return pack


def _chains(chain: UUID | None) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chaine FROM chaine_tete WHERE seq > 0 AND (%s::uuid IS NULL OR chaine = %s::uuid)"
            " ORDER BY chaine",
            [chain, chain],
        )
        found = [row[0] for row in cursor.fetchall()]
    if chain is not None and not found:
        raise UnknownChain(str(chain))
    return found


def _add(archive: zipfile.ZipFile, pack: Pack, name: str, parts: Iterable[bytes]) -> None:
    digest = sha256()
    info = zipfile.ZipInfo(name, timezone.localtime().timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as member:
        for part in parts:
            digest.update(part)
            member.write(part)
    pack.digests[name] = digest.hexdigest()


def _add_all(
    archive: zipfile.ZipFile, pack: Pack, folder: str, documents: Iterable[tuple[str, object]]
) -> int:
    count = 0
    for name, document in documents:
        text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        _add(archive, pack, f"{folder}/{name}.json", [text.encode()])
        count += 1
    return count


def _seals_of(chain: UUID) -> Iterator[tuple[str, object]]:
    """Every seal that knows a chain, with the way from the head of that chain to its root."""
    for seal in Seal.objects.filter(tetes__contains=str(chain)).order_by("pk").iterator(50):
        said = {UUID(one): head for one, head in json.loads(seal.tetes).items()}
        if chain not in said or not said[chain][0]:
            continue
        ordered = sorted(said, key=lambda one: one.bytes)
        leaves = [head_leaf(one, said[one][0], bytes.fromhex(said[one][1])) for one in ordered]
        yield (
            f"sceau-{seal.pk}",
            {
                "format": SEAL_FORMAT,
                "sceau": seal.pk,
                "instant": seal.instant.isoformat(),
                "racine": bytes(seal.racine).hex(),
                "chaine": str(chain),
                "seq": said[chain][0],
                "empreinte": said[chain][1],
                "chemin": [
                    [side, node.hex()] for side, node in merkle_path(leaves, ordered.index(chain))
                ],
            },
        )


def _receipts_of(chain: UUID) -> Iterator[tuple[str, object]]:
    for receipt in Receipt.objects.filter(chaine=chain).order_by("seq", "instant").iterator(500):
        yield f"recu-{receipt.seq}-{str(receipt.pk)[:8]}", receipt_document(receipt)


def _add_journal(archive: zipfile.ZipFile, pack: Pack, chain: UUID) -> None:
    """Write the entries, then the digests of their versions, of one chain."""
    table = io.StringIO()
    digests = csv.writer(table, delimiter=";", lineterminator="\n")
    digests.writerow(VERSIONS)

    def lines() -> Iterator[bytes]:
        for rank, line in enumerate(export_chain(chain)):
            if rank:
                pack.entries += 1
                entry = json.loads(line)
                if entry["version"] is not None:
                    empty = "oui" if entry["corps"] is None else ""
                    digests.writerow(
                        [entry["seq"], entry["objet"], entry["version"], entry["contenu_empreinte"], empty]
                    )  # fmt: skip
            yield line.encode() + b"\n"

    _add(archive, pack, f"journal/{chain}.jsonl", lines())
    _add(archive, pack, f"versions/{chain}.csv", [table.getvalue().encode("utf-8-sig")])
