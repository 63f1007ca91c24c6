"""Lines of a chain for the evidence pack; the stand-alone verifier reads them."""

import json
from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction


FORMAT = "wiki-marche/journal/1"

_LINES = """
SELECT j.seq, (extract(epoch FROM j.instant) * 1000000)::bigint, j.xid::text::bigint,
    j.operation::text, j.version_id, j.acteur, j.action, j.objet,
    encode(j.contenu_empreinte, 'hex'), j.corps, encode(j.corps_empreinte, 'hex'),
    encode(j.sel, 'hex'), encode(j.precedent, 'hex'), encode(j.empreinte, 'hex'),
    v.serialized_data
FROM journal j LEFT JOIN reversion_version v ON v.id = j.version_id
WHERE j.chaine = %s ORDER BY j.seq
"""
_NAMES = (
    "seq", "instant", "xid", "operation", "version", "acteur", "action", "objet",
    "contenu_empreinte", "corps", "corps_empreinte", "sel", "precedent", "empreinte", "contenu",
)  # fmt: skip


def export_chain(chain: UUID) -> Iterator[str]:
    """Yield JSON lines: a header with the head, then each entry with the text of its version."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq, empreinte FROM chaine_tete WHERE chaine = %s", [chain])
            seq, link = cursor.fetchone() or (0, bytes(32))
        yield json.dumps(
            {"format": FORMAT, "chaine": str(chain), "seq": seq, "empreinte": bytes(link).hex()}
        )
        with connection.chunked_cursor() as cursor:
            # Entries appended since the head was read are left to the next export.
            cursor.execute(_LINES, [chain])
            while batch := cursor.fetchmany(1000):
                for row in batch:
                    if row[0] <= seq:
                        yield json.dumps(dict(zip(_NAMES, row, strict=True)), ensure_ascii=False)
