"""Which marchés a person sees, and what stands on a fiche."""

from django.db.models import Q, QuerySet

from procurement.accounts.models import User
from procurement.marches.models import Lot, Marche, Participation
from procurement.organisations.enums import Fonction, TypeOrganisation
from procurement.organisations.models import Membership, Organisation


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


def lots_of(marche: Marche) -> list[Lot]:
    """Lots in order. One query."""
    return list(marche.lots.filter(retire=False))


def organisations_buying_for(user: User) -> QuerySet[Organisation]:
    """Public buyers a person works for: where she may open a marché, or bring a colleague in.

    Not those where she is a person from outside.
    """
    works = Membership.objects.filter(user=user, is_active=True).exclude(fonction=Fonction.INVITE)
    return Organisation.objects.filter(
        type=TypeOrganisation.ACHETEUR, pk__in=works.values("organisation")
    )
