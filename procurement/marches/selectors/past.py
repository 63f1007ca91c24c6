"""The fiche of a marché as it read at a past revision."""

from procurement.audit.selectors import object_at, objects_at
from procurement.marches.models import Critere, Lot, Marche
from procurement.marches.selectors.donnees import hold_rows
from procurement.organisations.models import Direction


def marche_at(marche: Marche, revision_id: int) -> Marche:
    """A copy of a marché whose data, lots and criteria are those of a revision. Not to be saved.

    Eight queries at most. What was not said yet is empty, and what was withdrawn since is there;
    the organisation and the direction have the names they had. What was redacted reads « caviardé »:
    neither what stood before nor what stands today is said in its place.
    """
    then, lost = object_at(marche, revision_id)
    then.organisation, none = object_at(marche.organisation, revision_id)
    lost |= none
    if then.direction_id:
        direction = Direction.objects.get(pk=then.direction_id)
        then.direction, none = object_at(direction, revision_id)
        lost |= none
    lots, none = objects_at(Lot.objects.filter(marche=marche), revision_id)
    lost |= none
    criteres, none = objects_at(Critere.objects.filter(marche=marche), revision_id)
    hold_rows(then, lots=lots, criteres=criteres, lost=lost | none)
    return then
