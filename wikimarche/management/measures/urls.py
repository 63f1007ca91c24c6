"""The addresses of the site, plus floors: a page that does nothing, a bare durable INSERT."""

import json

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def bare(request: HttpRequest) -> HttpResponse:
    """Answer at once, through the same server and the same middleware."""
    return HttpResponse("ok")


def insert(request: HttpRequest) -> HttpResponse:
    """Keep the text sent, in a transaction of its own, then answer."""
    with connection.cursor() as cursor:
        corps = json.loads(request.body)["corps"]
        cursor.execute("INSERT INTO mesure_plancher (corps) VALUES (%s)", [corps])
    return HttpResponse("ok")


urlpatterns = [
    path("mesure/nue/", bare),
    path("mesure/vide/", bare),
    path("mesure/inserer/", insert),
    path("", include("procurement.urls")),
]
