"""Writing in an article, and its place in the pièce."""

import json

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from procurement.access.services import AccessRefused, by_method, gate
from procurement.marches.forms import read_number
from procurement.ui.typographie import format_heure
from wikimarche.domain.schema import tell_misread, words_in
from wikimarche.enums import GenreVersion
from wikimarche.forms import MoveForm, NumberForm, SplitForm, read_commit
from wikimarche.permissions import Action, refuse_retired
from wikimarche.selectors import last_version, number_seen, read_article_history, read_piece
from wikimarche.services import (
    MAX_BEHIND,
    EditRefused,
    add_article,
    commit_after,
    commit_edit,
    commits_since,
    indent_article,
    merge_article,
    move_article,
    move_down,
    move_up,
    outdent_article,
    reinstate_article,
    restore_article,
    retire_article,
    set_numbering,
    split_article,
    unmerge_article,
    unsplit_article,
)


@gate(Action.ARTICLE_COMMIT)
def _commit(request, article):
    try:
        asked = read_commit(json.loads(request.body))
    except (ValueError, ValidationError, RecursionError, RequestDataTooBig):
        return JsonResponse({"erreur": "Enregistrement illisible.", "code": "invalide"}, status=400)
    try:
        send = commit_after if asked.get("before") else commit_edit
        answer = send(by=request.user, article=article, **asked)
    except EditRefused as refusal:
        if refusal.status == 403:
            raise
        return JsonResponse({"erreur": refusal.reason, "code": refusal.code}, status=refusal.status)
    return JsonResponse(
        {
            "numero": answer.numero,
            "version": answer.version,
            "instant": format_heure(answer.instant),
            "missing": [_say_commit(commit) for commit in answer.missing],
            "steps": answer.steps,
            "dropped": answer.dropped,
            "titre": answer.titre,
            "empreinte": answer.empreinte,
            "avertissement": tell_misread(words_in(asked["steps"])),
        }
    )


@gate(Action.ARTICLE_READ)
def _commits(request, article):
    base = read_number(request.GET.get("depuis", ""))
    near = base is not None and article.numero - MAX_BEHIND <= base <= article.numero
    commits = commits_since(article, base) if near else []
    if not near or any(commit.caviarde for commit in commits):
        return JsonResponse(
            {
                "numero": article.numero,
                "titre": article.titre,
                "corps": article.corps,
                "commits": [],
                "retrait": _say_retired(article),
            }
        )
    # A commit may arrive after the article was read: the number is that of the last one told.
    numero = commits[-1].numero if commits else article.numero
    return JsonResponse({"numero": numero, "commits": [_say_commit(commit) for commit in commits]})


def _say_retired(article):
    """Why an article left the text, and which one took its own; None while it is there."""
    if reason := refuse_retired(article):
        return {"raison": reason, "dans": article.fusionne_dans}
    return None


article_commits = by_method(GET=_commits, POST=_commit)
"""Read the commits of an article, or send one: two actions, one address."""


@require_safe
@gate(Action.ARTICLE_READ)
def article_detail(request, article):
    """Show the history of one article: who wrote what, and earlier texts to restore."""
    # Before the history: what is done from this page was done knowing no more than it.
    derniere = last_version(article.piece)
    return render(
        request,
        "wikimarche/article_detail.html",
        {
            "article": article,
            "histoire": read_article_history(article),
            "derniere": derniere,
        },
    )


@require_POST
@gate(Action.ARTICLE_ADD)
def article_add(request, piece):
    article = add_article(by=request.user, piece=piece, titre=request.POST.get("titre", ""))
    return _answer(request, piece, article.pk, "L’article est ajouté à la fin de la pièce.")


@require_POST
@gate(Action.ARTICLE_ADD_AFTER)
def article_add_after(request, article):
    new = add_article(by=request.user, piece=article.piece, after=article)
    return _answer(request, article.piece, new.pk, "L’article est ajouté.")


def _seen(request):
    """The version whose plan the person has before her, None when the request does not say."""
    return read_number(request.POST.get("version", ""))


@require_POST
@gate(Action.ARTICLE_STRUCTURE)
def article_move(request, article):
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise AccessRefused("Ce déplacement est illisible.", status=400)
    sens, seen = form.cleaned_data["sens"], _seen(request)
    if sens:
        move = move_up if sens == "haut" else move_down
        move(by=request.user, article=article, seen=seen)
    else:
        move_article(
            by=request.user,
            article=article,
            parent=form.cleaned_data["parent"],
            after=form.cleaned_data["apres"],
            seen=seen,
        )
    return _answer(request, article.piece, article.pk, "L’article est déplacé.")


@require_POST
@gate(Action.ARTICLE_STRUCTURE)
def article_indent(request, article):
    indent_article(by=request.user, article=article, seen=_seen(request))
    return _answer(request, article.piece, article.pk, "L’article descend d’un niveau.")


@require_POST
@gate(Action.ARTICLE_STRUCTURE)
def article_outdent(request, article):
    outdent_article(by=request.user, article=article, seen=_seen(request))
    return _answer(request, article.piece, article.pk, "L’article monte d’un niveau.")


@require_POST
@gate(Action.ARTICLE_STRUCTURE)
def article_number(request, article):
    """Give an article a number, or none; the same gesture undoes it."""
    form = NumberForm(request.POST)
    if not form.is_valid():
        raise AccessRefused("Dites si l’article est numéroté.", status=400)
    numerote = form.cleaned_data["numerote"] == "oui"
    set_numbering(by=request.user, article=article, numerote=numerote)
    said = "L’article est numéroté." if numerote else "L’article est sans numéro."
    return _answer(
        request, article.piece, article.pk, f"{said} Les numéros et les renvois suivent."
    )


@require_POST
@gate(Action.ARTICLE_STRUCTURE)
def article_split(request, article):
    form = SplitForm(request.POST)
    if not form.is_valid():
        said = "Cette coupure est illisible."
        if "titre" in form.errors:
            said = "Le titre du nouvel article ne convient pas\u202f: " + " ".join(
                form.errors["titre"]
            )
        raise AccessRefused(said, status=400)
    asked = form.cleaned_data
    new = split_article(by=request.user, article=article, **asked)
    return _answer(request, article.piece, new.pk, "L’article est scindé.")


@require_POST
@gate(Action.ARTICLE_STRUCTURE)
def article_merge(request, article):
    """Join an article to the one before it; ``scission`` undoes the cut it comes from, or nothing."""
    if request.POST.get("scission"):
        whole = unsplit_article(by=request.user, article=article)
        said = "La scission est défaite\u202f: l’article a de nouveau tout son texte."
        return _answer(request, article.piece, whole.pk, said)
    target = merge_article(by=request.user, article=article, seen=_seen(request))
    return _answer(request, article.piece, target.pk, "Les deux articles n’en font plus qu’un.")


@require_POST
@gate(Action.ARTICLE_RETIRE)
def article_retire(request, article):
    retire_article(by=request.user, article=article, motif=request.POST.get("motif", ""))
    return _answer(request, article.piece, None, "L’article est retiré. Il reste dans l’histoire.")


@require_POST
@gate(Action.ARTICLE_REINSTATE)
def article_reinstate(request, article):
    """Put a retired article back; ``fusion`` undoes the merge that took its text away, or nothing."""
    if request.POST.get("fusion"):
        unmerge_article(by=request.user, article=article)
        said = "La fusion est défaite\u202f: les deux articles sont comme avant."
    else:
        reinstate_article(by=request.user, article=article)
        said = "L’article est rétabli."
    return _answer(request, article.piece, article.pk, said)


@require_POST
@gate(Action.ARTICLE_RESTORE)
def article_restore(request, article):
    numero = read_number(request.POST.get("version", ""))
    if numero is None:
        raise AccessRefused("Dites quelle version restaurer.", status=400)
    vu = number_seen(article.piece, read_number(request.POST.get("vu", "")))
    made = restore_article(by=request.user, article=article, numero=numero, vu=vu)
    messages.success(
        request,
        f"L’article reprend son texte de la version {numero}. C’est la version {made}\u202f;"
        " rien n’est effacé.",
    )
    return redirect(f"{article.piece.get_absolute_url()}#a-{article.pk}")


def _answer(request, piece, article, said):
    """Give the changed plan to the page, or go back to it when there is no script."""
    if request.htmx:
        response = render(
            request, "wikimarche/_plan.html", {"piece": piece, "vue": read_piece(piece)}
        )
        if article:
            response["X-WM-Article"] = str(article)
        # Headers are plain ASCII: json.dumps writes the accents as escapes.
        response["HX-Trigger"] = json.dumps({"wm:message": {"texte": said, "genre": "succes"}})
        return response
    messages.success(request, said)
    return redirect(f"{piece.get_absolute_url()}{f'#a-{article}' if article else ''}")


def _say_commit(commit):
    said = {
        "numero": commit.numero,
        "id": str(commit.pk),
        "base": commit.base,
        "auteur": {"id": str(commit.auteur_id), "nom": str(commit.auteur)},
        "steps": commit.pas,
    }
    if commit.titre is not None:
        said["titre"] = commit.titre
    if commit.revision.version_de_piece.genre == GenreVersion.RESTAURATION:
        said["dit"] = (
            f"{commit.auteur} a restauré un texte d’avant\u202f: les autres restent dans l’historique."
        )
    return said
