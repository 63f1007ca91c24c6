"""Who must know that the history no longer agrees with its proof, and what each of them may read of it."""

import re
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import Error
from django.db.models import QuerySet

from procurement.accounts.models import User
from procurement.audit.services import PLATFORM_CHAIN, Alert, Break, read_verdict
from procurement.marches.models import Marche
from procurement.marches.registry import names_of
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership


FRESH = 30.0
"""Seconds during which a process does not ask again whether an alert stands."""


_OBJET = re.compile(r"([a-z_]+:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) ")


@dataclass(frozen=True, slots=True)
class Told:
    """A break as said to whoever reads its marché. quoi: the thing that changed; href: its page.

    words: what follows, or the whole sentence when the thing has no name.
    """

    words: str
    quoi: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """One place that no longer agrees. ou: in words; href: its history, when the reader may open it."""

    ou: str
    dit: Told
    href: str = ""


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert as one person may read it. administre: she runs the platform, and has to act."""

    alert: Alert
    places: tuple[Broken, ...]
    administre: bool


class _Lately:
    """The alert this process last saw: read on every page, asked twice a minute at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[float, Alert | None] | None = None

    def read(self) -> Alert | None:
        with self._lock:
            now = time.monotonic()
            if self._seen is None or now - self._seen[0] > FRESH:
                try:
                    self._seen = (now, read_verdict().alert)
                except Error:
                    # A page that says that the base is away must be drawn all the same.
                    return None
            return self._seen[1]

    def forget(self) -> None:
        self._seen = None

    def hold(self, alert: Alert | None) -> None:
        """Answer this from now on, without asking."""
        self._seen = (float("inf"), alert)


lately = _Lately()


def alert_for(user: User, alert: Alert | None) -> ShownAlert | None:
    """What a person must know of an alert; None for whoever has nothing to do about it.

    An administrateur reads every break, without the name of a marché nor of what it holds; a juriste
    those of her organisation, and those of nobody's marché. Two queries while an alert stands, with
    those that name what changed in the marchés shared with her; none otherwise.
    """
    if alert is None:
        return None
    if user.is_administrateur:
        places = tuple(Broken(_name(found.chain), Told(found.words)) for found in alert.breaks)
        return ShownAlert(alert, places, administre=True)
    houses = set(_juristes().filter(user=user).values_list("organisation_id", flat=True))
    if not houses:
        return None
    marches = Marche.objects.in_bulk(list(alert.chains))
    places = tuple(_told(alert, marches, houses))
    return ShownAlert(alert, places, administre=False) if places else None


def people_to_tell(*alerts: Alert | None) -> list[User]:
    """Everyone who must know of one of these alerts, each once; three queries."""
    found = [alert for alert in alerts if alert is not None]
    chains = frozenset[UUID]().union(*(alert.chains for alert in found))
    concerned = _juristes()
    if not any(_everybodys(one.chain) for alert in found for one in alert.breaks):
        houses = set(Marche.objects.filter(pk__in=chains).values_list("organisation_id", flat=True))
        # A chain that is no marché any more concerns everyone.
        if len(Marche.objects.filter(pk__in=chains)) == len(chains):
            concerned = concerned.filter(organisation_id__in=houses)
    juristes = set(concerned.values_list("user_id", flat=True))
    people = User.objects.active().order_by("nom", "prenom")
    return list(people.filter(is_administrateur=True)) + list(
        people.filter(pk__in=juristes, is_administrateur=False)
    )


def _juristes() -> QuerySet[Membership]:
    return Membership.objects.filter(
        fonction=Fonction.JURISTE, is_active=True, user__is_active=True
    )


def _everybodys(chain: UUID | None) -> bool:
    return chain is None or chain == PLATFORM_CHAIN


def _name(chain: UUID | None) -> str:
    if chain is None:
        return "Hors de toute chaîne"
    return "Chaîne de la plateforme" if chain == PLATFORM_CHAIN else f"Chaîne {chain}"


def tell_breaks(breaks: Sequence[Break]) -> list[Told]:
    """Say breaks to whoever reads their marchés, each thing by its name and with its page.

    A thing that says it belongs to another marché than the chain that speaks of it keeps its key:
    a row moved by hand must not show here the title of what is elsewhere.
    """
    found = [_OBJET.match(one.words) for one in breaks]
    names = names_of([match[1] for match in found if match])
    told = []
    for one, match in zip(breaks, found, strict=True):
        named = names.get(match[1]) if match else None
        if match is None or named is None or named.marche != one.chain:
            told.append(Told(one.words))
        else:
            told.append(Told(one.words[match.end() :], named.words, named.href))
    return told


def _told(alert: Alert, marches: dict[UUID, Marche], houses: set[UUID]) -> Iterable[Broken]:
    def marche_of(found: Break) -> Marche | None:
        return marches.get(found.chain) if found.chain else None

    def may_read(found: Break) -> bool:
        marche = marche_of(found)
        return bool(marche and marche.organisation_id in houses and marche.partage_juridique)

    readable = [found for found in alert.breaks if may_read(found)]
    told = dict(zip(readable, tell_breaks(readable), strict=True))
    for found in alert.breaks:
        marche = marche_of(found)
        if marche is None:
            yield Broken(_name(found.chain), Told(found.words))
        elif found in told:
            href = f"{marche.get_absolute_url()}histoire/"
            yield Broken(f"Marché «\u202f{marche}\u202f»", told[found], href)
        elif marche.organisation_id in houses:
            yield Broken("Un marché qui ne vous est pas partagé", Told(found.words))
