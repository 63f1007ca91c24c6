"""Accueil: what waits for the person, then her marchés."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from procurement.access.services import gate
from procurement.jobs.enums import StatutJob
from procurement.jobs.selectors import list_jobs
from procurement.marches.permissions import Action
from procurement.marches.registry import waiting_for
from procurement.marches.selectors import invitations_for, marches_visible_to, next_point


@require_safe
@gate(Action.MARCHE_LIST)
def home(request):
    invitations = invitations_for(request.user)
    marches = list(marches_visible_to(request.user)[:8])
    waiting = waiting_for(request.user)[:5]
    return render(
        request,
        "marches/home.html",
        {
            "invitations_nombre": len(invitations),
            "marches": marches,
            "invitations": invitations,
            "attentes": waiting,
            "suite": None if invitations or waiting else next_point(request.user),
            "travaux": [
                job for job in list_jobs(request.user, limit=8) if job.statut != StatutJob.ANNULE
            ][:2],
            "aujourdhui": timezone.localdate(),
            # The page has its own, larger.
            "sans_recherche": bool(marches),
        },
    )
