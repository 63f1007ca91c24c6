"""Marchés and the people on them, made by the services. Traits are named as situations."""

from decimal import Decimal

import factory

from procurement.marches.enums import DureeAcces, NatureCritere, RoleParticipation, StatutMarche
from procurement.marches.models import AccesExceptionnel, Invitation, Marche, Participation
from procurement.marches.services import (
    accept_invitation,
    create_marche,
    end_participation,
    invite_participant,
    move_marche,
    open_acces,
    revoke_invitation,
    set_criteres,
    set_lots,
    share_marche,
)
from procurement.marches.workflow import ORDER
from procurement.organisations.models import Membership
from procurement.organisations.services import add_member
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.organisations.factories import OrganisationFactory


CRITERES = (
    {"intitule": "Prix", "nature": NatureCritere.PRIX, "poids": Decimal(60)},
    {"intitule": "Valeur technique", "nature": NatureCritere.TECHNIQUE, "poids": Decimal(40)},
)


class MarcheFactory(factory.django.DjangoModelFactory):
    """A marché whose author is an agent of the organisation, hence its gestionnaire."""

    class Meta:
        model = Marche
        skip_postgeneration_save = True

    by = factory.SubFactory(UserFactory, without_password=True)
    organisation = factory.SubFactory(OrganisationFactory)
    objet = "Nettoyage des locaux"

    @classmethod
    def _create(cls, model_class, *args, by, organisation, **kwargs):
        if not Membership.objects.filter(user=by, organisation=organisation).exists():
            add_member(by=None, organisation=organisation, user=by)
        marche = create_marche(*args, by=by, organisation=organisation, **kwargs)
        marche.author = by
        return marche

    @factory.post_generation
    def shared_with_the_legal_department(self, create, extracted, **kwargs):
        if extracted:
            share_marche(by=self.author, marche=self, partage=True)
            self.refresh_from_db()

    @factory.post_generation
    def in_two_lots(self, create, extracted, **kwargs):
        if extracted:
            lots = [{"intitule": "Bureaux"}, {"intitule": "Ateliers"}]
            set_lots(by=self.author, marche=self, lots=lots)

    @factory.post_generation
    def with_criteres(self, create, extracted, **kwargs):
        if extracted:
            set_criteres(by=self.author, marche=self, criteres=CRITERES)

    @factory.post_generation
    def already_published(self, create, extracted, **kwargs):
        if extracted:
            for statut in ORDER[1 : ORDER.index(StatutMarche.PUBLICATION) + 1]:
                move_marche(by=self.author, marche=self, statut=statut)
            self.refresh_from_db()


class InvitationFactory(factory.django.DjangoModelFactory):
    """An invitation that waits."""

    class Meta:
        model = Invitation
        skip_postgeneration_save = True

    marche = factory.SubFactory(MarcheFactory)
    email = factory.Sequence(lambda n: f"invitee{n}@region.example")
    role = RoleParticipation.COMMENTATEUR

    @classmethod
    def _create(cls, model_class, *args, marche, by=None, **kwargs):
        return invite_participant(*args, by=by or gestionnaire_of(marche), marche=marche, **kwargs)

    @factory.post_generation
    def taken_back(self, create, extracted, **kwargs):
        if extracted:
            revoke_invitation(by=self.invited_by, invitation=self)
            self.refresh_from_db()


class ParticipationFactory(factory.django.DjangoModelFactory):
    """A person who was invited and accepted."""

    class Meta:
        model = Participation
        skip_postgeneration_save = True

    marche = factory.SubFactory(MarcheFactory)
    user = factory.SubFactory(UserFactory, without_password=True)
    role = RoleParticipation.EDITEUR

    @classmethod
    def _create(cls, model_class, *args, marche, user, role, **kwargs):
        invitation = InvitationFactory(
            marche=marche, email=user.email, role=role, portee=kwargs.get("portee")
        )
        return accept_invitation(by=user, invitation=invitation)

    @factory.post_generation
    def who_left_the_marche(self, create, extracted, **kwargs):
        if extracted:
            end_participation(by=gestionnaire_of(self.marche), participation=self)
            self.refresh_from_db()


class AccesFactory(factory.django.DjangoModelFactory):
    """An exceptional access that stands, of an administrateur who belongs nowhere."""

    class Meta:
        model = AccesExceptionnel

    marche = factory.SubFactory(MarcheFactory)
    by = factory.SubFactory(UserFactory, without_password=True, is_administrateur=True)
    motif = "Le juge des référés demande à lire ce dossier."
    duree = DureeAcces.UNE_HEURE

    @classmethod
    def _create(cls, model_class, *args, marche, **kwargs):
        return open_acces(
            *args, organisation=marche.organisation, reference=marche.reference, **kwargs
        )


def gestionnaire_of(marche):
    """The first person who may invite."""
    return (
        Participation.objects.select_related("user")
        .filter(marche=marche, role=RoleParticipation.GESTIONNAIRE, is_active=True)
        .first()
        .user
    )
