"""The site as uvicorn serves it, plus one page that does nothing: the floor of the others."""

import os

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.module_loading import import_string


def bare(request: HttpRequest) -> HttpResponse:
    """Answer at once, through the same server and the same middleware."""
    return HttpResponse("ok")


def _application() -> object:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
    django.setup()
    settings.ROOT_URLCONF = __name__
    return import_string("procurement.asgi.application")


urlpatterns = [path("mesure/nue/", bare), path("", include("procurement.urls"))]
if os.environ.get("WM_MEASURE"):
    application = _application()
