"""What products add to the pages of a marché: panels, words of their events, next steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from procurement.marches.models import Marche


@dataclass(frozen=True, slots=True)
class Panel:
    """A section of the page of a marché, filled by a product.

    context: request, marché → what its template reads.
    """

    name: str
    template: str
    context: Callable[[HttpRequest, Marche], Mapping[str, Any]]


@dataclass(slots=True)
class _Registry:
    panels: dict[str, Panel] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


_registry = _Registry()


def register_panel(panel: Panel) -> None:
    """Add a section. Raises ImproperlyConfigured on a duplicate."""
    if panel.name in _registry.panels:
        raise ImproperlyConfigured(f"Panel {panel.name} is registered twice.")
    _registry.panels[panel.name] = panel


def register_event_words(words: Mapping[str, str]) -> None:
    """Say events of the journal in French: tag → « a ouvert le marché ».

    Braces name a detail of the event: « a retiré l’article « {article} » ».
    Raises ImproperlyConfigured on a duplicate.
    """
    for tag, sentence in words.items():
        if tag in _registry.words:
            raise ImproperlyConfigured(f"Event {tag} has two sentences.")
        _registry.words[tag] = sentence


def all_panels() -> list[Panel]:
    """Panels in the order of registration."""
    return list(_registry.panels.values())


def event_words() -> dict[str, str]:
    """Every sentence, by tag."""
    return dict(_registry.words)
