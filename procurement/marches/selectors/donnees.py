"""Data of the fiche that a text shows: the marché, and each of its lots."""

from django.db.models import Prefetch, prefetch_related_objects

from procurement.marches.domain.variables import Donnee, list_donnees
from procurement.marches.models import Lot, Marche


_LOTS = "lots_du_texte"


def donnees_of(marche: Marche) -> list[Donnee]:
    """Every datum of a fiche. One query, the first time that this instance is asked."""
    lots = Prefetch("lots", queryset=Lot.objects.order_by("numero", "retire", "pk"), to_attr=_LOTS)
    prefetch_related_objects([marche], lots)
    return list_donnees(marche, getattr(marche, _LOTS))


def read_variables(marche: Marche) -> dict[str, str]:
    """Write every datum: path → text, "" when the fiche does not say yet."""
    return {donnee.chemin: donnee.valeur for donnee in donnees_of(marche)}


def name_variables(marche: Marche) -> dict[str, str]:
    """Name every datum: path → words."""
    return {donnee.chemin: donnee.words for donnee in donnees_of(marche)}


def say_variables(marche: Marche) -> dict[str, str]:
    """Write every datum by its value, or else by its name: path → text."""
    return {donnee.chemin: donnee.valeur or donnee.words for donnee in donnees_of(marche)}
