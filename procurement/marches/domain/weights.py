"""Weights of the criteria: a share each, a hundred in all once the criteria are fixed."""

from collections.abc import Iterable
from decimal import Decimal

from procurement.ui.typographie import INSECABLE


WHOLE = Decimal(100)


def say_percent(value: Decimal) -> str:
    r"""Write a share as French does.

    >>> say_percent(Decimal("40.50")), say_percent(Decimal(100))
    ('40,5\xa0%', '100\xa0%')
    """
    return f"{value.normalize():f}".replace(".", ",") + f"{INSECABLE}%"


def say_total(weights: Iterable[Decimal]) -> str:
    r"""Say what the weights make, and what is missing or too much.

    >>> say_total([Decimal(60), Decimal(40)])
    'Les poids font 100\xa0%.'
    >>> say_total([Decimal(40)])
    'Les poids font 40\xa0%, il manque 60\xa0%.'
    >>> say_total([Decimal(80), Decimal("30.5")])
    'Les poids font 110,5\xa0%, c’est 10,5\xa0% de trop.'
    """
    total = sum(weights, Decimal(0))
    said = f"Les poids font {say_percent(total)}"
    if total < WHOLE:
        return f"{said}, il manque {say_percent(WHOLE - total)}."
    if total > WHOLE:
        return f"{said}, c’est {say_percent(total - WHOLE)} de trop."
    return f"{said}."
