"""Lines of a chain for the evidence pack; the stand-alone verifier reads them."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from procurement.audit import registry
from procurement.audit.services.annexes import export_annex


FORMAT = "wiki-marche/journal/1"

_LINES = """
SELECT j.seq, (extract(epoch FROM j.instant) * 1000000)::bigint, j.xid::text::bigint,
    j.operation::text, j.version_id, j.acteur, j.action, j.objet,
    encode(j.contenu_empreinte, 'hex'), j.corps, encode(j.corps_empreinte, 'hex'),
    encode(j.sel, 'hex'), encode(j.precedent, 'hex'), encode(j.empreinte, 'hex'),
    v.serialized_data{columns}
FROM journal j LEFT JOIN reversion_version v ON v.id = j.version_id{joins}
WHERE j.chaine = %s ORDER BY j.seq
"""
_NAMES = (
    "seq", "instant", "xid", "operation", "version", "acteur", "action", "objet",
    "contenu_empreinte", "corps", "corps_empreinte", "sel", "precedent", "empreinte", "contenu",
)  # fmt: skip


def export_chain(chain: UUID) -> Iterator[str]:
    """Yield JSON lines: a header with the head, then each entry, its version and its annexes.

    The header says by which detail an entry announces each annex: {table: detail}.
    """
    annexes = list(registry.annexes.values())
    parts = [export_annex(annex, f"annexe_{rank}") for rank, annex in enumerate(annexes)]
    lines = _LINES.format(
        columns="".join(f", {column}" for column, _join in parts),
        joins="".join(join for _column, join in parts),
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq, empreinte FROM chaine_tete WHERE chaine = %s", [chain])
            seq, link = cursor.fetchone() or (0, bytes(32))
        head = {"format": FORMAT, "chaine": str(chain), "seq": seq, "empreinte": bytes(link).hex()}
        yield json.dumps({**head, "annexes": {annex.table: annex.mark for annex in annexes}})
        with connection.chunked_cursor() as cursor:
            # Entries appended since the head was read are left to the next export.
            cursor.execute(lines, [chain])
            while batch := cursor.fetchmany(1000):
                for row in batch:
                    if row[0] <= seq:
                        yield _line(row, annexes)


def _line(row: tuple[Any, ...], annexes: list[registry.Annex]) -> str:
    entry = dict(zip(_NAMES, row, strict=False))
    found = {
        annex.table: json.loads(text)
        for annex, text in zip(annexes, row[len(_NAMES) :], strict=True)
        if text is not None
    }
    return json.dumps({**entry, "annexes": found} if found else entry, ensure_ascii=False)
