"""Organisations and members, made by the services. Traits are named as situations."""

import factory
from stdnum import luhn

from procurement.organisations.enums import Fonction, TypeOrganisation
from procurement.organisations.models import Direction, Membership, Organisation
from procurement.organisations.services import (
    add_direction,
    add_member,
    create_organisation,
    end_membership,
)
from tests.procurement.accounts.factories import UserFactory


def siret_number(n: int) -> str:
    """Return a SIRET whose both keys are right, different for each n."""
    siren = f"21{n:06d}"
    siren += luhn.calc_check_digit(siren)
    start = f"{siren}0001"
    return start + luhn.calc_check_digit(start)


class OrganisationFactory(factory.django.DjangoModelFactory):
    """A public buyer with its SIRET."""

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    class Params:
        supplier = factory.Trait(type=TypeOrganisation.FOURNISSEUR)
        group_of_citizens = factory.Trait(type=TypeOrganisation.COLLECTIF, siret=None)

    by = None
    nom = factory.Sequence(lambda n: f"Région des Essais {n}")
    type = TypeOrganisation.ACHETEUR
    siret = factory.Sequence(siret_number)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return create_organisation(*args, **kwargs)


class DirectionFactory(factory.django.DjangoModelFactory):
    """A department."""

    class Meta:
        model = Direction

    class Params:
        legal = factory.Trait(nom="Direction juridique", sigle="DJ", is_juridique=True)

    by = None
    organisation = factory.SubFactory(OrganisationFactory)
    nom = factory.Sequence(lambda n: f"Direction {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return add_direction(*args, **kwargs)


class MembershipFactory(factory.django.DjangoModelFactory):
    """An agent at work."""

    class Meta:
        model = Membership
        skip_postgeneration_save = True

    class Params:
        juriste = factory.Trait(fonction=Fonction.JURISTE)
        administrator = factory.Trait(fonction=Fonction.ADMINISTRATEUR)

    by = None
    organisation = factory.SubFactory(OrganisationFactory)
    user = factory.SubFactory(UserFactory)
    fonction = Fonction.AGENT

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return add_member(*args, **kwargs)

    @factory.post_generation
    def who_left(self, create, extracted, **kwargs):
        if extracted:
            end_membership(by=None, membership=self, motif="Départ")
            self.refresh_from_db()
