"""Public addresses for probes: up or not, and nothing else. No session, no person."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from procurement.operations.enums import EtatSante
from procurement.operations.selectors import read_sante_lately


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
