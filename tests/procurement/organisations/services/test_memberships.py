import pytest
from django.core.exceptions import ValidationError

from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.organisations.enums import Fonction
from procurement.organisations.selectors import memberships_of, sensitive_fonctions
from procurement.organisations.services import (
    add_member,
    change_fonction,
    end_membership,
    move_member,
)
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.organisations.factories import DirectionFactory, MembershipFactory


pytestmark = pytest.mark.django_db


def test_add_member_once():
    membership = MembershipFactory()
    with pytest.raises(ValidationError, match="appartient déjà"):
        add_member(by=None, organisation=membership.organisation, user=membership.user)


def test_somebody_who_comes_back_is_the_same_row():
    left = MembershipFactory(who_left=True)
    assert left.ended_at
    back = add_member(
        by=None, organisation=left.organisation, user=left.user, fonction=Fonction.JURISTE
    )
    assert (back.pk, back.is_active, back.ended_at) == (left.pk, True, None)
    assert list_entries(PLATFORM_CHAIN, limit=1)[0].action.endswith("reopened")


def test_a_closed_account_or_a_foreign_direction_is_refused():
    organisation = MembershipFactory().organisation
    with pytest.raises(ValidationError, match="désactivé"):
        add_member(
            by=None, organisation=organisation, user=UserFactory(whose_account_was_closed=True)
        )
    with pytest.raises(ValidationError, match="autre organisation"):
        add_member(
            by=None, organisation=organisation, user=UserFactory(), direction=DirectionFactory()
        )


def test_change_fonction_acts_at_once_and_is_journaled():
    membership = MembershipFactory()
    assert not sensitive_fonctions(membership.user).exists()
    change_fonction(by=None, membership=membership, fonction=Fonction.JURISTE)
    assert sensitive_fonctions(membership.user).exists()
    assert list_entries(PLATFORM_CHAIN, limit=1)[0].corps["details"] == {
        "avant": "agent",
        "apres": "juriste",
    }


@pytest.mark.attaque("A08")
def test_nobody_raises_their_own_fonction():
    membership = MembershipFactory()
    with pytest.raises(ValidationError, match="sa propre fonction"):
        change_fonction(by=membership.user, membership=membership, fonction=Fonction.ADMINISTRATEUR)


@pytest.mark.attaque("A08")
@pytest.mark.parametrize("fonction", [Fonction.JURISTE, Fonction.ADMINISTRATEUR])
def test_the_last_juriste_and_the_last_administrator_stay(fonction):
    last = MembershipFactory(fonction=fonction)
    with pytest.raises(ValidationError, match="dernier"):
        end_membership(by=None, membership=last)
    with pytest.raises(ValidationError, match="dernier"):
        change_fonction(by=None, membership=last, fonction=Fonction.AGENT)
    MembershipFactory(organisation=last.organisation, fonction=fonction)
    assert not end_membership(by=None, membership=last, motif="Départ").is_active


def test_an_ended_membership_gives_nothing_more():
    membership = MembershipFactory(who_left=True)
    assert not memberships_of(membership.user)
    assert end_membership(by=None, membership=membership).ended_at == membership.ended_at


def test_move_member():
    membership = MembershipFactory()
    direction = DirectionFactory(organisation=membership.organisation)
    assert (
        move_member(
            by=None, membership=membership, direction=direction, intitule="Acheteuse"
        ).direction
        == direction
    )
