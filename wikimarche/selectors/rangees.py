"""The pièces of a marché in their order, for the page where it is changed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from procurement.access.services import decide
from procurement.accounts.models import User
from procurement.marches.models import Marche
from procurement.marches.permissions import roles_on_marche
from wikimarche.enums import StatutPiece
from wikimarche.permissions import WRITERS, Action
from wikimarche.selectors.pieces import pieces_shown_to


ENDS = "La première pièce ne monte pas plus haut, la dernière ne descend pas plus bas."


@dataclass(frozen=True, slots=True)
class Refus:
    """Why a pièce does not move that way, "" when it does, and where the page says so."""

    phrase: str = ""
    dite: str = ""


@dataclass(frozen=True, slots=True)
class Rangee:
    """A pièce in the list, between its neighbours."""

    piece: Any
    precedente: UUID | None
    suivante: UUID | None
    haut: Refus
    bas: Refus

    @property
    def nom(self) -> str:
        """Its title, within guillemets."""
        return f"«\u202f{self.piece}\u202f»"


@dataclass(frozen=True, slots=True)
class Rangement:
    """The list, and whether its reader is of those who change its order.

    refus: what to say once above it; the step of the marché is said by the button that adds one.
    """

    rangees: list[Rangee]
    ranger: bool
    refus: list[Refus]


def place_pieces(user: User, marche: Marche) -> Rangement:
    """Pièces in order, for a person who may change it or not. Two queries."""
    pieces = list(pieces_shown_to(user, marche))
    held = roles_on_marche(user, marche)
    keys = [None, *(piece.pk for piece in pieces), None]
    rangees = []
    for piece, before, after in zip(pieces, keys, keys[2:], strict=False):
        right = decide(user, Action.PIECE_MOVE, piece, held=held)
        gone = piece.statut == StatutPiece.RETIRE
        kept = None if right else Refus(right.reason, "refus-retiree" if gone else "refus-piece")
        haut, bas = (
            kept or Refus("" if other else ENDS, "" if other else "refus-rang")
            for other in (before, after)
        )
        rangees.append(Rangee(piece, before, after, haut, bas))
    ranger = len(pieces) > 1 and bool(held & WRITERS)
    said = {refus: None for one in rangees for refus in (one.haut, one.bas)} if ranger else {}
    shown = [refus for refus in said if refus.dite not in ("", "refus-piece")]
    return Rangement(rangees, ranger, shown)
