"""Opening an exceptional access."""

from django import forms

from procurement.marches.enums import DureeAcces
from procurement.organisations.enums import TypeOrganisation
from procurement.organisations.models import Organisation
from procurement.ui.champs import LigneField


class AccesForm(forms.Form):
    """The marché by its reference, that somebody gives: none is offered to be chosen from."""

    organisation = forms.ModelChoiceField(
        label="Organisation",
        queryset=Organisation.objects.filter(type=TypeOrganisation.ACHETEUR),
        empty_label="Choisir l’organisation",
    )
    reference = LigneField(
        label="Référence du marché",
        max_length=30,
        help_text="Telle que vous l’a donnée la personne qui vous appelle. Une référence inconnue s’inscrit au journal.",
    )
    motif = LigneField(
        label="Motif",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Une vraie phrase\u202f: qui vous le demande, et pour quoi. Les gestionnaires, les juristes et l’histoire du marché la gardent.",
    )
    duree = forms.TypedChoiceField(
        label="Durée",
        choices=DureeAcces.choices,
        coerce=lambda value: DureeAcces(int(value)),
        initial=DureeAcces.DEMI_HEURE,
    )
