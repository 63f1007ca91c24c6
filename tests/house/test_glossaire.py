"""One word per thing: every model and every enum stands in docs/glossaire.md."""

import importlib
import pkgutil
from enum import Enum
from pathlib import Path

import pytest
from django.apps import apps

from tests.services import ROOT


PACKAGES = {"procurement", "wikimarche", "edossier", "impacts"}
OURS = [config for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES]
GLOSSARY = (ROOT / "docs" / "glossaire.md").read_text()


def enums() -> list[type[Enum]]:
    """Enums of the ``enums`` modules, and those of ``domain`` that people read."""
    found = []
    for config in OURS:
        names = [name for _, name, _ in pkgutil.iter_modules([config.path]) if name == "enums"]
        names += [
            f"domain.{name}"
            for _, name, _ in pkgutil.iter_modules([str(Path(config.path) / "domain")])
        ]
        for name in names:
            module = importlib.import_module(f"{config.name}.{name}")
            found += [
                kind
                for kind in vars(module).values()
                if isinstance(kind, type)
                and issubclass(kind, Enum)
                and kind.__module__ == module.__name__
            ]
    return found


MODELS = [model for config in OURS for model in config.get_models()]


@pytest.mark.parametrize("kind", [*MODELS, *enums()], ids=lambda kind: kind.__name__)
def test_each_model_and_enum_is_in_the_glossary(kind):
    assert f"`{kind.__name__}`" in GLOSSARY, (
        f"{kind.__module__}.{kind.__name__} is not in docs/glossaire.md. Add its row (term, English "
        "gloss, identifier between backquotes, definition, source, refused synonyms), or use the "
        "word that is already there: one thing, one name."
    )
