"""The page of a pièce and what it asks for while it is open."""

import json
from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procurement.access.enums import ROLE_WORDS, Role
from procurement.access.services import AccessRefused, Conflict, decide, gate
from procurement.documents.services import IMAGE_TOO_LARGE, LARGEST_IMAGE
from procurement.jobs.services import TooManyJobs
from procurement.marches.forms import read_number
from procurement.marches.selectors import standing_acces
from procurement.ui.teintes import tone_of
from procurement.ui.typographie import format_heure
from wikimarche.enums import FormatExport
from wikimarche.forms import ExportForm, PieceForm, PieceMoveForm, TitreForm
from wikimarche.models import Version
from wikimarche.permissions import Action, roles_on_piece
from wikimarche.selectors import (
    articles_changed_since,
    importations_to_check,
    last_version,
    list_retired,
    list_seances,
    people_here,
    place_pieces,
    read_fiche,
    read_piece,
    tally_fils,
)
from wikimarche.services import (
    ask_export,
    create_piece,
    move_piece,
    reinstate_piece,
    rename_piece,
    reopen_piece,
    show_presence,
    submit_piece,
    withdraw_piece,
)


@require_http_methods(["GET", "HEAD", "POST"])
@gate(Action.PIECE_CREATE)
def piece_create(request, marche):
    form = PieceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        piece = create_piece(by=request.user, marche=marche, **form.cleaned_data)
        messages.success(request, "La pièce est créée. Écrivez-la ici, ou importez un document.")
        return redirect(piece)
    return render(request, "wikimarche/piece_create.html", {"form": form, "marche": marche})


@require_safe
@gate(Action.PIECE_READ)
def piece_detail(request, piece):
    # Before the text that shows them: an open page is told what changed since.
    fiche, compte = read_fiche(piece.marche), tally_fils(piece)
    vue = read_piece(piece)
    return render(
        request,
        "wikimarche/piece_detail.html",
        {
            "piece": piece,
            "a_verifier": [] if vue.articles else importations_to_check(piece),
            "marche": piece.marche,
            "acces": standing_acces(piece.marche),
            "vue": vue,
            "seances": list_seances(piece, limit=20),
            "formats": FormatExport.choices,
            "droit_ecrire": decide(request.user, Action.ARTICLE_ADD, piece),
            "fiche": fiche,
            "compte": compte,
            "image_limite": LARGEST_IMAGE,
            "image_trop_grande": IMAGE_TOO_LARGE,
            **_saved(vue.version),
        },
    )


def _saved(version: Version | None) -> dict[str, object]:
    """When the text was last saved: an hour says enough today, and misleads any other day."""
    if version is None:
        return {}
    today = timezone.localdate(version.instant) == timezone.localdate()
    return {"instant": format_heure(version.instant)} if today else {"autre_jour": version.instant}


@require_safe
@gate(Action.PIECE_READ)
def piece_outline(request, piece):
    return render(request, "wikimarche/_plan.html", {"piece": piece, "vue": read_piece(piece)})


@require_safe
@gate(Action.PIECE_READ)
def piece_traces(request, piece):
    """What stands around the text and follows it: the latest sessions, the retired articles."""
    version = last_version(piece)
    return render(
        request,
        "wikimarche/_traces.html",
        {
            "piece": piece,
            "seances": list_seances(piece, limit=20),
            "retires": list_retired(piece),
            "version": version,
            "instant": format_heure(version.instant) if version else "",
        },
    )


@require_safe
@gate(Action.PIECE_READ)
def piece_changes(request, piece):
    """Tell an open page what changed since its version and in the fiche, and who is here."""
    version, article = request.GET.get("version", "0"), request.GET.get("article", "")
    show_presence(by=request.user, piece=piece, article=_uuid(article))
    news = articles_changed_since(piece, read_number(version) or 0)
    right = decide(request.user, Action.ARTICLE_ADD, piece)
    fiche = read_fiche(piece.marche)
    fils = tally_fils(piece)
    return JsonResponse(
        {
            "version": news.version,
            "instant": format_heure(news.instant) if news.instant else "",
            "articles": [
                {
                    "id": str(view.id),
                    "numero": view.numero,
                    "titre": view.titre,
                    "html": view.shown,
                    "auteur": news.authors.get(view.id, ""),
                }
                for view in news.articles
            ],
            "structure": news.structure,
            "fiche": None if request.GET.get("fiche") == fiche.empreinte else asdict(fiche),
            "fils": {"rang": fils.rang, "ouverts": fils.ouverts},
            "presence": [
                {
                    "id": str(person.user_id),
                    "nom": str(person.user),
                    "initiales": person.user.initiales,
                    "rang": tone_of(person.user_id),
                    "article": str(person.article_id) if person.article_id else None,
                }
                for person in people_here(piece)
            ],
            "droits": {"editer": bool(right), "raison": _say_lost(request.user, piece, right)},
        }
    )


def _say_lost(user, piece, right):
    """Tell a page where one wrote why one does not any more."""
    if right or right.status != 403:
        return right.reason
    role = max(roles_on_piece(user, piece), key=list(Role).index)
    return f"Votre rôle a changé\u202f: vous êtes maintenant {ROLE_WORDS[role].lower()}."


@require_POST
@gate(Action.PIECE_UPDATE)
def piece_rename(request, piece):
    form = TitreForm(request.POST)
    if form.is_valid():
        try:
            rename_piece(
                by=request.user,
                piece=piece,
                titre=form.cleaned_data["titre"],
                vu=request.POST.get("vu"),
            )
        except Conflict as overtaken:
            messages.error(request, overtaken.reason)
        else:
            messages.success(request, "Le titre est changé.")
    else:
        messages.error(request, "Un titre a entre 1 et 300 signes.")
    return redirect(piece)


@require_POST
@gate(Action.PIECE_MOVE)
def piece_move(request, piece):
    """Move a pièce one place among the others; the page of the marché takes the list back in place."""
    form = PieceMoveForm(request.POST)
    if not form.is_valid():
        raise AccessRefused("Ce déplacement est illisible.", status=400)
    up = form.cleaned_data["sens"] == "haut"
    voisine = form.cleaned_data["precedente" if up else "suivante"]
    try:
        other = move_piece(by=request.user, piece=piece, up=up, voisine=voisine)
    except Conflict as overtaken:
        said, genre = overtaken.reason, "erreur"
    else:
        sens, genre = "avant" if up else "après", "succes"
        said = f"«\u202f{piece}\u202f» est maintenant {sens} «\u202f{other}\u202f»."
    if not request.htmx:
        (messages.error if genre == "erreur" else messages.success)(request, said)
        return redirect(f"{piece.marche.get_absolute_url()}#p-{piece.pk}")
    contexte = {"rangement": place_pieces(request.user, piece.marche)}
    response = render(
        request, "wikimarche/_panel.html", {"marche": piece.marche, "contexte": contexte}
    )
    # Headers are plain ASCII: json.dumps writes the accents as escapes.
    response["HX-Trigger"] = json.dumps({"wm:message": {"texte": said, "genre": genre}})
    return response


@require_POST
@gate(Action.PIECE_SUBMIT)
def piece_submit(request, piece):
    submit_piece(by=request.user, piece=piece)
    messages.success(request, "La pièce est en relecture.")
    return redirect(piece)


@require_POST
@gate(Action.PIECE_REOPEN)
def piece_reopen(request, piece):
    reopen_piece(by=request.user, piece=piece)
    messages.success(request, "La pièce est de nouveau un brouillon.")
    return redirect(piece)


@require_POST
@gate(Action.PIECE_WITHDRAW)
def piece_withdraw(request, piece):
    withdraw_piece(by=request.user, piece=piece)
    messages.success(request, "La pièce est retirée du marché. Vous pouvez la rétablir.")
    return redirect(piece.marche)


@require_POST
@gate(Action.PIECE_WITHDRAW)
def piece_reinstate(request, piece):
    reinstate_piece(by=request.user, piece=piece)
    messages.success(request, "La pièce est de nouveau dans le marché, en brouillon.")
    return redirect(piece)


@require_POST
@gate(Action.PIECE_EXPORT)
def piece_export(request, piece):
    form = ExportForm(request.POST)
    if not form.is_valid():
        raise AccessRefused("Choisissez un format d’export.", status=400)
    try:
        job = ask_export(by=request.user, piece=piece, **form.cleaned_data)
    except TooManyJobs as refusal:
        raise AccessRefused(refusal.reason, status=429) from refusal
    return redirect(reverse("jobs:job_detail", args=[job.pk]))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
