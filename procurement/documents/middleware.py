"""A request too heavy to be useful is refused on its announced length, before it is read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


SENTENCE = "Ce que vous envoyez dépasse {limit}\u00a0Mo. Rien n’a été gardé."
CONSTATS = {
    411: "Cet envoi ne dit pas sa taille",
    413: "Cet envoi est trop lourd",
}


class BodyLimitMiddleware:
    """Answer 413 above settings.BODY_LIMIT; a body without an announced length is refused too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request pass when its length is known and within the limit."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            return self._refuse(request, 411)
        if not announced.isdecimal() or int(announced) > settings.BODY_LIMIT:
            return self._refuse(request, 413)
        return self.get_response(request)

    def _refuse(self, request: HttpRequest, status: int) -> HttpResponse:
        sentence = SENTENCE.format(limit=settings.BODY_LIMIT >> 20)
        response: HttpResponse
        if request.headers.get("Accept", "").startswith("application/json"):
            response = JsonResponse({"erreur": sentence}, status=status)
        else:
            context = {"raison": sentence, "code": status, "constat": CONSTATS[status]}
            response = render(request, "413.html", context, status=status)
        return response
