"""What waits for whoever manages a marché, and what to go on with when nothing does."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from procurement.accounts.models import User
from procurement.marches.enums import RoleParticipation, StatutMarche
from procurement.marches.models import Invitation, Marche
from procurement.marches.registry import Point, Waiting, points_of
from procurement.marches.selectors.marches import marches_visible_to
from procurement.marches.workflow import WRITABLE
from procurement.ui.typographie import format_date


PATIENCE = timedelta(days=3)
"""After it, an invitation without answer is shown to whoever sent it."""


def waiting_dates(user: User) -> Iterator[Waiting]:
    """Marchés a person manages, still in preparation after the day the offers were due. One query."""
    for marche in _managed(user).filter(statut__in=WRITABLE, date_limite_offres__lt=timezone.now())[
        :5
    ]:
        due = marche.date_limite_offres
        if due is None:
            continue
        yield Waiting(
            depuis=due,
            etiquette="Date passée",
            icone="exclamation-triangle",
            ton="ocre",
            titre=str(marche),
            texte=(
                f"Les offres étaient à remettre le {format_date(due)}, et le"
                f" marché est encore à l’étape «\u202f{StatutMarche(marche.statut).label}\u202f»."
            ),
            acte="Revoir le calendrier",
            href=reverse("marches:marche_update", args=[marche.pk]),
        )


def waiting_answers(user: User) -> Iterator[Waiting]:
    """Invitations that nobody answered, in the marchés a person manages. One query."""
    now = timezone.now()
    for invitation in (
        Invitation.objects.filter(
            Q(created_at__lt=now - PATIENCE) | Q(expire_le__lt=now),
            marche__in=_managed(user).exclude(statut__in=_ENDED),
            acceptee_le__isnull=True,
            revoquee_le__isnull=True,
        )
        .select_related("marche")
        .order_by("-created_at")[:5]
    ):
        over = invitation.expire_le < now
        until = format_date(invitation.expire_le)
        yield Waiting(
            depuis=invitation.created_at,
            etiquette="Invitation expirée" if over else "Sans réponse",
            icone="person-plus",
            ton="ocre" if over else "bleu",
            titre=invitation.email,
            texte=(
                f"{invitation.marche}. Son lien ne sert plus depuis le {until}\u202f: invitez de"
                " nouveau, ou révoquez."
                if over
                else f"{invitation.marche}. Son lien vaut jusqu’au {until}."
            ),
            acte="Voir les invitations",
            href=invitation.marche.get_absolute_url(),
        )


def next_point(user: User) -> tuple[Marche, Point] | None:
    """What to go on with in the latest marché a person manages. Some ten queries."""
    marche = _managed(user).filter(statut__in=WRITABLE).first()
    if marche is None:
        return None
    point = next((point for point in points_of(marche) if not point.fait), None)
    return (marche, point) if point else None


_ENDED = (StatutMarche.CLOS, StatutMarche.SANS_SUITE, StatutMarche.INFRUCTUEUX)


def _managed(user: User) -> QuerySet[Marche]:
    return marches_visible_to(user).filter(
        pk__in=user.participations.filter(
            is_active=True, role=RoleParticipation.GESTIONNAIRE
        ).values("marche")
    )
