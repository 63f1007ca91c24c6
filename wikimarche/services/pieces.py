"""Pièces of a marché: creating, renaming, sending to review."""

from django.db import transaction
from django.db.models import Max

from procurement.access.services import Conflict
from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.marches.models import Marche
from procurement.marches.services import lock_marche
from procurement.ui.typographie import read_ligne
from wikimarche.enums import StatutPiece, TypePiece
from wikimarche.models import Piece
from wikimarche.permissions import Action
from wikimarche.services.versions import hold_piece
from wikimarche.workflow import TRANSITIONS


@transaction.atomic
def create_piece(*, by: User, marche: Marche, type: TypePiece, titre: str = "") -> Piece:
    """Add a pièce at the end of the marché, titled after its type by default."""
    marche = lock_marche(marche, by=by, action=Action.PIECE_CREATE)
    last = Piece.objects.filter(marche=marche).aggregate(last=Max("rang"))["last"] or 0
    piece = Piece(
        marche=marche,
        type=type,
        titre=read_ligne(titre) or TypePiece(type).label,
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
def rename_piece(*, by: User, piece: Piece, titre: str, vu: str | None = None) -> Piece:
    """Change the title. Raises ValidationError when it is empty or too long.

    vu: the title the person saw, None when nobody looked at it; raises Conflict when it is another
    one by now.
    """
    piece = hold_piece(piece, by=by, action=Action.PIECE_UPDATE)
    old, piece.titre = piece.titre, read_ligne(titre)
    if old == piece.titre:
        return piece
    if vu is not None and read_ligne(vu) != old:
        raise Conflict(
            "Le titre a changé pendant que vous écriviez\u202f: la pièce s’intitule maintenant"
            f" «\u202f{old}\u202f». Le vôtre était «\u202f{piece.titre}\u202f»."
        )
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
    return _move(by, piece, Action.PIECE_SUBMIT, "submit", "wikimarche:piece:submitted")


def reopen_piece(*, by: User, piece: Piece) -> Piece:
    """Take a pièce under review back to draft."""
    return _move(by, piece, Action.PIECE_REOPEN, "reopen", "wikimarche:piece:reopened")


def withdraw_piece(*, by: User, piece: Piece) -> Piece:
    """Take the pièce out of the marché; it stays readable and can come back."""
    return _move(by, piece, Action.PIECE_WITHDRAW, "withdraw", "wikimarche:piece:withdrawn")


def reinstate_piece(*, by: User, piece: Piece) -> Piece:
    """Put a withdrawn pièce back, as a draft."""
    return _move(by, piece, Action.PIECE_WITHDRAW, "reinstate", "wikimarche:piece:reinstated")


@transaction.atomic
def _move(by: User, piece: Piece, action: Action, verb: str, tag: str) -> Piece:
    piece = hold_piece(piece, by=by, action=action)
    old = StatutPiece(piece.statut)
    try:
        piece.statut = TRANSITIONS[verb, old]
    except KeyError:
        raise Conflict(
            f"La pièce est à l’état «\u202f{old.label}\u202f»\u202f: cela ne se peut pas."
        ) from None
    with recording(
        by=by, tag=tag, obj=piece, details={"avant": str(old), "après": str(piece.statut)}
    ):
        piece.save(update_fields=["statut"])
    return piece
