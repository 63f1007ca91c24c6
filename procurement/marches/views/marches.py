"""List, page and fiche of a marché."""

import csv
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procurement.access.services import Conflict, can, gate
from procurement.marches.domain.variables import say_months
from procurement.marches.domain.weights import is_whole, say_shares
from procurement.marches.enums import RoleParticipation
from procurement.marches.filters import MarcheFilter, asked_of
from procurement.marches.forms import (
    FicheForm,
    MarcheCreateForm,
    RowsForm,
    SavedFilterForm,
    criteres_form,
    list_choices,
    lots_form,
)
from procurement.marches.permissions import Action
from procurement.marches.registry import all_panels, lacks_of, points_of, portees_of
from procurement.marches.selectors import (
    criteres_of,
    filters_of,
    find_participation,
    last_move,
    list_invitations,
    list_people,
    lots_of,
    marches_visible_to,
    next_step,
    organisations_buying_for,
    shares_of,
    standing_acces,
    steps_of,
)
from procurement.marches.services import (
    Overtaken,
    create_marche,
    set_criteres,
    set_lots,
    share_marche,
    update_marche,
)
from procurement.marches.workflow import WRITABLE
from procurement.ui.typographie import format_montant, format_pluriel


PAGE = 30
MERGES = 5
"""Times a page is merged again before giving up: each failure means that another writer won."""


@require_safe
@gate(Action.MARCHE_LIST)
def marche_list(request):
    filtered = MarcheFilter(request.GET, queryset=marches_visible_to(request.user), request=request)
    page = Paginator(filtered.qs, PAGE).get_page(request.GET.get("page"))
    kept, here = filters_of(request.user), urlencode(asked_of(filtered))
    known = not here or any(saved.requete == here for saved in kept)
    return render(
        request,
        "marches/marche_list.html",
        {
            "filtre": filtered,
            "page": page,
            "marches": page,
            "gardees": kept,
            "garder": None if known else SavedFilterForm(initial={"requete": here}),
            "ici": here,
        },
    )


@require_safe
@gate(Action.MARCHE_LIST)
def marche_list_export(request):
    filtered = MarcheFilter(request.GET, queryset=marches_visible_to(request.user), request=request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="marches.csv"'
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";")
    writer.writerow(
        [
            "Référence",
            "Objet",
            "Étape",
            "Nature",
            "Procédure",
            "CPV",
            "Montant estimé HT",
            "Direction",
        ]
    )
    for marche in filtered.qs[:5000]:
        writer.writerow(
            [
                _inert(cell)
                for cell in (
                    marche.reference,
                    marche.objet,
                    marche.get_statut_display(),
                    marche.get_nature_display(),
                    marche.get_procedure_display(),
                    marche.cpv,
                    "" if marche.montant_estime is None else str(marche.montant_estime),
                    marche.direction or "",
                )
            ]
        )
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@gate(Action.MARCHE_CREATE)
def marche_create(request):
    form = MarcheCreateForm(
        request.POST or None, organisations=organisations_buying_for(request.user)
    )
    if request.method == "POST" and form.is_valid():
        marche = create_marche(by=request.user, **form.cleaned_data)
        messages.success(request, "Le marché est ouvert. Ajoutez-y une première pièce.")
        return redirect(marche)
    return render(request, "marches/marche_create.html", {"form": form})


@require_safe
@gate(Action.MARCHE_READ)
def marche_detail(request, marche):
    lots, criteres, last = lots_of(marche), criteres_of(marche), last_move(marche)
    shares = shares_of(criteres, lots)
    follows = can(request.user, Action.MARCHE_FOLLOW, marche)
    panels = [
        {"panel": panel, "contexte": panel.context(request, marche)} for panel in all_panels()
    ]
    return render(
        request,
        "marches/marche_detail.html",
        {
            "marche": marche,
            "etapes": steps_of(marche, last),
            "passage": last,
            "suivante": next_step(marche),
            "panels": panels,
            "acces": standing_acces(marche),
            **(_follow(request.user, marche) if follows else _limit(request.user, marche)),
            "lots": lots,
            "resume": _summary(marche, lots),
            "criteres": criteres,
            "poids": say_shares(shares) if criteres and not is_whole(shares) else "",
        },
    )


def _follow(user, marche):
    """Read what stands beside the fiche: who works there, what is left to do."""
    manages = can(user, Action.INVITATION_CREATE, marche)
    portees = portees_of(marche).values() if manages else ()
    return {
        "personnes": [
            (person, list_choices(portees, person.participation.portee))
            for person in list_people(marche)
        ],
        "points": points_of(marche),
        "manques": lacks_of(marche) if marche.statut in WRITABLE else [],
        "roles": RoleParticipation.choices,
        "invitations": list_invitations(marche),
    }


def _limit(user, marche):
    """Read the role of a person who works on one thing of the marché, and sees nothing beside it."""
    return {"limite": find_participation(marche, user)}


@require_http_methods(["GET", "HEAD", "POST"])
@gate(Action.MARCHE_UPDATE)
def marche_update(request, marche):
    return _merging(_update_fiche, request, marche)


def _update_fiche(request, marche):
    form = FicheForm(request.POST or None, instance=marche)
    if request.method == "POST" and form.is_valid():
        try:
            update_marche(by=request.user, marche=marche, vus=form.vus, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(
                request, "La fiche est à jour, et avec elle ce que les pièces en reprennent."
            )
            return redirect(marche)
    return render(request, "marches/marche_update.html", {"form": form, "marche": marche})


def _merging(view, request, marche):
    """Play a view again, on fresh data, when somebody wrote between its reading and its lock."""
    for _ in range(MERGES):
        try:
            return view(request, marche)
        except Overtaken:
            marche.refresh_from_db()
    raise Conflict(
        "D’autres personnes enregistrent ici en même temps que vous. Rien n’a été perdu de ce qui"
        " est écrit\u202f: revenez en arrière, puis enregistrez de nouveau."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@gate(Action.MARCHE_UPDATE)
def lots_set(request, marche):
    return _merging(_set_lots, request, marche)


def _set_lots(request, marche):
    form = lots_form(marche=marche, stored=lots_of(marche), data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        before = {critere.pk: critere.intitule for critere in criteres_of(marche)}
        set_lots(by=request.user, marche=marche, lots=form.rows(), vus=form.vus)
        kept = {critere.pk for critere in criteres_of(marche)}
        gone = [f"«\u202f{before[pk]}\u202f»" for pk in before if pk not in kept]
        if gone:
            messages.warning(
                request,
                "Les lots sont à jour. Retirés avec leur lot, des critères d’attribution\u202f:"
                f" {', '.join(gone)}. Vérifiez les poids de ceux qui restent.",
            )
        else:
            messages.success(request, "Les lots sont à jour.")
        return redirect(marche)
    return _show_rows(request, marche, form)


@require_http_methods(["GET", "HEAD", "POST"])
@gate(Action.MARCHE_UPDATE)
def criteres_set(request, marche):
    return _merging(_set_criteres, request, marche)


def _set_criteres(request, marche):
    lots = lots_of(marche)
    form = criteres_form(
        lots=lots, marche=marche, stored=criteres_of(marche), data=request.POST or None
    )
    if request.method == "POST" and form.is_valid():
        set_criteres(by=request.user, marche=marche, criteres=form.rows(), vus=form.vus)
        shares = shares_of(criteres_of(marche), lots)
        if form.rows() and not is_whole(shares):
            messages.warning(request, f"Les critères sont gardés. {say_shares(shares)}")
        else:
            messages.success(request, "Les critères sont à jour.")
        return redirect(marche)
    return _show_rows(request, marche, form)


def _show_rows(request, marche, form: RowsForm):
    return render(
        request,
        "marches/rows.html",
        {"form": form, "formset": form.formset, "marche": marche},
        status=409 if form.mon_ordre else 200,
    )


@require_POST
@gate(Action.MARCHE_SHARE)
def marche_share(request, marche):
    partage = request.POST.get("partage") == "oui"
    share_marche(by=request.user, marche=marche, partage=partage)
    if partage:
        messages.success(request, "Les juristes de l’organisation peuvent lire ce marché.")
    else:
        messages.success(request, "Le marché n’est plus ouvert aux juristes de l’organisation.")
    return redirect(marche)


def _summary(marche, lots):
    """Say the purchase in one line: « Services · 2 lots · 1 240 000,00 € HT sur 48 mois ».

    The amount is that of the whole duration: renewals are said with it, and never read as one term.
    """
    amount = "" if marche.montant_estime is None else format_montant(marche.montant_estime)
    duration = say_months(marche.duree_mois) if marche.duree_mois else ""
    if marche.reconductions:
        amount += ", reconductions comprises" if amount else ""
        duration += f", {marche.reconduction}" if duration else ""
    elif amount and duration:
        amount, duration = f"{amount} sur {duration}", ""
    said = [
        marche.organisation.nom,
        marche.get_nature_display() if marche.nature else "",
        format_pluriel(len(lots), "lot", "lots") if lots else "",
        amount,
        duration,
        marche.get_procedure_display().lower() if marche.procedure else "",
    ]
    return " · ".join(word for word in said if word)


def _inert(cell: object) -> str:
    """Keep a spreadsheet from running a cell: text that starts a formula is quoted."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
