"""Roles on a marché."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from procurement.access.services import gate
from procurement.marches.enums import RoleParticipation
from procurement.marches.forms import RoleForm
from procurement.marches.models import Participation
from procurement.marches.permissions import Action
from procurement.marches.services import change_role, end_participation


@require_POST
@gate(Action.PARTICIPATION_CHANGE)
def participation_change(request, participation):
    form = RoleForm(request.POST)
    if form.is_valid():
        role = RoleParticipation(form.cleaned_data["role"])
        change_role(
            by=request.user, participation=participation, role=role, vu=_seen(participation, form)
        )
        messages.success(request, f"{participation.user} est maintenant {role.label.lower()}.")
    else:
        messages.error(request, "Ce rôle n’existe pas.")
    return redirect(participation.marche)


@require_POST
@gate(Action.PARTICIPATION_END)
def participation_end(request, participation):
    vu = _seen(participation, RoleForm(request.POST))
    end_participation(by=request.user, participation=participation, vu=vu)
    messages.success(request, f"{participation.user} ne participe plus au marché.")
    return redirect(participation.marche)


def _seen(participation: Participation, form: RoleForm) -> RoleParticipation:
    """The role one decides from: as the page showed it, or as it was when the request came."""
    return form.vu or RoleParticipation(participation.role)
