"""Taking a marché to another step."""

from django import forms

from procurement.marches.enums import StatutMarche
from procurement.marches.services.steps import MOTIF
from procurement.marches.workflow import may_move
from procurement.ui.champs import LigneField


class MoveForm(forms.Form):
    """Where to, from where the person saw it, and why. ``ici`` is where the marché stands now."""

    vers = forms.ChoiceField(choices=StatutMarche, widget=forms.HiddenInput)
    depuis = forms.ChoiceField(choices=StatutMarche, widget=forms.HiddenInput)
    motif = LigneField(
        label="Motif",
        max_length=MOTIF,
        required=False,
        help_text="L’histoire du marché le garde, avec votre nom.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AskForm(forms.Form):
    """The step one asks to see before deciding; the ordinary next one when nothing is asked."""

    vers = forms.ChoiceField(choices=StatutMarche, required=False)

    def chosen(self, ici):
        """The step asked for, or None when no arrow leads there from ``ici``."""
        vers = self.cleaned_data.get("vers") if self.is_valid() else ""
        if not vers or not may_move(ici, StatutMarche(vers)):
            return None
        return StatutMarche(vers)
