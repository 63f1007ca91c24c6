import pytest
from django.core.exceptions import ValidationError

from procurement.organisations.validators import compact_siret, validate_siret
from tests.procurement.organisations.factories import siret_number


@pytest.mark.parametrize(
    "siret",
    [
        "73282932000074",
        "35600000000048",  # La Poste, head office
        "35600000009075",  # a post office: wrong by Luhn, right by La Poste's own rule
        siret_number(7),
    ],
)
def test_right_numbers(siret):
    validate_siret(siret)


@pytest.mark.parametrize(
    "siret",
    [
        "73282932000075",
        "7328293200007",
        "732 829 320 00074",
        "35600000009076",
        "",
        "٧3282932000074",
    ],
)
def test_wrong_numbers(siret):
    with pytest.raises(ValidationError, match="quatorze chiffres"):
        validate_siret(siret)


def test_people_write_spaces():
    assert compact_siret(" 732 829 320 00074") == "73282932000074"
