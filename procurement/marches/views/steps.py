"""Taking a marché to another step: what it changes, then the decision."""

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from procurement.access.services import gate
from procurement.marches.enums import StatutMarche
from procurement.marches.forms import AskForm, MoveForm
from procurement.marches.permissions import Action
from procurement.marches.selectors import next_step, read_passage, steps_back
from procurement.marches.services import move_marche
from procurement.marches.services.steps import OVERTAKEN


@require_http_methods(["GET", "HEAD", "POST"])
@gate(Action.MARCHE_MOVE)
def marche_move(request, marche):
    form, status = MoveForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            marche = move_marche(
                by=request.user,
                marche=marche,
                statut=StatutMarche(form.cleaned_data["vers"]),
                motif=form.cleaned_data["motif"],
                depuis=StatutMarche(form.cleaned_data["depuis"]),
            )
        except ValidationError as error:
            form.add_error(None, error)
            status = 409 if form.has_error(NON_FIELD_ERRORS, OVERTAKEN) else 200
            marche.refresh_from_db()
        else:
            messages.success(
                request, f"Le marché est à l’étape «\u202f{marche.get_statut_display()}\u202f»."
            )
            return redirect(marche)
    asked = AskForm(request.POST or request.GET)
    vers = asked.chosen(StatutMarche(marche.statut)) or next_step(marche)
    passage = read_passage(marche, vers) if vers else None
    form.fields["motif"].required = bool(passage and passage.motive)
    return render(
        request,
        "marches/marche_move.html",
        {"form": form, "marche": marche, "passage": passage, "arriere": steps_back(marche)},
        status=status,
    )
