"""Reads shaped for the pages of a marché."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from procurement.accounts.models import User
from procurement.marches.models import Critere, Invitation, Lot, Marche, Participation
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership


def marches_visible_to(user: User) -> QuerySet[Marche]:
    """Restrict to what a person may see: own participations, and shared ones for a juriste."""
    works_for = Membership.objects.filter(user=user, is_active=True)
    as_juriste = works_for.filter(fonction=Fonction.JURISTE)
    return (
        Marche.objects.filter(
            Q(
                pk__in=Participation.objects.filter(user=user, is_active=True).values("marche"),
                organisation__in=works_for.values("organisation"),
            )
            | Q(partage_juridique=True, organisation__in=as_juriste.values("organisation"))
        )
        .select_related("organisation", "direction")
        .order_by("-created_at")
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as the page of a marché shows one."""

    participation: Participation
    fonction: str
    """« gestionnaire · achats »: role, then direction."""


def list_people(marche: Marche) -> list[Person]:
    """Participants by strength of role, then name. Two queries."""
    participations = list(
        Participation.objects.filter(marche=marche, is_active=True)
        .select_related("user")
        .order_by("user__nom", "user__prenom")
    )
    directions = {
        user: direction or ""
        for user, direction in Membership.objects.filter(
            organisation=marche.organisation_id,
            user__in=[participation.user_id for participation in participations],
        ).values_list("user", "direction__nom")
    }
    strength = list(Participation._meta.get_field("role").choices or [])
    order = {value: -rank for rank, (value, _) in enumerate(strength)}
    participations.sort(key=lambda participation: order[participation.role])
    return [
        Person(
            participation,
            " · ".join(
                words
                for words in (
                    participation.get_role_display().lower(),
                    directions.get(participation.user_id, ""),
                )
                if words
            ),
        )
        for participation in participations
    ]


def list_invitations(marche: Marche) -> list[Invitation]:
    """Invitations still waiting, oldest first. One query."""
    return list(
        Invitation.objects.filter(marche=marche, acceptee_le__isnull=True, revoquee_le__isnull=True)
    )


def invitations_for(user: User) -> list[Invitation]:
    """Invitations that wait for a person, by their verified address. One query."""
    return list(
        Invitation.objects.filter(
            email=user.email, acceptee_le__isnull=True, revoquee_le__isnull=True
        ).select_related("marche__organisation", "invited_by")
    )


def lots_of(marche: Marche) -> list[Lot]:
    """Lots in order, each with its criteria. Two queries."""
    criteres = Critere.objects.filter(retire=False)
    return list(
        marche.lots.filter(retire=False).prefetch_related(Prefetch("criteres", queryset=criteres))
    )


def criteres_of(marche: Marche) -> list[Critere]:
    """Criteria of the whole marché, in order. One query."""
    return list(marche.criteres.filter(retire=False, lot__isnull=True))
