"""Identifiers of organisations."""

from django.core.exceptions import ValidationError
from stdnum.fr import siret


def validate_siret(value: str) -> None:
    """Check the 14 digits and their key (Luhn; La Poste's own rule included, by python-stdnum).

    Raises ValidationError with a French sentence.
    """
    if not (len(value) == 14 and value.isascii() and value.isdigit() and siret.is_valid(value)):
        raise ValidationError(
            "Ce SIRET n’est pas valable : il faut quatorze chiffres dont la clé est juste.",
            code="siret",
        )


def compact_siret(value: str) -> str:
    """Take away the spaces and dots people write in a SIRET.

    >>> compact_siret("356 000 000 00048")
    '35600000000048'
    """
    return siret.compact(value)
