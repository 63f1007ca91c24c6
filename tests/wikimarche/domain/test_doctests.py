"""The docstrings of the domain are its specification: every example runs."""

import doctest
import importlib
import pkgutil

import pytest

import wikimarche.domain


MODULES = sorted(module.name for module in pkgutil.iter_modules(wikimarche.domain.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name):
    results = doctest.testmod(importlib.import_module(f"wikimarche.domain.{name}"))
    assert results.failed == 0
