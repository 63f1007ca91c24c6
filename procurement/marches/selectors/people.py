"""Who works on a marché, and who is invited."""

from dataclasses import dataclass
from hashlib import sha256

from django.db.models.functions import Now

from procurement.accounts.models import User
from procurement.marches.models import Invitation, Marche, Participation
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as the page of a marché shows one."""

    participation: Participation
    fonction: str
    """« gestionnaire · achats »: role, then direction, or that she comes from outside."""


def list_people(marche: Marche) -> list[Person]:
    """Participants by strength of role, then name. Two queries."""
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
                    places.get(participation.user_id, ""),
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


def find_invitation(jeton: str) -> Invitation | None:
    """The invitation of a link that still waits, or None. One query."""
    return (
        Invitation.objects.filter(
            jeton_sha256=sha256(jeton.encode()).hexdigest(),
            acceptee_le__isnull=True,
            revoquee_le__isnull=True,
            expire_le__gt=Now(),
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
