"""Filters of French typography: {% load typographie %}."""

from collections.abc import Callable

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from procurement.ui import typographie


register = template.Library()


def _or_empty(function: Callable[..., str]) -> Callable[..., str]:
    """Make a filter silent on nothing: a missing date shows nothing, not an error."""

    def apply(value: object, *args: object) -> str:
        return "" if value is None or value == "" else function(value, *args)

    return apply


register.filter("date_fr", _or_empty(typographie.format_date))
register.filter("jour", _or_empty(lambda value: typographie.format_date(value, annee=False)))
register.filter(
    "jour_court", _or_empty(lambda value: typographie.format_date(value, court=True, annee=False))
)
register.filter("heure", _or_empty(typographie.format_heure))
register.filter("instant", _or_empty(typographie.format_instant))
register.filter("depuis", _or_empty(typographie.format_depuis))
register.filter("echeance", _or_empty(typographie.format_echeance))
register.filter("nombre", _or_empty(typographie.format_nombre))
register.filter("montant", _or_empty(typographie.format_montant))
register.filter("octets", _or_empty(typographie.format_octets))
register.filter("en_lettres", _or_empty(typographie.format_en_lettres))


@register.filter
def pluriel(nombre: int, mots: str) -> str:
    """Count things: {{ n|pluriel:"pièce" }}, {{ n|pluriel:"cheval,chevaux" }}."""
    singulier, _, au_pluriel = mots.partition(",")
    return typographie.format_pluriel(nombre, singulier, au_pluriel)


@register.filter
def sans_blanc(words: str) -> str:
    """Words without the blank that ends them: what is put after them stays on their line."""
    return words.rstrip()


@register.filter
def blanc_final(words: str) -> str:
    """The blank that ends words, for after what was put behind them."""
    return words[len(words.rstrip()) :]


@register.filter
def coupable(words: str) -> SafeString:
    """Let a long name of a file go to the next line after its underscores, not in the middle of a word."""
    return mark_safe(conditional_escape(words).replace("_", "_<wbr>"))  # noqa: S308 - escaped just before
