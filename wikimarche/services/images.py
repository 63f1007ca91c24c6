"""Images of the text: bounded, of a known type, analysed, kept under their SHA-256."""

from typing import BinaryIO

from django.db import transaction

from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.documents.services import (
    Received,
    analyse_received,
    cut_image,
    judge_image,
    keep_received,
    read_bounded,
)
from wikimarche.models import Image, Piece
from wikimarche.permissions import Action
from wikimarche.services.versions import hold_piece


def add_image(*, by: User, piece: Piece, content: bytes | BinaryIO, nom: str) -> Image:
    """Keep an image to put in the text of the pièce; it shows once the antivirus found it sound.

    Raises DocumentRefused: neither PNG nor JPEG, out of bounds, malware.
    """
    return keep_image(
        by=by, piece=piece, received=receive_image(by=by, piece=piece, content=content, nom=nom)
    )


def receive_image(*, by: User, piece: Piece, content: bytes | BinaryIO, nom: str) -> Received:
    """Judge an image, outside the transaction that keeps it. Raises DocumentRefused."""
    data = cut_image(read_bounded(content))
    type_mime = judge_image(data, nom)
    return analyse_received(
        by=by, chain=piece.marche_id, content=data, nom=nom, type_mime=type_mime
    )


@transaction.atomic
def keep_image(*, by: User, piece: Piece, received: Received) -> Image:
    """Keep a judged image; the pièce decides who sees it."""
    piece = hold_piece(piece, by=by, action=Action.IMAGE_ADD)
    image = Image(piece=piece)
    details = {"image": received.nom}
    with recording(by=by, tag="wikimarche:image:added", obj=image, details=details):
        image.fichier = keep_received(by=by, received=received, chain=piece.marche_id)
        image.save(force_insert=True)
    return image
