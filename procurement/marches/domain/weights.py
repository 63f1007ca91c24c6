"""Weights of the criteria: a share each, a hundred in all once the criteria are fixed."""

from collections.abc import Iterable, Sequence
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


Share = tuple[str, list[Decimal]]
"""A lot by its name, "" for the whole marché, and the weights its offers are judged on."""
NAMED = 3
"""Lots whose weights are said; the others are counted."""


def share_out(rows: Iterable[tuple[str, Decimal]], lots: Iterable[tuple[str, str]]) -> list[Share]:
    """Give each lot the criteria common to all and its own; the marché as one when none is of a lot.

    rows: (key of a lot or "", weight). lots: (key, name). Lots are awarded one by one
    (CCP, art. L2113-10, R2152-7), so that the weights of each make a hundred.

    >>> share_out([("", Decimal(60)), ("a", Decimal(40))], [("a", "Lot 1"), ("b", "Lot 2")])
    [('Lot 1', [Decimal('60'), Decimal('40')]), ('Lot 2', [Decimal('60')])]
    """
    known = list(rows)
    if not any(lot for lot, _ in known):
        return [("", [weight for _, weight in known])]
    return [(name, [weight for lot, weight in known if lot in ("", key)]) for key, name in lots]


def is_whole(shares: Iterable[Share]) -> bool:
    """Tell whether the weights of each make a hundred."""
    made = [sum(weights) == WHOLE for _, weights in shares]
    return bool(made) and all(made)


def is_over(shares: Iterable[Share]) -> bool:
    """Tell whether the weights of one make more than a hundred."""
    return any(sum(weights) > WHOLE for _, weights in shares)


def say_shares(shares: Sequence[Share]) -> str:
    r"""Say what the weights make: of the marché, or of each lot where it is not a hundred.

    >>> say_shares([("Lot 1", [WHOLE]), ("Lot 2", [Decimal(60)])])
    'Lot 2\u202f: les poids font 60\u00a0%, il manque 40\u00a0%.'
    >>> say_shares([("Lot 1", [WHOLE]), ("Lot 2", [WHOLE])])
    'Les poids font 100\u00a0% pour chaque lot.'
    """
    if [name for name, _ in shares] == [""]:
        return say_total(shares[0][1])
    off = [(name, weights) for name, weights in shares if sum(weights) != WHOLE]
    if not off:
        return "Les poids font 100\u00a0% pour chaque lot."
    said = [
        f"{name}\u202f: {total[0].lower()}{total[1:]}"
        for name, weights in off[:NAMED]
        if (total := say_total(weights))
    ]
    more = len(off) - NAMED
    if more > 0:
        said.append(
            f"De même pour {more} autre{'s' if more > 1 else ''} lot{'s' if more > 1 else ''}."
        )
    return " ".join(said)
