import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.organisations.enums import TypeOrganisation
from procurement.organisations.models import Organisation
from procurement.organisations.services import add_direction, create_organisation, edit_organisation
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.organisations.factories import (
    DirectionFactory,
    OrganisationFactory,
    siret_number,
)


pytestmark = pytest.mark.django_db


def test_create_organisation_journals_who_and_what():
    user = UserFactory()
    organisation = create_organisation(
        by=user, nom=" Région ", type=TypeOrganisation.ACHETEUR, siret="732 829 320 00074"
    )
    assert (organisation.nom, organisation.siret) == ("Région", "73282932000074")
    entry = list_entries(PLATFORM_CHAIN, limit=1)[0]
    assert entry.action == "organisations:organisation:created"
    assert entry.acteur == f"acheteur:{user.pk}"
    assert entry.objet == f"organisations_organisation:{organisation.pk}"
    assert entry.version_id


@pytest.mark.parametrize("type_", [TypeOrganisation.ACHETEUR, TypeOrganisation.FOURNISSEUR])
def test_a_buyer_or_a_supplier_has_a_siret(type_):
    with pytest.raises(ValidationError, match="a un SIRET"):
        create_organisation(by=None, nom="X", type=type_)


def test_a_group_of_citizens_needs_none_and_several_may_have_none():
    OrganisationFactory(group_of_citizens=True)
    assert OrganisationFactory(group_of_citizens=True).siret is None


def test_one_siret_is_one_organisation():
    known = OrganisationFactory()
    with pytest.raises(ValidationError):
        create_organisation(by=None, nom="Autre", type=known.type, siret=known.siret)


@pytest.mark.parametrize("siret", ["", "123", "abcdefghijklmn"])
def test_the_database_refuses_a_siret_that_is_not_one(siret):
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=OrganisationFactory().pk).update(siret=siret)


def test_edit_organisation_keeps_the_former_name():
    organisation = OrganisationFactory(siret=siret_number(900001))
    edit_organisation(by=None, organisation=organisation, nom="Région nouvelle")
    assert list_entries(PLATFORM_CHAIN, limit=1)[0].corps["details"]["avant"] == organisation.nom


def test_a_direction_is_there_once():
    direction = DirectionFactory(legal=True)
    assert direction.is_juridique
    with pytest.raises(ValidationError):
        add_direction(by=None, organisation=direction.organisation, nom=direction.nom)
