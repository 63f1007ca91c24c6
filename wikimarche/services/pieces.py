"""Pièces of a marché: creating, renaming, putting in order, sending to review."""

import itertools
from uuid import UUID

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
    """Add a pièce at the end of the marché, titled after its type by default, numbered from the second one on."""
    marche = lock_marche(marche, by=by, action=Action.PIECE_CREATE)
    last = Piece.objects.filter(marche=marche).aggregate(last=Max("rang"))["last"] or 0
    piece = Piece(
        marche=marche,
        type=type,
        titre=read_ligne(titre) or _title_of(marche, TypePiece(type)),
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


def _title_of(marche: Marche, type: TypePiece) -> str:
    """Name of the type, with the first number that tells it from the pièces already there."""
    taken = set(Piece.objects.filter(marche=marche).values_list("titre", flat=True))
    others = (f"{type.label} {number}" for number in itertools.count(2))
    return next(titre for titre in itertools.chain([type.label], others) if titre not in taken)


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


@transaction.atomic
def move_piece(*, by: User, piece: Piece, up: bool, voisine: UUID | None = None) -> Piece:
    """Swap with the pièce listed just before it, or just after. Returns the one it has passed.

    voisine: the one the person saw there, None when nobody looked: a move is relative to what one
    sees. Raises Conflict at the end of the list, and when the order has changed meanwhile.
    """
    marche, other = piece.marche, _neighbour(piece, up=up)
    # The pièces, then the marché, as whoever writes in one: the other way round, two would wait for each other.
    wanted = Piece.objects.filter(pk__in=[piece.pk, other and other.pk]).order_by("pk")
    rows = {row.pk: row for row in wanted.select_for_update(of=("self",), no_key=True)}
    piece = rows[piece.pk]
    piece.marche = lock_marche(marche, by=by, action=Action.PIECE_MOVE, on=piece)
    if other != _neighbour(piece, up=up) or (other and voisine not in (None, other.pk)):
        raise Conflict(
            "L’ordre des pièces a changé entre-temps. Regardez le nouvel ordre, puis recommencez."
        )
    if other is None:
        raise Conflict(f"Cette pièce est déjà la {'première' if up else 'dernière'} du marché.")
    other = rows[other.pk]
    piece.rang, other.rang = other.rang, piece.rang
    with recording(
        by=by,
        tag="wikimarche:piece:moved",
        obj=piece,
        details={"sens": "avant" if up else "après", "voisine": other.titre},
    ):
        piece.save(update_fields=["rang"])
        other.save(update_fields=["rang"])
    return other


def _neighbour(piece: Piece, *, up: bool) -> Piece | None:
    """The pièce listed just before one, or just after. One query."""
    others = Piece.objects.filter(marche=piece.marche_id)
    rang = Piece.objects.filter(pk=piece.pk).values("rang")
    if up:
        return others.filter(rang__lt=rang).order_by("-rang").first()
    return others.filter(rang__gt=rang).order_by("rang").first()


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
