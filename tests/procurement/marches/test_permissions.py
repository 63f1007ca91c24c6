"""General roles: what a person is for the platform, before any marché."""

import pytest
from django.urls import reverse

from procurement.organisations.enums import Fonction
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.organisations.factories import MembershipFactory


@pytest.mark.attaque("A14")
@pytest.mark.parametrize("fonction", [None, *Fonction])
def test_who_runs_the_platform_opens_no_marche(browse, fonction):
    """Belonging to the organisation changes nothing to it, whatever the function there."""
    user = UserFactory(without_password=True, is_administrateur=True)
    if fonction:
        MembershipFactory(user=user, fonction=fonction)
    answer = browse(user).get(reverse("marches:marche_create"))
    assert answer.status_code == 403
    assert reverse("marches:marche_create") not in browse(user).get("/").content.decode()


def test_the_administrateur_of_an_organisation_alone_is_an_agent(browse):
    user = MembershipFactory(fonction=Fonction.ADMINISTRATEUR, user__without_password=True).user
    assert browse(user).get(reverse("marches:marche_create")).status_code == 200
