"""Searching the marchés, pièces and articles that one may see."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from procurement.access.services import gate
from wikimarche.permissions import Action
from wikimarche.selectors import search_all


@require_safe
@gate(Action.SEARCH_READ)
def search_read(request):
    words = request.GET.get("q", "").strip()
    found = search_all(request.user, words) if words else None
    return render(
        request,
        "wikimarche/search_read.html",
        {
            "mots": words,
            "signes": not any(sign.isalnum() for sign in words),
            "trouve": found,
            "sans_recherche": True,
        },
    )
