"""Choices do not bind the database: each stored enum has its constraint, each refusal its sentence."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models


PACKAGES = {"procurement", "wikimarche", "edossier", "impacts"}
MODELS = [
    model
    for config in apps.get_app_configs()
    if config.name.split(".")[0] in PACKAGES
    for model in config.get_models()
]
CHOICES = [
    field
    for model in MODELS
    for field in model._meta.local_fields
    if field.choices and not isinstance(field, models.BooleanField)
]


def columns_of(condition: models.Q) -> set[str]:
    found = set()
    for child in condition.children:
        if isinstance(child, models.Q):
            found |= columns_of(child)
        else:
            found.add(child[0].split("__")[0])
    return found


@pytest.mark.parametrize("field", CHOICES, ids=str)
def test_each_enum_column_has_its_constraint(field):
    wanted = {str(value) for value, _ in field.flatchoices}
    for constraint in field.model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            text = str(constraint.condition)
            if field.name in columns_of(constraint.condition) and all(
                f"'{value}'" in text for value in wanted
            ):
                return
    pytest.fail(
        f"{field} takes the values of an enum and Postgres does not know it: an update() or a shell "
        f"could store anything. Add CheckConstraint(condition=Q({field.name}__in=….values), …)."
    )


CONSTRAINTS = [(model, constraint) for model in MODELS for constraint in model._meta.constraints]


@pytest.mark.parametrize(
    ("model", "constraint"), CONSTRAINTS, ids=[constraint.name for _, constraint in CONSTRAINTS]
)
def test_each_constraint_refuses_in_french(model, constraint):
    sentence = constraint.violation_error_message
    assert sentence != constraint.default_violation_error_message, (
        f"{model.__name__}.{constraint.name} would refuse with the sentence of Django: give "
        "violation_error_message, in French, for the person who reads it."
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_model_is_named_in_lower_case_french(model):
    name = str(model._meta.verbose_name)
    assert name[:1].islower(), f"{model.__name__}: verbose_name is written in lower case."


# Names and titles that people read. A person's name has rules of its own; a stored file's is cleaned
# by documents.domain.names; a job is titled by the code; a commit copies the title of its article.
NAMES = {"titre", "nom", "objet", "intitule", "reference"}
OTHERWISE = {
    "accounts.User.nom", "accounts.User.prenom", "documents.StoredFile.nom", "jobs.Job.titre",
    "wikimarche.Commit.titre",
}  # fmt: skip
NAMED = [
    field
    for model in MODELS
    for field in model._meta.local_fields
    if field.name in NAMES
    and isinstance(field, models.CharField)
    and not field.blank
    and str(field) not in OTHERWISE
]


@pytest.mark.parametrize("field", NAMED, ids=str)
@pytest.mark.parametrize("value", ["\u200b", "\u200d\u2060 ", "\u3164", "Prix\u202e 5"])
def test_no_name_is_invisible_nor_turned(field, value):
    """Repair: validators=[validate_ligne] (procurement.ui.validators)."""
    with pytest.raises(ValidationError):
        field.run_validators(value)
    field.run_validators("Nettoyage des locaux n° 3")


def test_names_are_found():
    """Positive control."""
    assert {"wikimarche.Piece.titre", "marches.Marche.objet"} <= {str(field) for field in NAMED}
