"""Comments: opening a thread, answering, closing it, masking a comment."""

import json
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from procurement.access.services import AccessRefused, by_method, gate
from procurement.marches.forms import read_number
from wikimarche.enums import GenreFil, StatutFil
from wikimarche.forms import FilForm
from wikimarche.permissions import Action, rights_of_discussion
from wikimarche.selectors import Choix, list_fils, read_fil, tally_fils
from wikimarche.services import (
    correct_commentaire,
    mask_commentaire,
    open_fil,
    open_fil_of_piece,
    remove_citation,
    reopen_fil,
    reply_to_fil,
    resolve_fil,
    unmask_commentaire,
)


@require_safe
@gate(Action.PIECE_READ)
def fil_list(request, piece):
    """List the threads of a pièce: a whole page, or the inside of the panel of the open pièce."""
    choix = _read_choix(request.GET)
    # Before the threads: one opened in between is read with them, or at the next poll.
    compte = tally_fils(piece)
    liste = list_fils(piece, choix, page=read_number(request.GET.get("page", "")) or 1)
    next_page = request.GET.copy()
    next_page["page"] = liste.page + 1
    template = "wikimarche/_fils.html" if request.htmx else "wikimarche/fil_list.html"
    return render(
        request,
        template,
        {
            "piece": piece,
            "marche": piece.marche,
            "liste": liste,
            "suite": next_page.urlencode() if liste.page < liste.pages else "",
            "compte": compte,
            "choix": choix,
            "genres": GenreFil.choices,
            "droits": rights_of_discussion(request.user, piece),
        },
    )


@require_safe
@gate(Action.FIL_READ)
def fil_detail(request, fil):
    """Show one thread: where a mail leads, and what a page asks for when it changed."""
    template = "wikimarche/_fil.html" if request.htmx else "wikimarche/fil_detail.html"
    return render(request, template, _context(request, fil))


@gate(Action.FIL_OPEN)
def _ask_comment(request, article):
    return _render_form(request, FilForm(), piece=article.piece, article=article)


@gate(Action.FIL_OPEN)
def _comment(request, article):
    form = FilForm(request.POST)
    if not form.is_valid():
        return _refuse(request, form, piece=article.piece, article=article)
    fil = open_fil(by=request.user, article=article, **form.opening)
    return _answer(request, fil, "Votre commentaire est enregistré.")


fil_open = by_method(GET=_ask_comment, POST=_comment)
"""Comment an article, or some words of it."""


@gate(Action.FIL_OPEN_ON_PIECE)
def _ask_comment_on_piece(request, piece):
    return _render_form(request, FilForm(), piece=piece)


@gate(Action.FIL_OPEN_ON_PIECE)
def _comment_on_piece(request, piece):
    form = FilForm(request.POST)
    if not form.is_valid():
        return _refuse(request, form, piece=piece)
    fil = open_fil_of_piece(by=request.user, piece=piece, **form.opening_on_piece)
    return _answer(request, fil, "Votre commentaire est enregistré.")


fil_open_on_piece = by_method(GET=_ask_comment_on_piece, POST=_comment_on_piece)
"""Comment a pièce as a whole."""


@require_POST
@gate(Action.FIL_REPLY)
def fil_reply(request, fil):
    reply_to_fil(by=request.user, fil=fil, texte=_texte(request), commentaire_id=_sent(request))
    return _answer(request, fil, "Votre réponse est enregistrée.")


@require_POST
@gate(Action.FIL_RESOLVE)
def fil_resolve(request, fil):
    resolve_fil(by=request.user, fil=fil, texte=_texte(request))
    return _answer(request, fil, "Le commentaire est résolu. Vous pouvez le rouvrir.")


@require_POST
@gate(Action.FIL_REOPEN)
def fil_reopen(request, fil):
    reopen_fil(by=request.user, fil=fil, texte=_texte(request))
    return _answer(request, fil, "Le commentaire est rouvert.")


@require_POST
@gate(Action.FIL_UNQUOTE)
def fil_unquote(request, fil):
    remove_citation(by=request.user, fil=fil, motif=request.POST.get("motif", ""))
    return _answer(request, fil, "Le passage n’est plus cité. L’histoire le garde.")


@require_POST
@gate(Action.COMMENTAIRE_CORRECT)
def commentaire_correct(request, commentaire):
    correct_commentaire(by=request.user, commentaire=commentaire, texte=_texte(request))
    return _answer(request, commentaire.fil, "Votre commentaire est corrigé.")


@require_POST
@gate(Action.COMMENTAIRE_MASK)
def commentaire_mask(request, commentaire):
    motif = request.POST.get("motif", "")
    mask_commentaire(by=request.user, commentaire=commentaire, motif=motif)
    return _answer(request, commentaire.fil, "Le commentaire est masqué. L’histoire le garde.")


@require_POST
@gate(Action.COMMENTAIRE_UNMASK)
def commentaire_unmask(request, commentaire):
    unmask_commentaire(by=request.user, commentaire=commentaire)
    return _answer(request, commentaire.fil, "Le commentaire est de nouveau lisible.")


def _texte(request):
    return request.POST.get("texte", "")


def _sent(request):
    """The identifier that the page drew for what it sends, None when it drew none."""
    return _uuid(request.POST.get("id", ""))


def _uuid(text):
    try:
        return UUID(text)
    except ValueError:
        return None


def _read_choix(asked):
    """Read the filters of a list of threads; what they do not know counts for nothing."""
    statut, genre = asked.get("statut", StatutFil.OUVERT), asked.get("genre", "")
    return Choix(
        statut=StatutFil(statut) if statut in StatutFil else None,
        genre=GenreFil(genre) if genre in GenreFil else None,
        auteur=_uuid(asked.get("auteur", "")),
        article=_uuid(asked.get("article", "")),
        orphelins="orphelins" in asked,
    )


def _context(request, fil):
    return {
        "vue": read_fil(fil),
        "piece": fil.piece,
        "marche": fil.piece.marche,
        "droits": rights_of_discussion(request.user, fil.piece),
    }


def _render_form(request, form, *, piece, article=None, status=200):
    asked = {"form": form, "piece": piece, "marche": piece.marche, "article": article}
    return render(request, "wikimarche/fil_open.html", asked, status=status)


def _refuse(request, form, *, piece, article=None):
    if request.htmx:
        (first, *_), *_others = form.errors.values()
        raise AccessRefused(first, status=400)
    return _render_form(request, form, piece=piece, article=article, status=400)


def _answer(request, fil, said):
    """Give the thread as it stands to the page, or go to it when there is no script."""
    if request.htmx:
        fil.refresh_from_db(fields=["statut", "rang", "citation"])
        response = render(request, "wikimarche/_fil.html", _context(request, fil))
        heard = {
            "wm:message": {"texte": said, "genre": "succes"},
            "wm:fil": {"id": str(fil.pk), "rang": fil.rang},
        }
        # Headers are plain ASCII: json.dumps writes the accents as escapes.
        response["HX-Trigger"] = json.dumps(heard)
        return response
    messages.success(request, said)
    return redirect(reverse("wikimarche:fil_detail", args=[fil.pk]))
