"""What verify_evidence --fichiers reads back for one marché: its images and imported documents."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

from django.db.models import Q

from procurement.audit.registry import StoredBytes
from procurement.documents.enums import SANS_OCTETS
from procurement.documents.models import StoredFile
from procurement.documents.services import open_bytes
from wikimarche.models import Importation


def list_bytes_of_marche(chain: UUID | None) -> Iterator[StoredBytes]:
    """Give the files that the pièces of a marché hold; nothing when no chain is asked for."""
    if chain is None:
        return
    imported = Importation.objects.filter(piece__marche=chain).values("fichier")
    files = StoredFile.objects.filter(Q(image__piece__marche=chain) | Q(pk__in=imported))
    kept = files.exclude(statut__in=SANS_OCTETS)
    for file in kept.distinct().iterator(chunk_size=500):
        yield StoredBytes(chain, file.nom, file.sha256, partial(open_bytes, file.sha256))
