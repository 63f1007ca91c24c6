"""Identifiers of organisations."""

from django.core.exceptions import ValidationError
from stdnum.fr import siret


def validate_siret(value: str) -> None:
    """Check the 14 digits and their key (Luhn; La Poste's own rule included, by python-stdnum).

    Raises ValidationError with a French sentence.
    """
    if not siret.is_valid(value):
        raise ValidationError(
            "Ce SIRET n’est pas valable : il faut quatorze chiffres dont la clé est juste.",
            code="siret",
        )
