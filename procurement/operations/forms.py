"""The period of an attestation, in hours of here."""

import datetime

from django import forms
from django.utils import timezone


class PeriodForm(forms.Form):
    """Two days and two hours; the hours are those of the clock on the wall."""

    jour_depuis = forms.DateField(
        label="Du", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    heure_depuis = forms.TypedChoiceField(label="à", coerce=int)
    jour_jusqua = forms.DateField(
        label="Au", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    heure_jusqua = forms.TypedChoiceField(label="à", coerce=int)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in ("heure_depuis", "heure_jusqua"):
            self.fields[name].choices = [(hour, f"{hour}\u00a0h") for hour in range(24)]

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
