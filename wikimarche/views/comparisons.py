"""Comparing two versions of a pièce."""

from uuid import UUID

from django.http import Http404
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_safe

from procurement.access.services import AccessRefused, gate
from procurement.marches.forms import read_number
from procurement.ui.frise import Version as Frise
from wikimarche.permissions import Action
from wikimarche.selectors import (
    find_article,
    find_version,
    last_version,
    read_comparison,
    version_marks,
    words_changed_at,
)


@require_safe
@gate(Action.PIECE_COMPARE)
def piece_compare(request, piece):
    last = last_version(piece)
    if last is None:
        return render(
            request,
            "wikimarche/piece_compare_empty.html",
            {"piece": piece, "marche": piece.marche},
        )
    marks = version_marks(piece)
    a = _asked(request, piece, "a") or last
    older = [mark for mark in marks if mark.numero < a.numero]
    named = [mark for mark in older if mark.nom]
    de = _asked(request, piece, "de") or next(iter([*named, *older]), a)
    # Backwards, what people wrote would read as what they took away.
    turned = de.numero > a.numero
    if turned:
        de, a = a, de
    vue = read_comparison(piece, de, a)
    article = _article(request, piece)
    changed = article is None or any(c.change.article == article.pk for c in vue.changes)
    return render(
        request,
        "wikimarche/piece_compare.html",
        {
            "piece": piece,
            "marche": piece.marche,
            "frises": frises_of(piece, [*marks, de, a, last]),
            "de": de,
            "a": a,
            "retournee": turned,
            "derniere": last,
            "vue": vue,
            "article": article.pk if article else None,
            "inchange": "" if changed else str(article),
            # Drawn once for the page, and not again in the form of each change.
            "jeton": get_token(request),
        },
    )


def _asked(request, piece, name):
    text = request.GET.get(name, "")
    if not text:
        return None
    numero = read_number(text)
    if numero is None:
        raise AccessRefused("Choisissez deux versions de cette pièce.", status=400)
    version = find_version(piece, numero)
    if version is None:
        raise Http404
    return version


def _article(request, piece):
    """The article to look at first, when one is asked for."""
    text = request.GET.get("article", "")
    if not text:
        return None
    try:
        article = find_article(piece, UUID(text))
    except ValueError:
        article = None
    if article is None:
        raise Http404
    return article


def frises_of(piece, versions):
    """Versions of the timeline, in order, each once, with the words each changed."""
    by_number = {version.numero: version for version in versions}
    numbers = sorted(by_number)
    words = words_changed_at(piece, numbers)
    return [
        Frise(
            numero=numero,
            instant=by_number[numero].instant,
            nom=by_number[numero].nom,
            mots=words.get(numero, 0),
        )
        for numero in numbers
    ]
