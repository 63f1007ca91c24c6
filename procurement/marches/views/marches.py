"""List, page and fiche of a marché."""

import csv

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from procurement.access.services import gate
from procurement.marches.enums import RoleParticipation
from procurement.marches.filters import MarcheFilter
from procurement.marches.forms import CritereFormSet, FicheForm, LotFormSet, MarcheCreateForm
from procurement.marches.permissions import Action
from procurement.marches.registry import all_panels, points_of
from procurement.marches.selectors import (
    criteres_of,
    list_invitations,
    list_people,
    lots_of,
    marches_visible_to,
    organisations_buying_for,
    steps_of,
)
from procurement.marches.services import (
    create_marche,
    set_criteres,
    set_lots,
    share_marche,
    update_marche,
)
from procurement.ui.typographie import format_montant, format_pluriel


PAGE = 30


@require_GET
@gate(Action.MARCHE_LIST)
def marche_list(request):
    filtered = MarcheFilter(request.GET, queryset=marches_visible_to(request.user), request=request)
    page = Paginator(filtered.qs, PAGE).get_page(request.GET.get("page"))
    return render(
        request, "marches/marche_list.html", {"filtre": filtered, "page": page, "marches": page}
    )


@require_GET
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


@require_http_methods(["GET", "POST"])
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


@require_GET
@gate(Action.MARCHE_READ)
def marche_detail(request, marche):
    lots = lots_of(marche)
    panels = [
        {"panel": panel, "contexte": panel.context(request, marche)} for panel in all_panels()
    ]
    return render(
        request,
        "marches/marche_detail.html",
        {
            "marche": marche,
            "etapes": steps_of(marche),
            "panels": panels,
            "personnes": list_people(marche),
            "points": points_of(marche),
            "roles": RoleParticipation.choices,
            "invitations": list_invitations(marche),
            "lots": lots,
            "resume": _summary(marche, lots),
            "criteres": criteres_of(marche),
        },
    )


@require_http_methods(["GET", "POST"])
@gate(Action.MARCHE_UPDATE)
def marche_update(request, marche):
    form = FicheForm(request.POST or None, instance=marche)
    if request.method == "POST" and form.is_valid():
        try:
            update_marche(by=request.user, marche=marche, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(
                request, "La fiche est à jour. Les pièces qui en reprennent les données aussi."
            )
            return redirect(marche)
    return render(request, "marches/marche_update.html", {"form": form, "marche": marche})


@require_http_methods(["GET", "POST"])
@gate(Action.MARCHE_UPDATE)
def lots_set(request, marche):
    initial = [
        {"intitule": lot.intitule, "montant_estime": lot.montant_estime} for lot in lots_of(marche)
    ]
    formset = LotFormSet(request.POST or None, initial=initial)
    if request.method == "POST" and formset.is_valid():
        set_lots(by=request.user, marche=marche, lots=formset.rows())
        messages.success(request, "Les lots sont à jour.")
        return redirect(marche)
    return render(
        request,
        "marches/rows.html",
        {"formset": formset, "marche": marche, "titre": "Les lots", "ligne": "un lot"},
    )


@require_http_methods(["GET", "POST"])
@gate(Action.MARCHE_UPDATE)
def criteres_set(request, marche):
    initial = [
        {"intitule": critere.intitule, "nature": critere.nature, "poids": critere.poids}
        for critere in criteres_of(marche)
    ]
    formset = CritereFormSet(request.POST or None, initial=initial)
    if request.method == "POST" and formset.is_valid():
        try:
            set_criteres(by=request.user, marche=marche, criteres=formset.rows())
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, "Les critères sont à jour.")
            return redirect(marche)
    return render(
        request,
        "marches/rows.html",
        {"formset": formset, "marche": marche, "titre": "Les critères", "ligne": "un critère"},
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
    """Say the purchase in one line: « Services · 2 lots · 1 240 000,00 € HT sur 48 mois »."""
    amount = "" if marche.montant_estime is None else format_montant(marche.montant_estime)
    if amount and marche.duree_mois:
        amount += f" sur {marche.duree_mois}\u00a0mois"
    said = [
        marche.organisation.nom,
        marche.get_nature_display() if marche.nature else "",
        format_pluriel(len(lots), "lot", "lots") if lots else "",
        amount,
        marche.get_procedure_display().lower() if marche.procedure else "",
    ]
    return " · ".join(word for word in said if word)


def _inert(cell: object) -> str:
    """Keep a spreadsheet from running a cell: text that starts a formula is quoted."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
