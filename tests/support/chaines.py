"""A chain besides the platform's: it is born with a marché, of which it tells one thing."""

from uuid import UUID, uuid4

from procurement.audit.services import recording
from procurement.marches.models import Marche
from procurement.organisations.models import Organisation


def open_chain(organisation: Organisation, key: UUID | str | None = None) -> UUID:
    """Write a marché without anybody in it, and the first line of its chain."""
    pk = UUID(str(key or uuid4()))
    marche = Marche(id=pk, organisation=organisation, objet="Autre", reference=str(pk)[:8])
    with recording(by=None, tag="marches:marche:created", obj=marche):
        marche.save(force_insert=True)
    return marche.pk
