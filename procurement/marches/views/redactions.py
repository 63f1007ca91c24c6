"""Emptying a passage of the history: search, ask, then another person confirms."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render

from procurement.access.services import AccessRefused, by_method, gate
from procurement.audit.services import find_passage
from procurement.marches.forms import RedactionForm, read_number
from procurement.marches.permissions import Action
from procurement.marches.selectors import list_redactions, place_now
from procurement.marches.services import (
    ask_redaction,
    confirm_redaction,
    drop_redaction,
    refuse_redaction,
)
from procurement.ui.typographie import format_pluriel


def _page(request, marche, form, *, held=None):
    asked = list_redactions(marche)
    return render(
        request,
        "marches/history_redact.html",
        {
            "marche": marche,
            "form": form,
            "tenu": None if held is None else [(one, place_now(one)) for one in held],
            "refus": refuse_redaction(held or ()),
            "demandes": [one for one in asked if one.attend],
        },
        status=422 if form.errors else 200,
    )


@gate(Action.HISTORY_REDACT)
def _read(request, marche):
    return _page(request, marche, RedactionForm())


def _empties(request):
    return request.POST.get("etape") == "confirmer"


# What empties for ever asks who is there. The search does not: its passage would wait in the session.
@gate(Action.HISTORY_REDACT)
@reauthentication_required(enabled=_empties)
def _write(request, marche):
    step = request.POST.get("etape", "")
    if step in _SETTLE:
        demande = read_number(request.POST.get("demande", ""))
        if demande is None:
            raise AccessRefused("Cette demande n’existe pas.", status=404)
        verb, said = _SETTLE[step]
        verb(by=request.user, marche=marche, demande=demande)
        messages.success(request, said)
        return redirect("marches:history_redact", marche.pk)
    form = RedactionForm(request.POST)
    form.fields["motif"].required = step == "demander"
    if not form.is_valid():
        # Without a motive, what was found stays before her eyes, and the field to fill with it.
        passage = form.cleaned_data.get("passage")
        held = find_passage(chain=marche.pk, passage=passage) if passage else None
        return _page(request, marche, form, held=held)
    passage = form.cleaned_data["passage"]
    if step != "demander":
        return _page(request, marche, form, held=find_passage(chain=marche.pk, passage=passage))
    try:
        lines = ask_redaction(
            by=request.user, marche=marche, passage=passage, motif=form.cleaned_data["motif"]
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, marche, form, held=find_passage(chain=marche.pk, passage=passage))
    messages.success(
        request,
        f"Le caviardage de {format_pluriel(len(lines), 'ligne')} attend qu’une autre personne le confirme.",
    )
    return redirect("marches:history_redact", marche.pk)


_SETTLE = {
    "confirmer": (
        confirm_redaction,
        "Le passage est caviardé. L’histoire dit qui l’a décidé, et pourquoi.",
    ),
    "abandonner": (drop_redaction, "La demande est abandonnée\u202f: rien n’a été caviardé."),
}

history_redact = by_method(GET=_read, POST=_write)
