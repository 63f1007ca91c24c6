"""Which marchés a person sees, and what stands on a fiche."""

from collections.abc import Collection
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from procurement.accounts.models import User
from procurement.marches.models import Lot, Marche, Participation
from procurement.organisations.enums import Fonction, TypeOrganisation
from procurement.organisations.models import Membership, Organisation


Part = TypeVar("Part", bound=Model)


def marches_visible_to(user: User) -> QuerySet[Marche]:
    """Restrict to what a person may see: own participations, and shared ones for a juriste.

    A role limited to one thing of a marché shows the marché, not what stands in it (``parts_visible_to``).
    """
    return (
        Marche.objects.filter(
            Q(pk__in=_participations(user).values("marche")) | Q(pk__in=_shared_with(user))
        )
        .select_related("organisation", "direction")
        .order_by("-created_at")
    )


def parts_visible_to(user: User, parts: QuerySet[Part]) -> QuerySet[Part]:
    """Restrict things that stand in marchés, and name theirs « marche », to those a person may see.

    With ``parts_held_by``, the function marches_roles said in a query: an exceptional access aside,
    which opens the page of what is asked for, and lists nothing.
    """
    return parts.filter(_held(user) | Q(marche__in=_shared_with(user)))


def parts_held_by(
    user: User, parts: QuerySet[Part], *, roles: Collection[str] | None = None
) -> QuerySet[Part]:
    """The same, for those that a participation of hers reaches, in one of some roles if they are said."""
    return parts.filter(_held(user, roles))


def _held(user: User, roles: Collection[str] | None = None) -> Exists:
    held = _participations(user).filter(marche=OuterRef("marche"))
    if roles is not None:
        held = held.filter(role__in=roles)
    return Exists(held.filter(Q(portee=None) | Q(portee=OuterRef("pk"))))


def _participations(user: User) -> QuerySet[Participation]:
    works_for = Membership.objects.filter(user=user, is_active=True)
    return Participation.objects.filter(
        user=user, is_active=True, marche__organisation__in=works_for.values("organisation")
    ).order_by()


def _shared_with(user: User) -> QuerySet[Marche]:
    as_juriste = Membership.objects.filter(user=user, is_active=True, fonction=Fonction.JURISTE)
    return Marche.objects.filter(
        partage_juridique=True, organisation__in=as_juriste.values("organisation")
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
