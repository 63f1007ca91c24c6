"""protect() refuses what Postgres could not compare."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from procurement.audit import registry
from procurement.organisations.models import Direction, Organisation


def test_a_model_is_declared_once():
    with pytest.raises(ImproperlyConfigured, match="already"):
        registry.protect(Direction, columns=["nom"], chain="pk")
    with pytest.raises(ImproperlyConfigured, match="already"):
        registry.append_only(Direction)


@pytest.mark.parametrize(
    ("columns", "exclude", "words"),
    [(["directions"], (), "compared"), (["nom"], ("nom",), "excluded"), ([], (), "at least one")],
)
def test_columns_are_comparable_and_watched(columns, exclude, words):
    before = registry.protections[Organisation]
    registry.forget(Organisation)
    try:
        with pytest.raises(ImproperlyConfigured, match=words):
            registry.protect(Organisation, columns=columns, chain="pk", exclude=exclude)
        assert Organisation not in registry.protections
    finally:
        registry.forget(Organisation)
        registry.protect(Organisation, columns=list(before.columns), chain=before.story)


def test_an_annex_is_declared_once_and_can_be_compared():
    known = next(iter(registry.annexes))
    with pytest.raises(ImproperlyConfigured, match="once"):
        registry.annex(known, nom="la version", subject=["piece"], values={"x": "numero"})
    with pytest.raises(ImproperlyConfigured, match="once"):
        registry.annex(Direction, nom="la direction", subject=["organisation"], values={})
    with pytest.raises(ImproperlyConfigured, match="compared"):
        registry.annex(
            Direction, nom="la direction", subject=["organisation"], values={"x": "created_at"},
            author="organisation",
        )  # fmt: skip
    with pytest.raises(ImproperlyConfigured, match="redaction"):
        registry.annex(
            Direction, nom="la direction", subject=["organisation"], values={"x": "nom"},
            digests={"y": "nom"}, author="organisation",
        )  # fmt: skip
    assert Direction not in registry.annexes
