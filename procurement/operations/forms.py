"""The period of an attestation, in hours of here."""

import datetime

from django import forms
from django.utils import timezone


HOURS = [(hour, f"{hour}\u00a0h") for hour in range(24)]


class PeriodForm(forms.Form):
    """Two days and two hours; the hours are those of the clock on the wall."""

    jour_depuis = forms.DateField(
        label="Du", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    heure_depuis = forms.TypedChoiceField(label="à", coerce=int, choices=HOURS)
    jour_jusqua = forms.DateField(
        label="Au", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    heure_jusqua = forms.TypedChoiceField(label="à", coerce=int, choices=HOURS)

    format = forms.ChoiceField(
        label="Fichier",
        required=False,
        choices=[
            ("pdf", "PDF, à lire et à remettre"),
            ("json", "JSON, à relire par un programme"),
        ],
    )

    @property
    def since(self) -> datetime.datetime:
        """When the period begins."""
        return self._instant("depuis")

    @property
    def until(self) -> datetime.datetime:
        """When it ends."""
        return self._instant("jusqua")

    def _instant(self, name: str) -> datetime.datetime:
        hour = datetime.time(self.cleaned_data[f"heure_{name}"])
        return timezone.make_aware(
            datetime.datetime.combine(self.cleaned_data[f"jour_{name}"], hour)
        )
