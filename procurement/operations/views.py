"""Public addresses for probes, up or not and nothing else; and the page of who runs the platform."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from procurement.access.services import gate
from procurement.operations.enums import EtatSante
from procurement.operations.permissions import Action
from procurement.operations.selectors import (
    read_journal,
    read_sante_lately,
    read_traces,
    read_versions,
    reglages,
)


@never_cache
@require_safe
def sante_read(request: HttpRequest) -> JsonResponse:
    """200 when people can write, 503 when they cannot. The reasons are for read_sante."""
    down = read_sante_lately().etat is EtatSante.EN_PANNE
    state = EtatSante.EN_PANNE if down else EtatSante.EN_MARCHE
    return JsonResponse({"etat": state}, status=503 if down else 200)


@never_cache
@require_safe
def sante_live(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers, whatever else is down: nothing is asked of anything."""
    return JsonResponse({"etat": "en_vie"})


@require_GET
@gate(Action.PLATEFORME_READ)
def plateforme_read(request: HttpRequest) -> HttpResponse:
    """« La plateforme »: what it is, what it was, what is to be done. Nothing of anybody's work."""
    now = timezone.now()
    return render(
        request,
        "operations/plateforme_read.html",
        {
            "sante": read_sante_lately(),
            "journal": read_journal(now),
            "traces": read_traces(),
            "versions": read_versions(),
            "reglages": reglages.read(),
            "now": now,
        },
    )
