"""Exceptional accesses: those that stand on a marché, those the platform has known, whom they concern."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from procurement.accounts.models import User
from procurement.audit.selectors import database_now
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import AccesExceptionnel, Marche, Participation
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership


SHOWN = 50
"""Accesses listed to who runs the platform; the journal of each marché keeps them all."""


@dataclass(frozen=True, slots=True)
class ShownAcces:
    """An access as the page of the platform shows it.

    mien: opened by the reader. Only then is its marché named: to run the platform shows nobody's work.
    """

    acces: AccesExceptionnel
    mien: bool
    dure: bool


def standing_acces(marche: Marche) -> list[AccesExceptionnel]:
    """Accesses that open this marché now, the oldest first. One query."""
    return list(_standing().filter(marche=marche).select_related("user").order_by("ouvert_le"))


def list_acces(reader: User) -> Sequence[ShownAcces]:
    """The last accesses of the platform, newest first. Two queries."""
    now = database_now()
    return [
        ShownAcces(
            acces,
            mien=acces.user_id == reader.pk,
            dure=acces.fini_le is None and acces.expire_le > now,
        )
        for acces in AccesExceptionnel.objects.select_related(
            "marche__organisation", "user", "ferme_par"
        )[:SHOWN]
    ]


def people_concerned(acces: AccesExceptionnel) -> list[User]:
    """Who must know of an access: the gestionnaires of its marché, the juristes of the organisation.

    The juristes whether the marché is shared with them or not: somebody who did not ask for it must
    know. Each once, never the holder. One query.
    """
    marche = acces.marche
    works = Membership.objects.filter(organisation=marche.organisation_id, is_active=True)
    gestionnaires = Participation.objects.filter(
        marche=marche, role=RoleParticipation.GESTIONNAIRE, is_active=True
    )
    concerned = Q(pk__in=works.filter(fonction=Fonction.JURISTE).values("user")) | Q(
        pk__in=gestionnaires.values("user")
    )
    return list(
        User.objects.active()
        .filter(concerned, pk__in=works.values("user"))
        .exclude(pk=acces.user_id)
        .order_by("nom", "prenom")
    )


def _standing() -> QuerySet[AccesExceptionnel]:
    """As marches_roles counts them."""
    return AccesExceptionnel.objects.filter(
        fini_le__isnull=True,
        expire_le__gt=Now(),
        user__is_active=True,
        user__is_administrateur=True,
    )
