"""Roles on a marché."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from procurement.access.services import gate
from procurement.marches.enums import RoleParticipation
from procurement.marches.forms import RoleForm
from procurement.marches.models import Participation
from procurement.marches.permissions import Action
from procurement.marches.registry import portees_of, say_limit
from procurement.marches.services import Tenu, change_role, end_participation


@require_POST
@gate(Action.PARTICIPATION_CHANGE)
def participation_change(request, participation):
    marche = participation.marche
    portees = portees_of(marche)
    form = RoleForm(request.POST, portees=portees.values(), held=participation.portee)
    if form.is_valid():
        role, portee = RoleParticipation(form.cleaned_data["role"]), form.cleaned_data["portee"]
        if "portee" not in request.POST:
            # A page that does not say where a role holds widens none.
            portee = participation.portee
        try:
            change_role(
                by=request.user,
                participation=participation,
                role=role,
                portee=portee,
                vu=_seen(participation, form),
            )
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            limit = say_limit(portees[portee].words) if portee in portees else ""
            said = f"{participation.user} est maintenant {role.label.lower()} {limit}".strip()
            messages.success(request, f"{said}.")
    else:
        wrong = form.errors.get("portee")
        messages.error(request, wrong[0] if wrong else "Ce rôle n’existe pas.")
    return redirect(marche)


@require_POST
@gate(Action.PARTICIPATION_END)
def participation_end(request, participation):
    vu = _seen(participation, RoleForm(request.POST))
    end_participation(by=request.user, participation=participation, vu=vu)
    messages.success(request, f"{participation.user} ne participe plus au marché.")
    return redirect(participation.marche)


def _seen(participation: Participation, form: RoleForm) -> Tenu:
    """The role one decides from: as the page showed it, or as it was when the request came."""
    return form.vu or Tenu(RoleParticipation(participation.role), participation.portee)
