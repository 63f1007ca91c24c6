"""Roles on a marché: changing one, limiting it, ending one. There is always a gestionnaire."""

from types import EllipsisType
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from procurement.access.services import AccessRefused, Conflict
from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Marche, Participation
from procurement.marches.permissions import Action
from procurement.marches.registry import portees_of, say_limit, say_portee
from procurement.marches.services.marches import lock_marche


PARTOUT = "tout le marché"
"""What a role holds for when it is limited to nothing."""


class Tenu(NamedTuple):
    """A role as a page showed it. portee: what it was limited to."""

    role: RoleParticipation
    portee: UUID | None = None


@transaction.atomic
def change_role(
    *,
    by: User,
    participation: Participation,
    role: RoleParticipation,
    portee: UUID | EllipsisType | None = ...,
    vu: Tenu | None = None,
) -> Participation:
    """Give another role, or the same on the whole marché or on one thing of it. vu: what the person saw.

    portee: the one thing that the role will hold for, None for the whole marché; left as it is when
    it is not said. Raises AccessRefused (409) if no gestionnaire would be left, Conflict when the
    role is no longer the one seen, or nobody holds it any more, ValidationError for a gestionnaire
    limited to a thing, and for a thing that is none of the marché or is out of it.
    """
    participation = _lock(participation, by=by, action=Action.PARTICIPATION_CHANGE, vu=vu)
    marche, old, limit = participation.marche, participation.role, participation.portee
    if isinstance(portee, EllipsisType):
        portee = limit
    if (old, limit) == (role, portee):
        return participation
    if old == RoleParticipation.GESTIONNAIRE and role != old:
        _refuse_last_gestionnaire(participation)
    if portee != limit:
        check_portee(marche, portee)
    participation.role, participation.portee = role, portee
    participation.full_clean()
    said: dict[str, object] = {
        "personne": str(participation.user_id),
        "nom": str(participation.user),
        "avant": old,
        "après": str(role),
    }
    if portee != limit:
        before, after = (say_portee(marche, one) or PARTOUT for one in (limit, portee))
        said["portée"] = {"avant": before, "après": after}
    with recording(
        by=by,
        tag=f"marches:participation:{'limited' if role == old else 'changed'}",
        obj=participation,
        details=said,
    ):
        participation.save(update_fields=["role", "portee"])
    return participation


def check_portee(marche: Marche, portee: UUID | None) -> None:
    """Refuse to limit a role to what is none of the marché, or was withdrawn. Raises ValidationError."""
    if portee is None:
        return
    found = portees_of(marche).get(portee)
    if found is None or not found.offerte:
        raise ValidationError({"portee": "Cette pièce n’est pas, ou n’est plus, dans le marché."})


@transaction.atomic
def end_participation(
    *, by: User, participation: Participation, vu: Tenu | None = None
) -> Participation:
    """Withdraw a person from the marché; what she wrote keeps her name. vu: as in ``change_role``.

    Raises AccessRefused (409) if no gestionnaire would be left, Conflict as ``change_role``.
    """
    participation = _lock(participation, by=by, action=Action.PARTICIPATION_END, vu=vu)
    if participation.role == RoleParticipation.GESTIONNAIRE:
        _refuse_last_gestionnaire(participation)
    participation.is_active = False
    with recording(
        by=by,
        tag="marches:participation:ended",
        obj=participation,
        details={
            "personne": str(participation.user_id),
            "nom": str(participation.user),
            "rôle": participation.role,
            **detail_portee(participation.marche, participation.portee),
        },
    ):
        participation.save(update_fields=["is_active"])
    return participation


def detail_portee(marche: Marche, portee: UUID | None) -> dict[str, str]:
    """What an entry of the journal adds of a limited role: nothing where it holds for the whole marché."""
    words = say_portee(marche, portee)
    return {"portée": words} if words else {}


def _lock(
    participation: Participation, *, by: User, action: Action, vu: Tenu | None
) -> Participation:
    # The marché first: two gestionnaires who leave at once must see each other.
    marche = lock_marche(participation.marche, by=by, action=action, on=participation)
    found = (
        Participation.objects.select_related("user")
        .filter(pk=participation.pk, is_active=True)
        .first()
    )
    if found is None:
        raise Conflict("Cette personne vient d’être retirée du marché. Rien d’autre n’a changé.")
    if vu is not None and (found.role, found.portee) != vu:
        limit = say_limit(say_portee(marche, found.portee)) or f"sur {PARTOUT}"
        raise Conflict(
            f"Entre-temps, {found.user} a reçu le rôle «\u202f{found.get_role_display()}\u202f», {limit}."
            " Rien d’autre n’a changé\u202f: relisez, puis décidez."
        )
    found.marche = marche
    return found


def _refuse_last_gestionnaire(participation: Participation) -> None:
    others = Participation.objects.filter(
        marche=participation.marche_id, is_active=True, role=RoleParticipation.GESTIONNAIRE
    ).exclude(pk=participation.pk)
    if not others.exists():
        raise AccessRefused(
            "Il reste toujours un gestionnaire\u202f: donnez d’abord ce rôle à une autre personne.",
            status=409,
        )
