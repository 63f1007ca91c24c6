"""The addresses of the site, plus one page that does nothing: the floor of the others."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def bare(request: HttpRequest) -> HttpResponse:
    """Answer at once, through the same server and the same middleware."""
    return HttpResponse("ok")


urlpatterns = [path("mesure/nue/", bare), path("", include("procurement.urls"))]
