"""What products add to the pages of a marché: panels, words of their events, next steps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from procurement.accounts.models import User
from procurement.marches.models import Marche


@dataclass(frozen=True, slots=True)
class Panel:
    """A section of the page of a marché, filled by a product.

    context: request, marché → what its template reads.
    """

    name: str
    template: str
    context: Callable[[HttpRequest, Marche], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Point:
    """Something left to do before the marché goes on. acte: the words of the button that leads there.

    rang: the lower, the sooner. fait: done, shown quietly. action: the right on the marché that
    the button asks for, "" when reading is enough. manque: its absence is worth a warning before
    the marché leaves its step.
    """

    rang: int
    titre: str
    acte: str
    detail: str
    href: str
    fait: bool = False
    action: str = ""
    manque: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a person on her home page."""

    depuis: datetime
    etiquette: str
    icone: str
    ton: str
    titre: str
    texte: str
    acte: str
    href: str


@dataclass(frozen=True, slots=True)
class Named:
    """A thing as people call it: « l’article 3 de la pièce « CCTP » ».

    href: its page, where the gate judges whoever follows it. marche: the one it says it belongs to.
    """

    words: str
    href: str
    marche: UUID


@dataclass(frozen=True, slots=True)
class Portee:
    """A thing of a marché that a role may be limited to. words: its title. offerte: to new roles too."""

    pk: UUID
    words: str
    offerte: bool = True


SANS_TITRE = "une pièce"
"""What a role is limited to, when nobody names it any more."""
NameObjects = Callable[[Sequence[str]], Mapping[str, Named]]
"""Things as the journal names them, « table:key » → as people call those that are known."""
PlaceObjects = Callable[[Sequence[str]], Mapping[str, str]]
"""Things as the journal names them → the name of what holds each, for those that are known."""
Version = tuple[str, int]
"""A thing as the journal names it, and the number of the version an act made of it."""
VersionLinks = Callable[[Sequence[Version]], Mapping[Version, str]]
Act = tuple[str, int | None]
"""A thing as the journal names it, and the number of the version an act made of it, if it made one."""
DocumentLinks = Callable[[Sequence[Act]], Mapping[Act, str]]
"""Acts → the page of the document received that each speaks of, for those that speak of one."""


@dataclass(slots=True)
class _Registry:
    panels: dict[str, Panel] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    values: dict[str, Mapping[str, str]] = field(default_factory=dict)
    points: list[Callable[[Marche], Iterable[Point]]] = field(default_factory=list)
    lacks: list[Callable[[Marche], Iterable[Point]]] = field(default_factory=list)
    waiting: list[Callable[[User], Iterable[Waiting]]] = field(default_factory=list)
    links: list[VersionLinks] = field(default_factory=list)
    documents: list[DocumentLinks] = field(default_factory=list)
    names: list[NameObjects] = field(default_factory=list)
    places: list[PlaceObjects] = field(default_factory=list)
    portees: list[Callable[[Marche], Iterable[Portee]]] = field(default_factory=list)


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


def register_event_values(tags: Iterable[str], words: Mapping[str, str]) -> None:
    """Say the values that the details of these events hold: « en_relecture » is « En relecture »."""
    _registry.values.update(dict.fromkeys(tags, words))


def register_points(read: Callable[[Marche], Iterable[Point]]) -> None:
    """Add what a product knows is left to do in a marché."""
    _registry.points.append(read)


def register_lacks(read: Callable[[Marche], Iterable[Point]]) -> None:
    """Add what a product checks in the texts, for the page of a marché and before a change of step."""
    _registry.lacks.append(read)


def register_waiting(read: Callable[[User], Iterable[Waiting]]) -> None:
    """Add what a product knows waits for a person."""
    _registry.waiting.append(read)


def register_version_links(read: VersionLinks) -> None:
    """Add where a product shows the versions that the journal speaks of."""
    _registry.links.append(read)


def register_document_links(read: DocumentLinks) -> None:
    """Add where a product shows the documents received that the journal speaks of."""
    _registry.documents.append(read)


def register_names(read: NameObjects) -> None:
    """Add how a product calls what the journal names by a table and a key."""
    _registry.names.append(read)


def register_places(read: PlaceObjects) -> None:
    """Add how a product calls what holds the things the journal names: the pièce of an article."""
    _registry.places.append(read)


def register_portees(read: Callable[[Marche], Iterable[Portee]]) -> None:
    """Add the things of a marché that a product lets a role be limited to."""
    _registry.portees.append(read)


def portees_of(marche: Marche) -> dict[UUID, Portee]:
    """Everything in a marché that a role may be limited to, in order."""
    return {portee.pk: portee for read in _registry.portees for portee in read(marche)}


def say_portee(marche: Marche, pk: UUID | None) -> str:
    """The title of what a role is limited to, "" when it holds for the whole marché. A query a product."""
    if pk is None:
        return ""
    portee = portees_of(marche).get(pk)
    return portee.words if portee else SANS_TITRE


def say_limit(words: str) -> str:
    """Say where a limited role holds, "" for nowhere in particular."""
    return f"sur «\u202f{words}\u202f» seulement" if words else ""


def places_of(objets: Sequence[str]) -> dict[str, str]:
    """What holds each of these things; one that nothing holds is left out."""
    return {objet: place for read in _registry.places for objet, place in read(objets).items()}


def names_of(objets: Sequence[str]) -> dict[str, Named]:
    """As people call these things; one that nobody knows any more is left out."""
    if not objets:
        return {}
    return {objet: named for read in _registry.names for objet, named in read(objets).items()}


def version_links(versions: Sequence[Version]) -> dict[Version, str]:
    """Addresses of versions, those that have one."""
    return {version: link for read in _registry.links for version, link in read(versions).items()}


def document_links(acts: Sequence[Act]) -> dict[Act, str]:
    """Pages of the documents that these acts speak of, those that have one."""
    return {act: link for read in _registry.documents for act, link in read(acts).items()}


def points_of(marche: Marche) -> list[Point]:
    """Everything left to do in a marché, soonest first, then what is done."""
    points = [point for read in _registry.points for point in read(marche)]
    return sorted(points, key=lambda point: (point.fait, point.rang))


def lacks_of(marche: Marche) -> list[Point]:
    """Everything that the texts of a marché need mended."""
    return [point for read in _registry.lacks for point in read(marche)]


def waiting_for(user: User) -> list[Waiting]:
    """Everything that waits for a person, latest first."""
    found = [waiting for read in _registry.waiting for waiting in read(user)]
    return sorted(found, key=lambda waiting: waiting.depuis, reverse=True)


def all_panels() -> list[Panel]:
    """Panels in the order of registration."""
    return list(_registry.panels.values())


def event_words() -> dict[str, str]:
    """Every sentence, by tag."""
    return dict(_registry.words)


def event_values(tag: str) -> Mapping[str, str] | None:
    """Words of the values of an event, None when no product gave any."""
    return _registry.values.get(tag)
