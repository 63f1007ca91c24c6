"""Images of the text: bounded, of a known type, kept under their SHA-256."""

from typing import BinaryIO

from django.db import transaction

from procurement.accounts.models import User
from procurement.documents.enums import StatutFichier
from procurement.documents.services import judge_image, read_bounded, store_file
from wikimarche.models import Image, Piece


@transaction.atomic
def add_image(*, by: User, piece: Piece, content: bytes | BinaryIO, nom: str) -> Image:
    """Keep an image to put in the text of the pièce. Raises DocumentRefused (PNG or JPEG only)."""
    data = read_bounded(content)
    type_mime = judge_image(data, nom)
    # Judged, of a kind that runs nothing, and served inert: colleagues see it at once.
    fichier = store_file(
        by=by, content=data, nom=nom, type_mime=type_mime, statut=StatutFichier.SAINE
    )
    return Image.objects.create(fichier=fichier, piece=piece)
