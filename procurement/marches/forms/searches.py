"""Keeping a search of the list of marchés."""

from django import forms

from procurement.marches.models import SavedFilter
from procurement.ui.champs import LigneField


class SavedFilterForm(forms.Form):
    """A name for the search that the list shows now."""

    nom = LigneField(
        label="Nom de la recherche",
        max_length=SavedFilter._meta.get_field("nom").max_length,
    )
    requete = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
