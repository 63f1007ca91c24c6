"""Roles on a marché: changing one, ending one. There is always a gestionnaire."""

from django.db import transaction

from procurement.access.services import AccessRefused, Conflict
from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Participation
from procurement.marches.permissions import Action
from procurement.marches.services.marches import lock_marche


@transaction.atomic
def change_role(
    *,
    by: User,
    participation: Participation,
    role: RoleParticipation,
    vu: RoleParticipation | None = None,
) -> Participation:
    """Give another role. vu: the role that the person saw.

    Raises AccessRefused (409) if no gestionnaire would be left, Conflict when the role is no longer
    the one seen, or nobody holds it any more.
    """
    participation = _lock(participation, by=by, action=Action.PARTICIPATION_CHANGE, vu=vu)
    old = participation.role
    if old == role:
        return participation
    if old == RoleParticipation.GESTIONNAIRE:
        _refuse_last_gestionnaire(participation)
    participation.role = role
    participation.full_clean()
    with recording(
        by=by,
        tag="marches:participation:changed",
        obj=participation,
        details={
            "personne": str(participation.user_id),
            "nom": str(participation.user),
            "avant": old,
            "après": str(role),
        },
    ):
        participation.save(update_fields=["role"])
    return participation


@transaction.atomic
def end_participation(
    *, by: User, participation: Participation, vu: RoleParticipation | None = None
) -> Participation:
    """Withdraw a person from the marché; what she wrote keeps her name. vu: the role one saw.

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
        },
    ):
        participation.save(update_fields=["is_active"])
    return participation


def _lock(
    participation: Participation, *, by: User, action: Action, vu: RoleParticipation | None
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
    if vu is not None and found.role != vu:
        raise Conflict(
            f"Entre-temps, {found.user} a reçu le rôle «\u202f{found.get_role_display()}\u202f»."
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
