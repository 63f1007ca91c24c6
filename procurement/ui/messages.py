"""Say something to the person from a fragment: a toast carried by a header of htmx."""

from django.http import HttpResponse
from django_htmx.http import trigger_client_event


def notify(response: HttpResponse, texte: str, *, genre: str = "succes") -> HttpResponse:
    """Add a toast to the answer of a fragment. genre: succes, info, attention or erreur.

    A whole page uses django.contrib.messages instead: the layout shows them.
    """
    return trigger_client_event(response, "wm:message", {"texte": texte, "genre": genre})
