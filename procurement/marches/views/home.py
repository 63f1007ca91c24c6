"""Accueil: what waits for the person, then her marchés."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from procurement.access.services import gate
from procurement.marches.permissions import Action
from procurement.marches.selectors import invitations_for, marches_visible_to


@require_GET
@gate(Action.MARCHE_LIST)
def home(request):
    return render(
        request,
        "marches/home.html",
        {
            "marches": marches_visible_to(request.user)[:8],
            "invitations": invitations_for(request.user),
        },
    )
