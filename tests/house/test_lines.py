"""Texts of one line: no form of the site keeps a sign that would show them mirrored, nor a control."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django import forms
from django.core.exceptions import ValidationError

import procurement
import wikimarche
from procurement.ui.validators import validate_ligne
from wikimarche.services.edits import clean_titre


TURNED = "Mot \u202etrès\u202c \u2066isolé\u2069"
COMMANDED = "Mot\x0btrès\x1b isolé\ufffe\x9b"
"""A line break of Word, an escape, a place of no sign: no Word document holds them."""


UNSEEN = {"code", "username"}
"""Fields whose text no page shows."""


def fields() -> Iterator[tuple[str, forms.Field]]:
    """Every field of one line, by form."""
    for package in (procurement, wikimarche):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".forms" in module.name:
                found = importlib.import_module(module.name)
                for name, form in vars(found).items():
                    if isinstance(form, type) and issubclass(form, forms.BaseForm):
                        for field_name, field in getattr(form, "base_fields", {}).items():
                            seen = field_name not in UNSEEN
                            if seen and type(field.widget) is forms.TextInput:
                                yield f"{module.name}.{name}.{field_name}", field


def keeps(text: str, field: forms.Field) -> bool:
    """Tell whether any of the signs that have no place in a line is still in what the field gives."""
    try:
        return bool((set(text) - set("Mot très isolé")) & set(str(field.clean(text))))
    except ValidationError:
        return False


@pytest.mark.parametrize("text", [TURNED, COMMANDED])
def test_no_form_keeps_them(text):
    """Repair: declare the field as procurement.ui.champs.LigneField."""
    found = dict(fields())
    assert len(found) > 8
    assert [name for name, field in found.items() if keeps(text, field)] == []


@pytest.mark.parametrize("text", [TURNED, COMMANDED])
def test_a_field_that_keeps_them_is_seen(text):
    assert keeps(text, forms.CharField())


@pytest.mark.parametrize("text", [TURNED, COMMANDED])
def test_nor_does_a_model_take_them(text):
    with pytest.raises(ValidationError):
        validate_ligne(text)


@pytest.mark.parametrize("titre", [TURNED, "Mot très isolé"])
def test_nor_does_the_title_of_an_article(titre):
    assert clean_titre(titre) == "Mot très isolé"
