"""The marchés of the demonstration: fiche, lots, criteria, people, then the story of each pièce.

A marché is told in one transaction, so an interrupted seed leaves whole marchés or none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from procurement.accounts.models import User
from procurement.demo.horloge import Jour, begin, today, wait, worked_day
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Marche
from procurement.marches.services import (
    accept_invitation,
    create_marche,
    invite_participant,
    set_criteres,
    set_lots,
)
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Direction, Organisation


R = RoleParticipation
People = Mapping[str, User]


@dataclass(frozen=True, slots=True)
class Histoire:
    """A marché to be told.

    numero: its reference without the year, which is that of the opening. jour: how many working
    days before the seeding it was opened; a fiche may hold dates counted alike (``Jour``).
    body, direction: keys of people.py. by: the gestionnaire who opens it.
    lots: (intitulé, amount); criteres: (intitulé, nature, percent); roles: person → role.
    attente: (address, role) of an invitation left open.
    tell: what follows, pièce by pièce.
    """

    numero: str
    jour: int
    objet: str
    body: str
    direction: str
    by: str
    fiche: Mapping[str, Any]
    tell: Callable[[Marche, People], None]
    lots: Sequence[tuple[str, int]] = ()
    criteres: Sequence[tuple[str, str, int]] = ()
    roles: Mapping[str, RoleParticipation] = field(default_factory=dict)
    attente: tuple[str, RoleParticipation] | None = None


def open_marche(
    histoire: Histoire, *, organisation: Organisation, direction: Direction, people: People
) -> Marche:
    """Open a marché, fill its fiche, invite its people, who accept, and tell its story."""
    by = people[histoire.by]
    begin(histoire.jour, histoire.numero)
    opened = worked_day(today(), -histoire.jour)
    fiche = {
        name: value.on(today()) if isinstance(value, Jour) else value
        for name, value in histoire.fiche.items()
    }
    marche = create_marche(
        by=by,
        organisation=organisation,
        objet=histoire.objet,
        reference=f"{opened.year}-{histoire.numero}",
        direction=direction,
        **fiche,
    )
    if histoire.lots:
        lots = [
            {"intitule": words, "montant_estime": Decimal(sum_)} for words, sum_ in histoire.lots
        ]
        wait(10, 30)
        set_lots(by=by, marche=marche, lots=lots)
    if histoire.criteres:
        criteres = [
            {"intitule": words, "nature": nature, "poids": poids}
            for words, nature, poids in histoire.criteres
        ]
        wait(10, 30)
        set_criteres(by=by, marche=marche, criteres=criteres)
    for name, role in histoire.roles.items():
        welcome(marche, by=by, guest=people[name], role=role)
    histoire.tell(marche, people)
    if histoire.attente:
        email, role = histoire.attente
        wait(20, 50)
        invite_participant(
            by=by, marche=marche, email=email, role=role, mot="Votre regard nous serait utile."
        )
    return marche


def welcome(
    marche: Marche,
    *,
    by: User,
    guest: User,
    role: RoleParticipation,
    portee: UUID | None = None,
) -> None:
    """Invite a person, who accepts soon; the job of the mail then sends nothing.

    portee: the one pièce that the role holds for.
    """
    wait()
    outside = guest.memberships.filter(
        organisation=marche.organisation, fonction=Fonction.INVITE
    ).exists()
    invitation = invite_participant(
        by=by,
        marche=marche,
        email=guest.email,
        role=role,
        portee=portee,
        fonction=Fonction.INVITE if outside else Fonction.AGENT,
    )
    wait(5, 45)
    accept_invitation(by=guest, invitation=invitation)
