"""Roles on a marché: changing one, ending one. There is always a gestionnaire."""

from django.db import transaction

from procurement.access.services import AccessRefused
from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Participation
from procurement.marches.permissions import Action
from procurement.marches.services.marches import lock_marche


@transaction.atomic
def change_role(
    *, by: User, participation: Participation, role: RoleParticipation
) -> Participation:
    """Give another role. Raises AccessRefused (409) if no gestionnaire would be left."""
    participation = _lock(participation, by=by, action=Action.PARTICIPATION_CHANGE)
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
def end_participation(*, by: User, participation: Participation) -> Participation:
    """Withdraw a person from the marché; what she wrote keeps her name.

    Raises AccessRefused (409) if no gestionnaire would be left.
    """
    participation = _lock(participation, by=by, action=Action.PARTICIPATION_END)
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


def _lock(participation: Participation, *, by: User, action: Action) -> Participation:
    # The marché first: two gestionnaires who leave at once must see each other.
    marche = lock_marche(participation.marche, by=by, action=action, on=participation)
    found = (
        Participation.objects.select_related("user")
        .filter(pk=participation.pk, is_active=True)
        .first()
    )
    if found is None:
        raise AccessRefused("Cette personne ne participe plus au marché.", status=404)
    found.marche = marche
    return found


def _refuse_last_gestionnaire(participation: Participation) -> None:
    others = Participation.objects.filter(
        marche=participation.marche_id, is_active=True, role=RoleParticipation.GESTIONNAIRE
    ).exclude(pk=participation.pk)
    if not others.exists():
        raise AccessRefused(
            "Il reste toujours un gestionnaire : donnez d’abord ce rôle à une autre personne.",
            status=409,
        )
