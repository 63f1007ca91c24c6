"""Pièces of a marché: creating, renaming, sending to review."""

from django.db import transaction
from django.db.models import Max

from procurement.access.services import Conflict
from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.marches.models import Marche
from wikimarche.enums import StatutPiece, TypePiece
from wikimarche.models import Piece
from wikimarche.services.versions import lock_piece
from wikimarche.workflow import TRANSITIONS


@transaction.atomic
def create_piece(*, by: User, marche: Marche, type: TypePiece, titre: str = "") -> Piece:
    """Add a pièce at the end of the marché, titled after its type by default."""
    marche = Marche.objects.select_for_update(of=("self",), no_key=True).get(pk=marche.pk)
    last = Piece.objects.filter(marche=marche).aggregate(last=Max("rang"))["last"] or 0
    piece = Piece(
        marche=marche,
        type=type,
        titre=" ".join(titre.split()) or TypePiece(type).label,
        rang=last + 1,
    )
    piece.full_clean()
    with recording(
        by=by,
        tag="wikimarche:piece:created",
        obj=piece,
        details={"type": str(type), "titre": piece.titre},
    ):
        piece.save()
    return piece


@transaction.atomic
def rename_piece(*, by: User, piece: Piece, titre: str) -> Piece:
    """Change the title. Raises ValidationError when it is empty or too long."""
    piece = lock_piece(piece)
    old, piece.titre = piece.titre, " ".join(titre.split())
    if old == piece.titre:
        return piece
    piece.full_clean()
    with recording(
        by=by,
        tag="wikimarche:piece:renamed",
        obj=piece,
        details={"avant": old, "après": piece.titre},
    ):
        piece.save(update_fields=["titre"])
    return piece


def submit_piece(*, by: User, piece: Piece) -> Piece:
    """Send a draft to review."""
    return _move(by, piece, "submit", "wikimarche:piece:submitted")


def reopen_piece(*, by: User, piece: Piece) -> Piece:
    """Take a pièce under review back to draft."""
    return _move(by, piece, "reopen", "wikimarche:piece:reopened")


def withdraw_piece(*, by: User, piece: Piece) -> Piece:
    """Take the pièce out of the marché; it stays readable and can come back."""
    return _move(by, piece, "withdraw", "wikimarche:piece:withdrawn")


def reinstate_piece(*, by: User, piece: Piece) -> Piece:
    """Put a withdrawn pièce back, as a draft."""
    return _move(by, piece, "reinstate", "wikimarche:piece:reinstated")


@transaction.atomic
def _move(by: User, piece: Piece, verb: str, tag: str) -> Piece:
    piece = lock_piece(piece)
    old = StatutPiece(piece.statut)
    try:
        piece.statut = TRANSITIONS[verb, old]
    except KeyError:
        raise Conflict(f"La pièce est à l’état « {old.label} » : cela ne se peut pas.") from None
    with recording(
        by=by, tag=tag, obj=piece, details={"avant": str(old), "après": str(piece.statut)}
    ):
        piece.save(update_fields=["statut"])
    return piece
