from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from procurement.accounts.services import (
    create_user,
    deactivate_user,
    edit_profile,
    reactivate_user,
)
from procurement.organisations.services import end_membership
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.organisations.factories import MembershipFactory


pytestmark = pytest.mark.django_db


def test_create_user_gives_a_verified_address():
    user = create_user(by=None, email="Ana@region.example", prenom="Ana", nom="Roy")
    assert user.emailaddress_set.get().verified
    assert not user.has_usable_password()
    assert str(user) == "Ana Roy"
    assert user.initiales == "AR"


def test_create_user_refuses_a_known_address():
    user = UserFactory()
    with pytest.raises(ValidationError):
        create_user(by=None, email=user.email, prenom="Ana", nom="Roy")


def test_a_word_that_passes_from_one_name_to_the_other_is_a_change():
    user = UserFactory(prenom="Anna Neuve", nom="Roy")
    edit_profile(by=user, prenom="Anna", nom="Neuve Roy")
    user.refresh_from_db()
    assert (user.prenom, user.nom) == ("Anna", "Neuve Roy")


def test_edit_profile_changes_only_oneself():
    user = UserFactory()
    edit_profile(by=user, prenom="Léa", nom="Roy")
    user.refresh_from_db()
    assert str(user) == "Léa Roy"


def test_deactivate_user_needs_a_reason_and_somebody_else():
    user = UserFactory()
    with pytest.raises(ValidationError, match="Dites pourquoi"):
        deactivate_user(by=None, user=user, motif="  ")
    with pytest.raises(ValidationError, match="son propre compte"):
        deactivate_user(by=user, user=user, motif="Départ")


def test_deactivate_and_reactivate_twice_change_nothing_more():
    user = UserFactory(whose_account_was_closed=True)
    assert not user.is_active
    again = deactivate_user(by=None, user=user, motif="Départ")
    assert again.deactivated_at == user.deactivated_at
    assert reactivate_user(by=None, user=user, motif="Retour").is_active


@pytest.mark.attaque("X12")
def test_what_ends_a_right_is_dated_by_the_database(monkeypatch):
    """The clock of the web server is ten days late: the journal would say so for ever."""
    late = timezone.now() - timedelta(days=10)
    person, member = UserFactory(), MembershipFactory()
    monkeypatch.setattr(timezone, "now", lambda: late)
    closed = deactivate_user(by=None, user=person, motif="Départ")
    ended = end_membership(by=None, membership=member, motif="Départ")
    for instant in (closed.deactivated_at, ended.ended_at):
        assert instant - late > timedelta(days=9)
