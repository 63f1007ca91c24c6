"""Bringing a document in: send, watch it being read, correct the cutting, accept."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import retarget

from procurement.access.services import AccessRefused, Conflict, can, decide, gate
from procurement.documents.services import (
    DocumentRefused,
    accepts_unscanned,
    is_configured,
    may_open,
    serve_file,
)
from procurement.jobs.services import TooManyJobs
from procurement.marches.forms import read_number
from procurement.ui.typographie import format_pluriel, read_ligne
from wikimarche.domain.importing import tell_left
from wikimarche.enums import StatutImport
from wikimarche.forms import ImportForm
from wikimarche.permissions import Action
from wikimarche.selectors import (
    GENRES,
    count_articles,
    first_brought,
    importations_to_check,
    job_of,
    page_of,
    read_draft,
    read_kept,
    read_passages,
    read_remarks,
)
from wikimarche.services import (
    abandon_importation,
    accept_importation,
    correct_importation,
    receive_document,
    title_of,
    undo_correction,
)


@require_http_methods(["GET", "HEAD", "POST"])
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
            "a_verifier": importations_to_check(piece),
            "deja": count_articles(piece),
            "antivirus": is_configured(),
            "sans_analyse": accepts_unscanned(),
        },
        status=400 if form.errors else 200,
    )


@require_safe
@gate(Action.IMPORTATION_DOWNLOAD)
def importation_download(request, importation):
    if importation.fichier is None:
        raise Http404
    return serve_file(importation.fichier)


@require_safe
@gate(Action.IMPORTATION_READ)
def importation_detail(request, importation):
    garder = decide(request.user, Action.IMPORTATION_DOWNLOAD, importation)
    if not garder and importation.statut != StatutImport.ACCEPTE:
        # What is not in the pièce yet is read by those who may put it there.
        raise AccessRefused(garder.reason)
    articles = read_draft(importation)
    debut = read_number(request.GET.get("debut", "")) or 0
    further = request.GET.get("garde", "")
    if request.htmx and garder and further in GENRES:
        kept = read_kept(importation, articles, further, debut)
        return render(
            request,
            "wikimarche/_importation_remarques.html",
            {"importation": importation, "kept": kept},
        )
    # Once it is in the pièce, its text is read there: what was left out or redacted since is not here.
    waits = importation.statut == StatutImport.A_VERIFIER
    corriger = waits and can(request.user, Action.IMPORTATION_CORRECT, importation)
    asked = request.GET.get("article", "") if corriger else ""
    passages = read_passages(importation, articles, asked, debut) if asked else None
    context = {"importation": importation, "page": page_of(articles, request.GET.get("page"))}
    if passages and request.htmx:
        return render(
            request, "wikimarche/_importation_passages.html", {**context, "passages": passages}
        )
    template = (
        "wikimarche/_importation.html" if request.htmx else "wikimarche/importation_detail.html"
    )
    # The article asked about joined another one meanwhile, in another tab or by somebody else.
    gone = bool(asked and not passages)
    answer = render(
        request,
        template,
        {
            **context,
            "change": gone,
            "passages": passages,
            "piece": importation.piece,
            "marche": importation.piece.marche,
            "ouvert": bool(importation.fichier and may_open(importation.fichier.statut)),
            "antivirus": is_configured(),
            "job": job_of(importation),
            "deja": count_articles(importation.piece),
            "intitule": title_of(importation),
            "remarques": read_remarks(importation),
            "laisses": tell_left(importation.rapport, importation.decoupage),
            "garder": garder,
            "gardes": [
                read_kept(importation, articles, genre, debut if genre == further else 0)
                for genre in GENRES
                if garder
            ],
        },
    )
    return retarget(answer, "#importation") if gone and request.htmx else answer


def _read_seen(request) -> int:
    """Return the number of the draft before the person's eyes.

    The number beside the list is the latest; that of the form serves without a script.
    """
    numero = read_number(request.POST.get("numero") or request.POST.get("vu", ""))
    if numero is None:
        raise AccessRefused("Cette demande ne dit pas quel découpage vous avez lu.", status=400)
    return numero


@require_POST
@gate(Action.IMPORTATION_CORRECT)
def importation_correct(request, importation):
    numero = _read_seen(request)
    operation = {
        name: value.replace("\x00", "")
        for name, value in request.POST.items()
        if name not in {"csrfmiddlewaretoken", "numero", "vu", "page"}
    }
    if "titre" in operation:
        operation["titre"] = read_ligne(operation["titre"])
    before = read_draft(importation)
    importation = correct_importation(
        by=request.user, importation=importation, numero=numero, operation=operation
    )
    return _show_changes(request, importation, before, operation.get("article", ""))


@require_POST
@gate(Action.IMPORTATION_CORRECT)
def importation_undo(request, importation):
    before = read_draft(importation)
    importation = undo_correction(
        by=request.user, importation=importation, numero=_read_seen(request)
    )
    return _show_changes(request, importation, before, "")


@require_POST
@gate(Action.IMPORTATION_CORRECT)
def importation_accept(request, importation):
    numero, deja = _read_seen(request), count_articles(importation.piece)
    try:
        version = accept_importation(
            by=request.user,
            importation=importation,
            numero=numero,
            intitule=bool(request.POST.get("intitule"))
            and bool(can(request.user, Action.PIECE_UPDATE, importation.piece)),
        )
    except Conflict:
        importation.refresh_from_db(fields=["statut"])
        if importation.statut != StatutImport.ACCEPTE:
            raise
        messages.info(
            request, "Ce document est déjà dans la pièce\u202f: il n’y entre qu’une fois."
        )
    else:
        suite = (
            f", à la suite de ce qui y était ({format_pluriel(deja, 'article')})" if deja else ""
        )
        messages.success(
            request,
            f"Le document est dans la pièce{suite}. C’est la version {version}, et elle a un nom.",
        )
    first = first_brought(importation) if deja else None
    return redirect(importation.piece.get_absolute_url() + (f"#a-{first.pk}" if first else ""))


@require_POST
@gate(Action.IMPORTATION_CORRECT)
def importation_abandon(request, importation):
    abandon_importation(by=request.user, importation=importation)
    messages.success(request, "Le document est écarté\u202f; la pièce n’a pas changé.")
    return redirect(importation.piece)


_FOCUS = {"scinder": "titre", "fusionner": "ligne", "en_paragraphe": "ligne", "en_titre": "ligne"}
"""Where the keyboard goes after a correction, when its button is gone."""


_SAID = {
    "": "La dernière correction est annulée.",
    "renommer": "L’article s’intitule maintenant {article}.",
    "fusionner": "L’article est fusionné avec {article}.",
    "scinder": "Un nouvel article commence ici\u202f: donnez-lui son titre.",
    "en_titre": "Ce passage est devenu le titre d’un article.",
    "en_paragraphe": "Le titre est devenu un paragraphe {de_article}.",
    "numeroter": "{Article} prend son numéro\u202f: {numero}.",
    "sans_numero": "{Article} est sans numéro.",
    "promouvoir": "{Article} est au niveau {niveau}.",
    "retrograder": "{Article} est au niveau {niveau}.",
}
"""What a correction has just done, for who does not see the rows move."""


def _tell(gesture, articles, article) -> str:
    row = next((row for row in articles if row.id == article), None)
    titre = f"«\u202f{row.titre}\u202f»" if row and row.titre else ""
    if gesture == "renommer" and not titre:
        return "L’article n’a plus de titre."
    return _SAID.get(gesture, "").format(
        article=titre or "un article sans titre",
        de_article=f"de {titre}" if titre else "d’un article sans titre",
        Article=titre or "L’article sans titre",
        niveau=row.niveau if row else "",
        numero=row.numero if row else "",
    )


def _show_changes(request, importation, before, article):
    """Answer with the rows of this page that changed, that of the correction open."""
    wanted = request.POST.get("page", "")
    articles = read_draft(importation)
    ranks = {row.id: rank for rank, row in enumerate(articles)}
    gesture = request.POST.get("op", "")
    if gesture == "scinder":
        # What was cut off wants its title.
        known = {row.id for row in before}
        article = next((row.id for row in articles if row.id not in known), article)
    elif article and article not in ranks:
        # It joined the one before it.
        former = next(rank for rank, row in enumerate(before) if row.id == article)
        article = articles[max(0, former - 1)].id
    if not request.htmx:
        address = reverse("wikimarche:importation_detail", args=[importation.pk])
        query = urlencode({"page": wanted or "1", **({"article": article} if article else {})})
        return redirect(f"{address}?{query}" + (f"#l-{article}" if article else ""))
    seen, page = page_of(before, wanted), page_of(articles, wanted)
    old, kept = {row.id: row for row in seen}, {row.id for row in page}
    aim = _FOCUS.get(gesture, "")
    if aim == "titre" and article not in kept:
        # What was cut off begins the next page: on this one, the row it leaves is the nearest.
        article, aim = request.POST["article"], "ligne"
    rows, previous = [], ""
    for row in page:
        if old.get(row.id) != row or row.id == article:
            rows.append({"article": row, "after": previous, "new": row.id not in old})
        previous = row.id
    return render(
        request,
        "wikimarche/_importation_changes.html",
        {
            "importation": importation,
            "page": page,
            "rows": rows,
            "remarques": read_remarks(importation),
            "intitule": title_of(importation),
            "gone": [row.id for row in seen if row.id not in kept],
            "passages": read_passages(importation, articles, article) if article else None,
            "vise": aim,
            "dit": _tell(gesture, articles, article),
        },
    )
