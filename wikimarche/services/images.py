"""Images of the text: bounded, of a known type, kept under their SHA-256."""

from typing import BinaryIO

from django.db import transaction

from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.documents.enums import StatutFichier
from procurement.documents.services import judge_image, read_bounded, store_file
from wikimarche.models import Image, Piece


@transaction.atomic
def add_image(*, by: User, piece: Piece, content: bytes | BinaryIO, nom: str) -> Image:
    """Keep an image to put in the text of the pièce. Raises DocumentRefused (PNG or JPEG only)."""
    data = read_bounded(content)
    type_mime = judge_image(data, nom)
    # Judged, of a kind that runs nothing, and served inert: colleagues see it at once.
    image = Image(piece=piece)
    with recording(by=by, tag="wikimarche:image:added", obj=image, details={"image": nom}):
        image.fichier = store_file(
            by=by,
            content=data,
            nom=nom,
            type_mime=type_mime,
            chain=piece.marche_id,
            statut=StatutFichier.SAINE,
        )
        image.save(force_insert=True)
    return image
