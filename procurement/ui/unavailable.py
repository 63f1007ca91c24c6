"""What is answered when the database, or the disk, does not: a page for a person, JSON for the editor."""

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views import defaults


SENTENCE = "Le service est interrompu un instant\u202f; ce que vous avez écrit reste ici et partira à son retour."
FULL = (
    "Le serveur n’a plus de place\u202f: ce fichier n’a pas été gardé, et rien d’autre n’a changé. "
    "Prévenez l’administration, puis recommencez."
)
NO_ROOM = (
    "La base de données n’a plus de place\u202f: rien de neuf n’est enregistré. Ce que vous avez écrit reste "
    "ici et partira dès qu’elle en aura\u202f; prévenez l’administration. La lecture continue."
)
DISK_FULL = "53100"
"""What Postgres says when a disk is full (errcodes, class 53)."""
AGAIN = 5
"""Seconds after which a browser or a program may ask again."""


def unavailable(request: HttpRequest, sentence: str = SENTENCE) -> HttpResponse:
    """503, without a query."""
    if "json" in request.headers.get("Accept", "") or request.content_type == "application/json":
        answer: HttpResponse = JsonResponse({"erreur": sentence}, status=503)
    else:
        page = loader.render_to_string("503.html", {"dit": sentence})
        answer = HttpResponse(page, status=503)
    answer["Retry-After"] = str(AGAIN)
    answer["Cache-Control"] = "no-store"
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """503 when the database went away or the disk filled up, 500 for what we did wrong ourselves."""
    error = sys.exc_info()[1]
    if getattr(getattr(error, "__cause__", None), "pgcode", None) == DISK_FULL:
        return unavailable(request, NO_ROOM)
    if isinstance(error, OperationalError | InterfaceError):
        return unavailable(request)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return unavailable(request, FULL)
    return defaults.server_error(request)
