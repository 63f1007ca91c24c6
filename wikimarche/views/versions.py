"""History of a pièce: sessions, one version, naming, restoring."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from procurement.access.services import Conflict, gate
from procurement.marches.forms import read_number
from procurement.marches.selectors import lost_of
from wikimarche.enums import FormatExport
from wikimarche.forms import NomForm
from wikimarche.permissions import Action
from wikimarche.selectors import (
    find_version,
    last_version,
    list_seances,
    list_versions,
    number_seen,
    piece_at,
    read_state,
    render_articles,
)
from wikimarche.services import name_version, restore_piece


@require_safe
@gate(Action.PIECE_READ)
def version_list(request, piece):
    return _list_page(request, piece, NomForm())


def _list_page(request, piece, form):
    if form.errors:
        # On a phone the field stands under the whole list: one is led back to it.
        form.fields["nom"].widget.attrs["autofocus"] = True
    seances = list_seances(piece, before=read_number(request.GET.get("avant", "")))
    template = "wikimarche/_seances.html" if request.htmx else "wikimarche/version_list.html"
    return render(
        request,
        template,
        {
            "piece": piece,
            "marche": piece.marche,
            "seances": seances,
            "suite": seances[-1].derniere if seances and seances[-1].derniere > 1 else None,
            "derniere": last_version(piece),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@require_safe
@gate(Action.PIECE_READ)
def seance_detail(request, piece, seance):
    versions = list_versions(piece, seance=seance)
    if not versions:
        raise Http404
    return render(request, "wikimarche/_seance_detail.html", {"piece": piece, "versions": versions})


@require_safe
@gate(Action.PIECE_READ)
def version_detail(request, piece, numero):
    version = find_version(piece, numero)
    if version is None:
        raise Http404
    shown = piece_at(piece, version)
    articles = render_articles(shown.marche, read_state(piece, version), comments=False)
    return render(
        request,
        "wikimarche/version_detail.html",
        {
            "piece": piece,
            "marche": piece.marche,
            "version": version,
            "derniere": last_version(piece),
            "d_alors": shown is not piece,
            "caviardees": bool(lost_of(shown.marche)),
            "articles": [article for article in articles if article.actif],
            "formats": FormatExport.choices,
        },
    )


@require_POST
@gate(Action.PIECE_NAME_VERSION)
def version_name(request, piece):
    form = NomForm(request.POST)
    if not form.is_valid():
        return _list_page(request, piece, form)
    nom = form.cleaned_data["nom"]
    try:
        numero = name_version(by=request.user, piece=piece, nom=nom)
    except Conflict as known:
        messages.info(request, known.reason)
    else:
        messages.success(request, f"La version {numero} s’appelle «\u202f{nom}\u202f».")
    return redirect("wikimarche:version_list", pk=piece.pk)


@require_POST
@gate(Action.PIECE_RESTORE)
def piece_restore(request, piece, numero):
    vu = number_seen(piece, read_number(request.POST.get("vu", "")))
    made = restore_piece(by=request.user, piece=piece, numero=numero, vu=vu)
    messages.success(
        request,
        f"La pièce reprend son texte de la version {numero}. C’est la version {made}\u202f;"
        " rien n’est effacé.",
    )
    return redirect(piece)
