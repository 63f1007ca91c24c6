"""Who works on a marché, and who is invited."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Now

from procurement.accounts.models import User
from procurement.marches.models import Invitation, Marche, Participation
from procurement.marches.registry import SANS_TITRE, Portee, portees_of, say_limit
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as the page of a marché shows one."""

    participation: Participation
    fonction: str
    """« gestionnaire · achats »: role, what it is limited to, then direction, or that she comes from outside."""

    @property
    def lieu(self) -> str:
        """What the role is limited to, as a form says it; "" for the whole marché."""
        return str(self.participation.portee or "")


def list_people(marche: Marche) -> list[Person]:
    """Participants by strength of role, then name. Two queries, one more when a role is limited."""
    participations = list(
        Participation.objects.filter(marche=marche, is_active=True)
        .select_related("user")
        .order_by("user__nom", "user__prenom")
    )
    places = {
        user: "personne extérieure" if fonction == Fonction.INVITE else direction or ""
        for user, fonction, direction in Membership.objects.filter(
            organisation=marche.organisation_id,
            user__in=[participation.user_id for participation in participations],
        ).values_list("user", "fonction", "direction__nom")
    }
    limited = any(participation.portee for participation in participations)
    known = portees_of(marche) if limited else {}
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
                    _say_limit(participation, known),
                    places.get(participation.user_id, ""),
                )
                if words
            ),
        )
        for participation in participations
    ]


def _say_limit(participation: Participation, known: Mapping[UUID, Portee]) -> str:
    if participation.portee is None:
        return ""
    portee = known.get(participation.portee)
    return say_limit(portee.words if portee else SANS_TITRE)


def find_participation(marche: Marche, user: User) -> Participation | None:
    """The role that a person holds on a marché, None when she reads it otherwise. One query."""
    return Participation.objects.filter(marche=marche, user=user, is_active=True).first()


def is_from_outside(email: str, marche: Marche) -> bool:
    """Whether an address is that of somebody from outside, or of somebody invited as one. Two queries."""
    held = Membership.objects.filter(
        user__email=email, organisation=marche.organisation_id, is_active=True
    ).first()
    if held is not None:
        return held.fonction == Fonction.INVITE
    return Invitation.objects.filter(
        email=email,
        marche__organisation=marche.organisation_id,
        fonction=Fonction.INVITE,
        acceptee_le__isnull=True,
        revoquee_le__isnull=True,
        expire_le__gt=Now(),
    ).exists()


def with_fonctions(invitations: QuerySet[Invitation]) -> QuerySet[Any]:
    """Tell, beside each, the function that its addressee holds today and the one that accepting gives.

    tenue: in the organisation of the marché, None for none. donnee: an agent is made only of who was
    invited as one, by a colleague, and is not from outside already.
    """
    there = Membership.objects.filter(organisation=OuterRef("marche__organisation"), is_active=True)
    colleague = there.filter(user=OuterRef("invited_by")).exclude(fonction=Fonction.INVITE)
    return invitations.annotate(
        tenue=Subquery(there.filter(user__email=OuterRef("email")).values("fonction")[:1])
    ).annotate(
        donnee=Case(
            When(~Exists(colleague) | Q(tenue=Fonction.INVITE), then=Value(Fonction.INVITE.value)),
            default=F("fonction"),
        )
    )


def list_invitations(marche: Marche) -> list[Invitation]:
    """Invitations still waiting, oldest first. One query."""
    return list(
        with_fonctions(
            Invitation.objects.filter(
                marche=marche, acceptee_le__isnull=True, revoquee_le__isnull=True
            )
        )
    )


def invitations_for(user: User) -> list[Invitation]:
    """Invitations that wait for a person, by their verified address. One query."""
    return list(
        with_fonctions(
            Invitation.objects.filter(
                email=user.email, acceptee_le__isnull=True, revoquee_le__isnull=True
            )
        ).select_related("marche__organisation", "invited_by")
    )


def find_invitation(jeton: str) -> Invitation | None:
    """The invitation of a link that still waits, or None. One query."""
    return (
        with_fonctions(
            Invitation.objects.filter(
                jeton_sha256=sha256(jeton.encode()).hexdigest(),
                acceptee_le__isnull=True,
                revoquee_le__isnull=True,
                expire_le__gt=Now(),
            )
        )
        .select_related("marche__organisation", "invited_by")
        .first()
    )


def find_joined(jeton: str, user: User) -> Marche | None:
    """The marché of a link that this person has accepted, or None. One query."""
    taken = Invitation.objects.filter(
        jeton_sha256=sha256(jeton.encode()).hexdigest(), acceptee_par=user.pk
    )
    invitation = taken.select_related("marche__organisation").first()
    return invitation.marche if invitation else None
