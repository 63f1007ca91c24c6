"""protect() refuses what Postgres could not compare."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ImproperlyConfigured

from procurement.audit import registry
from procurement.organisations.models import Direction, Membership, Organisation


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


@pytest.mark.parametrize(
    ("model", "subject", "value"),
    [
        # A new account without any right has no entry: what hangs from it is of no chain.
        (Membership, "user", "fonction"),
        (Permission, "content_type", "codename"),
    ],
)
def test_what_an_annex_speaks_of_has_an_entry(model, subject, value):
    with pytest.raises(ImproperlyConfigured, match="no entry speaks of"):
        registry.annex(
            model, nom="la ligne", subject=[subject], values={"x": value}, author=subject
        )
    assert model not in registry.annexes


def test_an_annex_of_a_table_always_told_is_accepted():
    """Positive control: the same table, by its other foreign key."""
    try:
        registry.annex(
            Membership,
            nom="l’appartenance",
            subject=["organisation"],
            values={"x": "fonction"},
            author="user",
        )
        assert Membership in registry.annexes
    finally:
        registry.annexes.pop(Membership, None)
