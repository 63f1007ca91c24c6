"""Juristes and administrators of an organisation need a second factor (D07)."""

import pytest
from django.urls import reverse

from procurement.organisations.enums import Fonction
from procurement.organisations.selectors import SENSITIVE
from procurement.organisations.services import change_fonction
from tests.procurement.accounts.conftest import Visitor
from tests.procurement.organisations.factories import MembershipFactory


pytestmark = [pytest.mark.django_db, pytest.mark.attaque("D07")]


@pytest.mark.parametrize("fonction", Fonction)
def test_each_fonction(fonction):
    visitor, membership = Visitor(), MembershipFactory(fonction=fonction)
    visitor.sign_in(membership.user)
    answer = visitor.open("account_profile")
    if fonction not in SENSITIVE:
        assert answer.status_code == 200
    else:
        assert answer.url.startswith(reverse("mfa_index"))


def test_a_fonction_given_and_taken_away_acts_at_the_next_request():
    visitor, membership = Visitor(), MembershipFactory()
    MembershipFactory(organisation=membership.organisation, juriste=True)
    visitor.sign_in(membership.user)
    membership = change_fonction(by=None, membership=membership, fonction=Fonction.JURISTE)
    assert not visitor.is_signed_in
    change_fonction(by=None, membership=membership, fonction=Fonction.AGENT)
    assert visitor.is_signed_in
