"""Keeping a search of the list, and forgetting it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from procurement.access.services import gate
from procurement.marches.filters import MarcheFilter, asked_of
from procurement.marches.forms import SavedFilterForm
from procurement.marches.permissions import Action
from procurement.marches.selectors import marches_visible_to
from procurement.marches.services import delete_filter, save_filter


@require_POST
@gate(Action.FILTER_SAVE)
def filter_save(request):
    form = SavedFilterForm(request.POST)
    address = reverse("marches:marche_list")
    if not form.is_valid():
        messages.error(request, "Donnez un nom à cette recherche, en 60 caractères au plus.")
        return redirect(address)
    filtered = MarcheFilter(
        QueryDict(form.cleaned_data["requete"]),
        queryset=marches_visible_to(request.user),
        request=request,
    )
    try:
        saved = save_filter(by=request.user, nom=form.cleaned_data["nom"], asked=asked_of(filtered))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(address)
    messages.success(request, f"La recherche «\u202f{saved}\u202f» est gardée.")
    return redirect(f"{address}?{saved.requete}")


@require_POST
@gate(Action.FILTER_DELETE)
def filter_delete(request, saved):
    delete_filter(by=request.user, saved=saved)
    messages.success(request, f"La recherche «\u202f{saved}\u202f» est oubliée.")
    return redirect("marches:marche_list")
