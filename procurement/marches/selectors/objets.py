"""What the journal names by a table and a key, as people call it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from procurement.marches.models import Critere, Lot, Marche
from procurement.marches.registry import Named


def name_objects(objets: Sequence[str]) -> Mapping[str, Named]:
    """Name the fiche of a marché, its lots and its criteria. One query a kind, none for the others."""
    return dict(_named(objets))


def keys_of(objets: Collection[str], table: str) -> list[str]:
    """The keys of the objects of one table, as the journal names them; nothing of what is no key."""
    named = (objet.partition(":") for objet in objets)
    return [key for name, _, key in named if name == table and is_key(key)]


def is_key(text: str) -> bool:
    """Tell whether a text may be the key of an object: what is forged into the journal may be anything."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _named(objets: Sequence[str]) -> Iterator[tuple[str, Named]]:
    if keys := keys_of(objets, Marche._meta.db_table):
        for marche in Marche.objects.filter(pk__in=keys):
            yield _objet(marche), Named("la fiche", marche.get_absolute_url(), marche.pk)
    if keys := keys_of(objets, Lot._meta.db_table):
        for lot in Lot.objects.filter(pk__in=keys).select_related("marche"):
            words = f"le lot {lot.numero}, «\u202f{lot.intitule}\u202f»"
            yield _objet(lot), Named(words, lot.marche.get_absolute_url(), lot.marche_id)
    if keys := keys_of(objets, Critere._meta.db_table):
        for critere in Critere.objects.filter(pk__in=keys).select_related("marche"):
            words = f"le critère «\u202f{critere.intitule}\u202f»"
            yield (
                _objet(critere),
                Named(words, critere.marche.get_absolute_url(), critere.marche_id),
            )


def _objet(row: Marche | Lot | Critere) -> str:
    return f"{row._meta.db_table}:{row.pk}"
