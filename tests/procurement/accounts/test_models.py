import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from procurement.accounts.models import User
from procurement.accounts.services import create_user
from tests.procurement.accounts.factories import UserFactory


pytestmark = pytest.mark.django_db


def test_a_person_cannot_be_deleted_whatever_the_way():
    user = UserFactory()
    with pytest.raises(ProtectedError):
        user.delete()
    with pytest.raises(ProtectedError):
        User.objects.filter(pk=user.pk).delete()
    assert User.objects.filter(pk=user.pk).exists()


def test_the_address_is_kept_in_lower_case():
    assert UserFactory(email="Jeanne.MARTIN@Region.Example").email == "jeanne.martin@region.example"
    with pytest.raises(ValidationError):
        create_user(by=None, prenom="Jeanne", nom="Martin", email="JEANNE.martin@region.example")


@pytest.mark.parametrize(
    "fields",
    [{"is_active": False}, {"email": "Haut@region.example"}],
    ids=["closed without a date", "capital in the address"],
)
def test_the_database_refuses(fields):
    user = UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**fields)


@pytest.mark.parametrize(
    "nom",
    [
        "a\x00b",
        "\u202ednarG",
        "Mar\r\nBcc",
        "zéro\u200blargeur",
        "http://mechant.example",
        "x" * 81,
    ],
)
def test_a_name_that_could_disguise_something_is_refused(nom):
    with pytest.raises(ValidationError):
        UserFactory(nom=nom)


@pytest.mark.parametrize(
    "nom", ["O’Neill", "de La Fontaine-Müller", "Đặng", "N'Diaye", "<b>Gras</b>"]
)
def test_names_of_people_are_accepted(nom):
    assert UserFactory(nom=nom).nom == nom
