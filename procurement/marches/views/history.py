"""The whole story of a marché, for the person who must be able to prove it."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from procurement.access.services import gate
from procurement.audit.selectors import database_now
from procurement.marches.forms import read_number
from procurement.marches.permissions import Action
from procurement.marches.selectors import read_history
from procurement.marches.selectors.alerts import tell_breaks
from procurement.marches.services import ask_pack, verify_marche
from procurement.ui.typographie import format_instant


@require_safe
@gate(Action.HISTORY_READ)
def history_read(request, marche):
    history = read_history(
        marche,
        before=read_number(request.GET.get("avant", "")),
        famille=request.GET.get("famille", "").replace("\x00", ""),
        acteur=request.GET.get("acteur", "").replace("\x00", ""),
    )
    template = "marches/_history.html" if request.htmx else "marches/history_read.html"
    return render(request, template, {"marche": marche, "histoire": history})


@require_POST
@gate(Action.HISTORY_EXPORT)
def history_export(request, marche):
    return redirect("jobs:job_detail", ask_pack(by=request.user, marche=marche).pk)


@require_POST
@gate(Action.HISTORY_VERIFY)
def history_verify(request, marche):
    # Before the lines are read: what is written later was not verified.
    le = database_now()
    report = verify_marche(by=request.user, marche=marche)
    template = "marches/_integrity.html" if request.htmx else "marches/history_read.html"
    return render(
        request,
        template,
        {
            "marche": marche,
            "rapport": report,
            "ruptures": tell_breaks(report.breaks),
            "le": format_instant(le),
            "histoire": read_history(marche),
        },
    )
