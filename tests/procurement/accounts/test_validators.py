import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tests.procurement.accounts.factories import UserFactory


pytestmark = pytest.mark.django_db


def refused(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError:
        return True
    return False


def test_fifteen_characters_without_a_second_factor():
    assert refused("trois lapins 1")
    assert not refused("trois lapins 12")


def test_twelve_characters_with_a_second_factor():
    user = UserFactory(with_application=True)
    assert not refused("trois lapins", user)
    assert refused("trois lapin", user)


def test_no_rule_of_composition_and_long_phrases_accepted():
    assert not refused("deux chevaux dans un pré")
    assert not refused("cheval pré orage lampe " * 8)
    assert not refused("é" * 3 + "ünïcödé partout ☂ ici")
    assert refused("cheval pré orage " * 100)


@pytest.mark.parametrize(
    "password",
    [
        "password12345678",
        "Motdepasse202600!",
        "aaaaaaaaaaaaaaaaaa",
        "123456789012345678",
        "azertyuiopqsdfghjklm",
        "passwordpasswordpassword",
        "Marché public 2026 !",
        "bonjourbonjourbonjour",
    ],
)
def test_common_passwords_are_refused_even_long(password):
    assert refused(password)


def test_a_password_close_to_the_person_is_refused():
    user = UserFactory(prenom="Maximilienne", nom="Vandenberghe")
    assert refused("maximilienne2026", user)
