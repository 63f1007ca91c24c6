"""Fields and inputs that the forms of a marché share."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError


def read_number(text: str) -> int | None:
    """Read a number of line or of version in an address, None for anything the database cannot count.

    >>> read_number("12"), read_number("-1"), read_number("9" * 30), read_number("")
    (12, None, None, None)
    """
    return int(text) if text.isdecimal() and len(text) < 10 else None


class DateInput(forms.DateInput):
    """The browser's own date picker, which wants the ISO form."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class InstantInput(forms.DateTimeInput):
    """The browser's own date and time picker."""

    input_type = "datetime-local"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%dT%H:%M", **kwargs)


_FIGURES = re.compile(r"[+-]?[0-9]*\.?[0-9]*")
_COUNT = re.compile(r"[+-]?[0-9]*")


class AmountField(forms.DecimalField):
    """Amounts as people type them: « 12 500,00 € ».

    Python would also read the figures of other scripts, « 1e5 » and « 1_000 »: refused, for what is
    stored would not look like what was typed.
    """

    def to_python(self, value):
        if isinstance(value, str):
            value = "".join(value.split())
            for sign in ("€", "HT"):
                value = value.replace(sign, "")
            value = value.replace(",", ".")
            if not _FIGURES.fullmatch(value):
                raise ValidationError(
                    "Écrivez un nombre avec les chiffres de 0 à 9, comme 12\u202f500,50.",
                    code="invalid",
                )
        return super().to_python(value)


class CountField(forms.IntegerField):
    """Counts in the figures of the keyboard; Python would read those of every script.

    The least that a count may be is said by its model, in the words of the field.
    """

    def __init__(self, *, min_value=None, **kwargs):
        super().__init__(**kwargs)

    def to_python(self, value):
        if isinstance(value, str) and not _COUNT.fullmatch(value.strip()):
            raise ValidationError(
                "Écrivez un nombre entier avec les chiffres de 0 à 9.", code="invalid"
            )
        return super().to_python(value)


def plain(value):
    """Write a datum for comparison: 5, 5.0 and 5.00 are one amount."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "" if value is None else str(value)
