"""Exceptional accesses: the page of who runs the platform, and closing one."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from procurement.access.services import by_method, gate
from procurement.marches.forms import AccesForm
from procurement.marches.permissions import Action
from procurement.marches.selectors import list_acces
from procurement.marches.services import close_acces, open_acces
from procurement.ui.typographie import format_instant


def _page(request, form):
    return render(
        request,
        "marches/acces_list.html",
        {"form": form, "acces": list_acces(request.user)},
        status=422 if form.is_bound else 200,
    )


@gate(Action.ACCES_LIST)
def _read(request):
    return _page(request, AccesForm())


@gate(Action.ACCES_OPEN)
@reauthentication_required
def _open(request):
    form = AccesForm(request.POST)
    if form.is_valid():
        try:
            acces = open_acces(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                f"Vous lisez ce marché jusqu’au {format_instant(acces.expire_le)}. Ses gestionnaires et les"
                " juristes en sont avertis.",
            )
            return redirect(acces.marche)
    return _page(request, form)


acces_list = by_method(GET=_read, POST=_open)


@require_POST
@gate(Action.ACCES_CLOSE)
def acces_close(request, acces):
    close_acces(by=request.user, acces=acces)
    messages.success(request, f"L’accès exceptionnel de {acces.user} est fermé.")
    # Its holder reads the marché no more.
    if acces.user_id == request.user.pk:
        return redirect("marches:acces_list")
    return redirect(acces.marche)
