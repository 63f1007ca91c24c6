"""Forms of a marché. They read what people type; services write."""

from datetime import UTC, datetime
from decimal import Decimal

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError

from procurement.marches.enums import (
    ROLE_HELP,
    NatureCritere,
    RoleParticipation,
    StatutMarche,
)
from procurement.marches.models import Marche
from procurement.organisations.models import Direction, Organisation


def read_number(text: str) -> int | None:
    """Read a number of line or of version in an address, None for anything the database cannot count.

    >>> read_number("12"), read_number("-1"), read_number("9" * 30), read_number("")
    (12, None, None, None)
    """
    return int(text) if text.isdecimal() and len(text) < 10 else None


class DateInput(forms.DateInput):
    """The browser's own date picker, which wants the ISO form."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class InstantInput(forms.DateTimeInput):
    """The browser's own date and time picker."""

    input_type = "datetime-local"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%dT%H:%M", **kwargs)


class AmountField(forms.DecimalField):
    """Amounts as people type them: « 12 500,00 € »."""

    def to_python(self, value):
        if isinstance(value, str):
            for sign in (" ", "\u00a0", "\u202f", "€", "HT"):
                value = value.replace(sign, "")
            value = value.replace(",", ".")
        return super().to_python(value)


class MarcheCreateForm(forms.Form):
    """Opening a marché asks for its object, and little else."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label="Organisation")
    objet = forms.CharField(
        label="Qu’achetez-vous ?",
        max_length=300,
        help_text="En une phrase, comme elle paraîtra en tête des pièces.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    direction = forms.ModelChoiceField(
        Direction.objects.none(), label="Direction en charge", required=False
    )

    def __init__(self, *args, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations
        self.fields["organisation"].initial = organisations.first()
        if organisations.count() == 1:
            self.fields["organisation"].widget = forms.HiddenInput()
        self.fields["direction"].queryset = Direction.objects.filter(organisation__in=organisations)
        self.fields["direction"].empty_label = "À désigner plus tard"

    def clean(self):
        cleaned = super().clean()
        direction, organisation = cleaned.get("direction"), cleaned.get("organisation")
        if direction and organisation and direction.organisation_id != organisation.pk:
            self.add_error("direction", "Cette direction est celle d’une autre organisation.")
        return cleaned


class FicheForm(forms.ModelForm):
    """The fiche: every datum a pièce may show.

    ``vue`` carries what the person saw. A datum she left as it was keeps what somebody else wrote
    meanwhile; one that both changed is shown with the other's words, and sent again to decide.
    """

    montant_estime = AmountField(
        label="Montant estimé HT",
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        localize=True,
        help_text="Sur toute la durée, reconductions comprises.",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )

    class Meta:
        model = Marche
        fields = (
            "objet",
            "reference",
            "direction",
            "nature",
            "procedure",
            "technique",
            "cpv",
            "montant_estime",
            "duree_mois",
            "reconductions",
            "lieu_execution",
            "publication_prevue",
            "date_limite_offres",
            "attribution_prevue",
            "debut_execution",
        )
        widgets = {
            "publication_prevue": DateInput(),
            "date_limite_offres": InstantInput(),
            "attribution_prevue": DateInput(),
            "debut_execution": DateInput(),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["direction"].queryset = Direction.objects.filter(
            organisation=self.instance.organisation_id
        )
        self.fields["direction"].empty_label = "À désigner"
        self.stored = {name: _plain(getattr(self.instance, name)) for name in self.fields}
        for name in ("nature", "procedure"):
            self.fields[name].choices = [
                ("", "À choisir"),
                *(choice for choice in self.fields[name].choices if choice[0]),
            ]

    @property
    def vue(self):
        """What the page shows now, signed so that it comes back as it left."""
        return signing.dumps(self.stored, salt=f"fiche:{self.instance.pk}")

    def clean(self):
        cleaned = super().clean()
        for name, value in self._seen().items():
            mine, theirs = cleaned.get(name), self.stored[name]
            if name not in cleaned or theirs in (value, _plain(mine)):
                continue
            if _plain(mine) == value:
                cleaned[name] = getattr(self.instance, name)
            else:
                self.add_error(
                    name,
                    f"Une autre personne vient d’écrire « {theirs or 'rien'} ». Enregistrez de"
                    " nouveau pour garder votre valeur.",
                )
        return cleaned

    def _seen(self):
        try:
            seen = signing.loads(self.data.get("vue", ""), salt=f"fiche:{self.instance.pk}")
        except signing.BadSignature:
            return {}
        return {name: value for name, value in seen.items() if name in self.stored}

    def groups(self):
        """The fields by what they speak of: title, then fields."""
        return [
            (title, [self[name] for name in names])
            for title, names in (
                ("L’achat", ("objet", "reference", "direction", "nature", "cpv", "lieu_execution")),
                (
                    "La procédure",
                    ("procedure", "technique", "montant_estime", "duree_mois", "reconductions"),
                ),
                (
                    "Le calendrier",
                    (
                        "publication_prevue",
                        "date_limite_offres",
                        "attribution_prevue",
                        "debut_execution",
                    ),
                ),
            )
        ]


def _plain(value):
    """Write a datum for comparison: 5, 5.0 and 5.00 are one amount."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "" if value is None else str(value)


class LotForm(forms.Form):
    """One lot."""

    intitule = forms.CharField(label="Intitulé", max_length=200)
    montant_estime = AmountField(
        label="Montant estimé HT",
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class CritereForm(forms.Form):
    """One award criterion."""

    intitule = forms.CharField(label="Intitulé", max_length=200)
    nature = forms.ChoiceField(label="Nature", choices=NatureCritere)
    poids = AmountField(
        label="Poids en %",
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class _Rows(forms.BaseFormSet):
    """Rows kept in order; a row emptied is a row removed."""

    def rows(self):
        return [
            {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]


class _Criteres(_Rows):
    def clean(self):
        if any(self.errors):
            return
        total = sum((row["poids"] for row in self.rows()), Decimal(0))
        if self.rows() and total != 100:
            raise ValidationError(f"Les poids font {total:g}\u202f%, il faut 100\u202f%.")


LotFormSet = forms.formset_factory(LotForm, formset=_Rows, extra=1, can_delete=True, max_num=200)
CritereFormSet = forms.formset_factory(
    CritereForm, formset=_Criteres, extra=1, can_delete=True, max_num=50
)


class InvitationForm(forms.Form):
    """Inviting takes an address and a role."""

    email = forms.EmailField(label="Adresse électronique")
    role = forms.ChoiceField(
        label="Rôle",
        choices=RoleParticipation,
        initial=RoleParticipation.COMMENTATEUR,
        widget=forms.RadioSelect,
    )
    mot = forms.CharField(
        label="Un mot pour cette personne",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def roles(self):
        """Each role beside what it allows, the strongest last."""
        return [
            (choice, ROLE_HELP[RoleParticipation(choice.data["value"])]) for choice in self["role"]
        ]


class RoleForm(forms.Form):
    """Another role for a participant."""

    role = forms.ChoiceField(label="Rôle", choices=RoleParticipation)


class StatutForm(forms.Form):
    """The step the marché has reached."""

    statut = forms.ChoiceField(label="Étape", choices=StatutMarche)
