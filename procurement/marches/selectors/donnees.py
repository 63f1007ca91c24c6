"""Data of the fiche that a text shows: the marché, and each of its lots."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects

from procurement.audit.domain.redaction import CAVIARDE
from procurement.marches.domain.variables import Donnee, list_donnees
from procurement.marches.domain.weights import Share, say_percent, share_out
from procurement.marches.models import Critere, Lot, Marche


_LOTS, _CRITERES, _LOST = "lots_du_texte", "criteres_du_texte", "caviardes_du_texte"


def hold_rows(
    marche: Marche, *, lots: Iterable[Lot], criteres: Iterable[Critere], lost: frozenset[UUID]
) -> None:
    """Give a marché read in the past the rows it had, which no query would find.

    lost: keys of what was redacted since, of which nothing is known; the rows among them come last.
    """
    ordered = sorted(lots, key=lambda lot: (lot.pk in lost, lot.numero, lot.retire, lot.pk))
    named = {lot.pk: lot for lot in ordered}
    kept = [critere for critere in criteres if not critere.retire]
    for critere in kept:
        # The name it had then, not the one it has today.
        critere.lot = named[critere.lot_id] if critere.lot_id else None
    setattr(marche, _LOTS, ordered)
    setattr(marche, _CRITERES, sorted(kept, key=lambda row: (row.pk in lost, row.rang, row.pk)))
    setattr(marche, _LOST, lost)


def lost_of(marche: Marche) -> frozenset[UUID]:
    """Keys of what the fiche of the past that this is no longer says: it was redacted. No query."""
    lost: frozenset[UUID] = getattr(marche, _LOST, frozenset())
    return lost


def criteres_of(marche: Marche) -> list[Critere]:
    """Criteria in order, each with its lot if it has one. One query, none for a marché read in the past."""
    held: list[Critere] | None = getattr(marche, _CRITERES, None)
    if held is not None:
        return held
    return list(marche.criteres.filter(retire=False).select_related("lot"))


def shares_of(criteres: Iterable[Critere], lots: Iterable[Lot]) -> list[Share]:
    """The weights that the offers of each lot are judged on. No query."""
    return share_out(
        [(critere.portee, critere.poids) for critere in criteres],
        [(str(lot.pk), f"Lot {lot.numero}") for lot in lots],
    )


def say_criteres(marche: Marche) -> list[tuple[str, str, str]]:
    """Write the criteria as a text shows them: their label, their lot or "", their weight. As criteres_of."""
    lost = lost_of(marche)
    return [
        (
            critere.intitule,
            _say_lot(critere, lost),
            CAVIARDE if critere.pk in lost else say_percent(critere.poids),
        )
        for critere in criteres_of(marche)
    ]


def _say_lot(critere: Critere, lost: frozenset[UUID]) -> str:
    if lost & {critere.pk, critere.lot_id}:
        return CAVIARDE
    return f"Lot {critere.lot.numero}" if critere.lot else ""


def donnees_of(marche: Marche) -> list[Donnee]:
    """Every datum of a fiche. One query, the first time that this instance is asked."""
    lots = Prefetch("lots", queryset=Lot.objects.order_by("numero", "retire", "pk"), to_attr=_LOTS)
    prefetch_related_objects([marche], lots)
    return list_donnees(marche, getattr(marche, _LOTS), lost_of(marche))


def read_variables(marche: Marche) -> dict[str, str]:
    """Write every datum: path → text, "" when the fiche does not say yet."""
    return {donnee.chemin: donnee.valeur for donnee in donnees_of(marche)}


def name_variables(marche: Marche) -> dict[str, str]:
    """Name every datum: path → words."""
    return {donnee.chemin: donnee.words for donnee in donnees_of(marche)}


def say_variables(marche: Marche) -> dict[str, str]:
    """Write every datum by its value, or else by its name: path → text."""
    return {donnee.chemin: donnee.valeur or donnee.words for donnee in donnees_of(marche)}
