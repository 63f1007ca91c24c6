"""Asking for a passage to be emptied."""

from django import forms

from procurement.ui.champs import LigneField


class RedactionForm(forms.Form):
    """The passage is searched for and forgotten; the motive stays in the history."""

    passage = LigneField(
        label="Passage à retirer de l’histoire",
        max_length=500,
        help_text="Tel qu’il fut écrit. Il n’est gardé nulle part\u202f: seules les lignes qui le tiennent le sont.",
    )
    motif = LigneField(
        label="Motif",
        max_length=300,
        required=False,
        help_text="Il reste lisible dans l’histoire\u202f: n’y écrivez pas le passage.",
    )
