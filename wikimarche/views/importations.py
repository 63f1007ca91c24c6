"""Bringing a document in: send, watch it being read, correct the cutting, accept."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from procurement.access.services import AccessRefused, gate
from procurement.documents.services import (
    DocumentRefused,
    accepts_unscanned,
    is_configured,
    may_open,
)
from procurement.jobs.services import TooManyJobs
from procurement.marches.forms import read_number
from wikimarche.forms import ImportForm
from wikimarche.permissions import Action
from wikimarche.selectors import job_of, read_draft
from wikimarche.services import (
    abandon_importation,
    accept_importation,
    correct_importation,
    receive_document,
    undo_correction,
)


@require_http_methods(["GET", "POST"])
@gate(Action.PIECE_IMPORT)
def piece_import(request, piece):
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        uploaded = form.cleaned_data["fichier"]
        try:
            importation, _ = receive_document(
                by=request.user, piece=piece, content=uploaded, nom=uploaded.name
            )
        except (DocumentRefused, TooManyJobs) as refusal:
            form.add_error("fichier", getattr(refusal, "reason", "") or str(refusal))
        else:
            return redirect("wikimarche:importation_detail", pk=importation.pk)
    return render(
        request,
        "wikimarche/piece_import.html",
        {
            "form": form,
            "piece": piece,
            "marche": piece.marche,
            "antivirus": is_configured(),
            "sans_analyse": accepts_unscanned(),
        },
        status=400 if form.errors else 200,
    )


@require_GET
@gate(Action.IMPORTATION_CORRECT)
def importation_detail(request, importation):
    return _show(request, importation)


@require_POST
@gate(Action.IMPORTATION_CORRECT)
def importation_correct(request, importation):
    numero = read_number(request.POST.get("numero", ""))
    operation = {
        name: value.replace("\x00", "")
        for name, value in request.POST.items()
        if name not in {"csrfmiddlewaretoken", "numero"}
    }
    if numero is None:
        raise AccessRefused("Cette correction est illisible.", status=400)
    importation = correct_importation(
        by=request.user, importation=importation, numero=numero, operation=operation
    )
    return _show(request, importation)


@require_POST
@gate(Action.IMPORTATION_CORRECT)
def importation_undo(request, importation):
    return _show(request, undo_correction(by=request.user, importation=importation))


@require_POST
@gate(Action.IMPORTATION_CORRECT)
def importation_accept(request, importation):
    version = accept_importation(by=request.user, importation=importation)
    messages.success(
        request, f"Le document est dans la pièce. C’est la version {version}, et elle a un nom."
    )
    return redirect(importation.piece)


@require_POST
@gate(Action.IMPORTATION_CORRECT)
def importation_abandon(request, importation):
    abandon_importation(by=request.user, importation=importation)
    messages.success(request, "Le document est écarté ; la pièce n’a pas changé.")
    return redirect(importation.piece)


def _show(request, importation):
    if request.method == "POST" and not request.htmx:
        return redirect("wikimarche:importation_detail", pk=importation.pk)
    template = (
        "wikimarche/_importation.html" if request.htmx else "wikimarche/importation_detail.html"
    )
    return render(
        request,
        template,
        {
            "importation": importation,
            "piece": importation.piece,
            "marche": importation.piece.marche,
            "ouvert": may_open(importation.fichier.statut),
            "antivirus": is_configured(),
            "job": job_of(importation),
            "articles": read_draft(importation),
            "laisses": [
                (kind.replace("_", " ").capitalize(), found)
                for kind, found in importation.rapport.get("non_reconnu", {}).items()
            ],
        },
    )
