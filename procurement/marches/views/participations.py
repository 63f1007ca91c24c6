"""Roles on a marché."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from procurement.access.services import gate
from procurement.marches.enums import RoleParticipation
from procurement.marches.forms import RoleForm
from procurement.marches.permissions import Action
from procurement.marches.services import change_role, end_participation


@require_POST
@gate(Action.PARTICIPATION_CHANGE)
def participation_change(request, participation):
    form = RoleForm(request.POST)
    if form.is_valid():
        role = RoleParticipation(form.cleaned_data["role"])
        change_role(by=request.user, participation=participation, role=role)
        messages.success(request, f"{participation.user} est maintenant {role.label.lower()}.")
    else:
        messages.error(request, "Ce rôle n’existe pas.")
    return redirect(participation.marche)


@require_POST
@gate(Action.PARTICIPATION_END)
def participation_end(request, participation):
    end_participation(by=request.user, participation=participation)
    messages.success(request, f"{participation.user} ne participe plus au marché.")
    return redirect(participation.marche)
