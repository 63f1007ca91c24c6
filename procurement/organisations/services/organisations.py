"""Verbs on organisations and their directions."""

from django.db import transaction

from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.organisations.enums import TypeOrganisation
from procurement.organisations.models import Direction, Organisation
from procurement.organisations.validators import compact_siret
from procurement.ui.typographie import read_ligne


@transaction.atomic
def create_organisation(
    *, by: User | None, nom: str, type: TypeOrganisation, siret: str | None = None
) -> Organisation:
    """Create an organisation. by: None for a command or the seed.

    siret: spaces allowed; None or empty for a group of citizens only.
    Raises ValidationError on a wrong or taken SIRET, or when an acheteur or fournisseur has none.
    """
    organisation = Organisation(
        nom=nom.strip(), type=type, siret=compact_siret(siret) if siret else None
    )
    organisation.full_clean()
    with recording(by=by, tag="organisations:organisation:created", obj=organisation):
        organisation.save(force_insert=True)
    return organisation


@transaction.atomic
def edit_organisation(*, by: User | None, organisation: Organisation, nom: str) -> Organisation:
    """Rename an organisation; its SIRET stays, another one is another organisation."""
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    old, organisation.nom = organisation.nom, nom.strip()
    organisation.full_clean()
    with recording(
        by=by,
        tag="organisations:organisation:edited",
        obj=organisation,
        details={"avant": old, "apres": organisation.nom},
    ):
        organisation.save(update_fields=["nom"])
    return organisation


@transaction.atomic
def add_direction(
    *,
    by: User | None,
    organisation: Organisation,
    nom: str,
    sigle: str = "",
    is_juridique: bool = False,
) -> Direction:
    """Add a department. Raises ValidationError when the name is already there."""
    direction = Direction(
        organisation=organisation,
        nom=nom.strip(),
        sigle=read_ligne(sigle),
        is_juridique=is_juridique,
    )
    direction.full_clean()
    with recording(by=by, tag="organisations:direction:added", obj=direction):
        direction.save(force_insert=True)
    return direction
