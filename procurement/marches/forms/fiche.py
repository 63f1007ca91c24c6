"""Opening a marché, and its fiche."""

from django import forms
from django.core import signing
from django.db.models import Model

from procurement.marches.forms.fields import AmountField, CountField, DateInput, InstantInput, plain
from procurement.marches.models import FICHE, PHRASES, Marche
from procurement.organisations.models import Direction, Organisation
from procurement.ui.champs import LigneField, PhraseField


class MarcheCreateForm(forms.Form):
    """Opening a marché asks for its object, and little else."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label="Organisation")
    objet = PhraseField(
        label="Qu’achetez-vous\u202f?",
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
        max_digits=14,
        decimal_places=2,
        localize=True,
        help_text="Sur toute la durée, reconductions comprises.",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )

    class Meta:
        model = Marche
        fields = FICHE
        field_classes = {
            **dict.fromkeys(PHRASES, PhraseField),
            **dict.fromkeys(("reference", "cpv"), LigneField),
            **dict.fromkeys(("duree_mois", "reconductions"), CountField),
        }
        help_texts = {"cpv": "Huit chiffres. La clé, après un tiret, n’est pas vérifiée."}
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
        self.vus = {name: getattr(self.instance, name) for name in self.fields}
        self._unread: dict[str, str] = {}
        self.stored = {name: plain(getattr(self.instance, name)) for name in self.fields}
        for name in ("nature", "procedure"):
            self.fields[name].choices = [
                ("", "À choisir"),
                *(choice for choice in self.fields[name].choices if choice[0]),
            ]

    @property
    def vue(self):
        """What the page shows now, signed so that it comes back as it left."""
        return signing.dumps({**self.stored, **self._unread}, salt=f"fiche:{self.instance.pk}")

    def clean(self):
        cleaned = super().clean()
        for name, value in self._seen().items():
            mine, theirs = cleaned.get(name), self.stored[name]
            if name not in cleaned:
                self._unread[name] = value
            elif theirs in (value, plain(mine)):
                continue
            elif plain(mine) == value:
                cleaned[name] = self.vus[name]
                self._show(name)
            else:
                self.add_error(
                    name,
                    f"Une autre personne vient d’écrire «\u202f{theirs or 'rien'}\u202f». Enregistrez de"
                    " nouveau pour garder votre valeur.",
                )
        return cleaned

    def _show(self, name):
        """Put what is stored in the box: shown again, the page must not bring back an old value."""
        field = self.fields[name]
        value = field.prepare_value(self.vus[name])
        if not isinstance(field.widget, forms.Select):
            value = field.widget.format_value(value)
        elif isinstance(value, Model):
            value = value.pk
        self.data = self.data.copy()
        self.data[self.add_prefix(name)] = "" if value is None else str(value)

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
