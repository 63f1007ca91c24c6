"""Lots and criteria: rows kept in order, and merged with what somebody else wrote meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import formats

from procurement.marches.domain.rows import MergedRow, Values, both_moved, merge_rows, put_back
from procurement.marches.domain.weights import is_over, say_shares, share_out
from procurement.marches.enums import NatureCritere
from procurement.marches.forms.fields import AmountField, plain
from procurement.ui.champs import PhraseField


class LotForm(forms.Form):
    """One lot."""

    intitule = PhraseField(label="Intitulé", max_length=200)
    montant_estime = AmountField(
        label="Montant estimé HT",
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class PorteeField(forms.ChoiceField):
    """The key of a lot, or "" for every lot: an answer like another, not a blank."""

    default_error_messages = {
        "invalid_choice": "Ce lot n’est plus dans le marché\u202f: choisissez-en un autre."
    }

    def clean(self, value: Any) -> Any:
        """Without lots, there is nothing to choose: what was chosen before they were withdrawn is gone."""
        return super().clean(value) if len(list(cast("Iterable[Any]", self.choices))) > 1 else ""

    def validate(self, value: Any) -> None:
        """Refuse what is not offered."""
        if value:
            super().validate(value)


class CritereForm(forms.Form):
    """One award criterion."""

    intitule = PhraseField(label="Intitulé", max_length=200)
    portee = PorteeField(
        label="Pour quel lot", choices=[("", "Tous les lots")], widget=forms.HiddenInput
    )
    nature = forms.ChoiceField(label="Nature", choices=[("", "À choisir"), *NatureCritere.choices])
    poids = AmountField(
        label="Poids en %",
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """What tells lots from criteria. singulier: the words of the button that adds one.

    lots: key and name of those that criteria may weigh; None where nothing is weighed.
    """

    titre: str
    singulier: str
    aide: str
    champs: tuple[str, ...]
    formset: type[forms.BaseFormSet]
    lots: tuple[tuple[str, str], ...] | None = None


LOTS = Kind(
    "Les lots",
    "un lot",
    "Dans l’ordre où les pièces les reprennent.",
    ("intitule", "montant_estime"),
    forms.formset_factory(LotForm, extra=1, can_delete=True, max_num=200),
)
CRITERES = Kind(
    "Les critères",
    "un critère",
    "Dans l’ordre où les pièces les reprennent. Tant que le marché se prépare, les poids peuvent"
    " faire moins de 100\u00a0%.",
    ("intitule", "portee", "nature", "poids"),
    forms.formset_factory(CritereForm, extra=1, can_delete=True, max_num=50),
    lots=(),
)
OFFERED = 3
"""Rows that a page shows at least, so that one may fill several before sending."""
SAID = {
    "arrivee": "Une autre personne vient d’ajouter cette ligne.",
    "reprise": "Une autre personne vient de changer cette ligne.",
    "retiree": (
        "Une autre personne vient de retirer cette ligne. Enregistrez de nouveau pour la garder,"
        " ou cochez «\u202fRetirer\u202f»."
    ),
    "changee": (
        "Une autre personne vient de changer cette ligne que vous retirez. Enregistrez de nouveau"
        " pour la retirer quand même, ou décochez «\u202fRetirer\u202f»."
    ),
}


class RowsForm:
    """The rows of a marché as one form: typed, then merged with what is stored now.

    The page carries, signed, the rows it showed. A row or a field that only one person changed is
    taken from her; where both did, both values are shown and the second person decides.
    The order stands apart, in « ordre »: ranks of the rows as the page shows them. « geste », a
    button, changes the page and saves nothing: « ajouter », « monter-2 », « descendre-0 »,
    « ranger-2-0-1 ».
    stored: rows of the database, in order.
    """

    def __init__(self, kind: Kind, *, marche: Any, stored: Sequence[Any], data: Any = None) -> None:
        self.kind = kind
        self.vus: Mapping[str, Values] = {
            str(row.pk): {name: getattr(row, name) for name in kind.champs} for row in stored
        }
        self._salt = f"{kind.titre}:{marche.pk}"
        self._base = self._read_base(data) if data is not None else self.vus
        self.formset = kind.formset(data, initial=[_short(row) for row in self._base.values()])
        self.formset.extra = max(1, OFFERED - len(self._base))
        self.bound = data is not None
        self._order = self._read_order(data.get("ordre", "") if data is not None else "")
        self.geste = data.get("geste", "") if data is not None else ""
        """What a button asks of the page instead of saving, "" for saving."""
        self.conflit = False
        """Something another person wrote is shown beside what was typed; nothing is saved yet."""
        self.mon_ordre = ""
        """Where two people reordered: my order, as ranks; the page shows that of the other."""
        self._carried = ""
        self._merged: list[MergedRow] = []

    @property
    def vue(self) -> str:
        """The rows the page shows now, signed so that they come back as they left."""
        if self._carried:
            return self._carried
        rows = [[key, *map(plain, values.values())] for key, values in self.vus.items()]
        return signing.dumps(rows, salt=self._salt)

    def is_valid(self) -> bool:
        """Read and merge; False also for a conflict, which the page then shows with both values."""
        if not self.bound:
            return False
        if self.geste:
            self._rearrange()
            return False
        if not self.formset.is_valid():
            # Not merged: the rows typed still answer to the page they were typed on.
            self._carried = self.formset.data.get("vue", "")
            return False
        mine = self._mine()
        self._merged = merge_rows(self._base, self.vus, mine)
        reordered = both_moved(self._base, self.vus, mine)
        conflict = reordered or any(row.conflict for row in self._merged)
        faults = [] if conflict else self._check_total()
        if conflict or faults:
            self._show_again(faults)
            if reordered:
                self._show_their_order()
            return False
        return True

    @property
    def ordre(self) -> str:
        """Ranks of the rows in the order shown, as the page sends them back."""
        return ",".join(map(str, self._order))

    @property
    def rangs(self) -> list[tuple[int, forms.Form]]:
        """The rows in the order shown, each after its rank in the form."""
        return [(rank, self.formset.forms[rank]) for rank in self._order]

    @property
    def noms_ranges(self) -> str:
        """Names of the rows in my order, for whoever must choose between two."""
        forms = [self.formset.forms[int(rank)] for rank in self.mon_ordre.split("-") if rank]
        return ", ".join(name for form in forms if (name := form["intitule"].value()))

    @property
    def complet(self) -> bool:
        """No row can be added."""
        return len(self._order) >= self.formset.max_num

    @property
    def total(self) -> str:
        """What the weights of the page make, in words; "" when nothing is weighed."""
        if self.kind.lots is None:
            return ""
        return say_shares(share_out(_weights(self.formset.forms), self.kind.lots))

    def rows(self) -> list[dict[str, Any]]:
        """The rows to write, each with its « id », "" for a new one."""
        return [{**row.values, "id": row.cle} for row in self._merged]

    def _read_base(self, data: Any) -> Mapping[str, Values]:
        """The rows the page showed; those stored when the page does not say, or says it badly."""
        form = self.kind.formset().empty_form
        try:
            rows = signing.loads(data.get("vue", ""), salt=self._salt)
            return {
                key: {
                    name: form.fields[name].to_python(text)
                    for name, text in zip(self.kind.champs, texts, strict=True)
                }
                for key, *texts in rows
            }
        except (signing.BadSignature, ValidationError, ValueError):
            return self.vus

    def _mine(self) -> list[tuple[str, Values | None]]:
        keys = list(self._base)
        mine: list[tuple[str, Values | None]] = []
        for rank in self._order:
            form = self.formset.forms[rank]
            key = keys[rank] if rank < len(keys) else ""
            values: Values = {name: form.cleaned_data.get(name) for name in self.kind.champs}
            if key and not form.has_changed():
                values = self._base[key]
            elif form.cleaned_data.get("DELETE"):
                mine.append((key, None))
                continue
            if key or form.has_changed():
                mine.append((key, values))
        return mine

    def _check_total(self) -> list[str]:
        if self.kind.lots is None or not self._merged:
            return []
        weights = [(row.values["portee"], row.values["poids"]) for row in self._merged]
        shares = share_out(weights, self.kind.lots)
        return [say_shares(shares)] if is_over(shares) else []

    def _read_order(self, text: str) -> list[int]:
        """Ranks as sent; one that is missing comes last, one that makes no sense counts for nothing."""
        count = len(self.formset.forms)
        sent = [int(word) for word in text.split(",") if word.isascii() and word.isdecimal()]
        return list(dict.fromkeys([*(rank for rank in sent if rank < count), *range(count)]))

    def _rearrange(self) -> None:
        """Add a row or move one: what is typed stays as it is, unjudged."""
        data, prefix = dict(self.formset.data.items()), self.formset.prefix
        verb, _, rank = self.geste.partition("-")
        if verb == "ajouter" and len(self._order) < self.formset.max_num:
            self._order.append(len(self._order))
            data[f"{prefix}-TOTAL_FORMS"] = str(len(self._order))
        elif verb == "ranger":
            self._order = self._read_order(rank.replace("-", ","))
        elif rank.isascii() and rank.isdecimal() and int(rank) in self._order:
            place = self._order.index(int(rank))
            other = place + (1 if verb == "descendre" else -1)
            if 0 <= other < len(self._order):
                order = self._order
                order[place], order[other] = order[other], order[place]
        self._carried = data.get("vue", "")
        self.formset = self.kind.formset(data, initial=list(self._base.values()))
        self.formset.is_valid()
        for form in self.formset.forms:
            form.errors.clear()

    def _show_again(self, faults: list[str]) -> None:
        """Make the page of a conflict: my values in the boxes, theirs beside, the new rows last."""
        known = [row for row in self._merged if row.cle]
        gone = [key for key in self.vus if key not in {row.cle for row in known}]
        known += [MergedRow(key, self.vus[key], sort="otee") for key in gone]
        known.sort(key=lambda row: list(self.vus).index(row.cle))
        rows = known + [row for row in self._merged if not row.cle]
        removed = [row for row in known if row.sort == "otee"]
        shown = [id(row) for row in put_back(self._merged, removed, list(self.vus))]
        self._order = [*sorted(range(len(rows)), key=lambda rank: shown.index(id(rows[rank])))]
        self._order.append(len(rows))
        prefix = self.formset.prefix
        data = {
            f"{prefix}-TOTAL_FORMS": str(len(rows) + 1),
            f"{prefix}-INITIAL_FORMS": str(len(known)),
        }
        for rank, row in enumerate(rows):
            for name, value in row.values.items():
                data[f"{prefix}-{rank}-{name}"] = _typed(value)
            if row.sort in ("changee", "otee"):
                data[f"{prefix}-{rank}-DELETE"] = "on"
        self.formset = self.kind.formset(data, initial=list(self.vus.values()))
        self.formset.is_valid()
        self.conflit = any(row.conflict or row.sort in SAID for row in rows)
        for form, row in zip(self.formset.forms, rows, strict=False):
            for name, theirs in row.ecarts.items():
                form.add_error(
                    name,
                    f"Une autre personne vient d’écrire «\u202f{_said(form, name, theirs)}\u202f»."
                    " Enregistrez de nouveau pour garder votre valeur.",
                )
            form.remarque = SAID.get(row.sort, "")
            form.gardee = bool(form.remarque) and not row.cle
        self.formset.non_form_errors().extend(faults)

    def _show_their_order(self) -> None:
        """Show the rows in the order stored now; mine stays at hand."""
        mine, self._order = self._order, list(range(len(self._order)))
        self.mon_ordre = "-".join(map(str, mine))


def _short(values: Values) -> dict[str, Any]:
    """Values as the boxes show them: 40 rather than 40,00."""
    return {
        name: value.to_integral_value()
        if isinstance(value, Decimal) and value == value.to_integral_value()
        else value
        for name, value in values.items()
    }


def _weights(rows: Sequence[forms.Form]) -> list[tuple[str, Decimal]]:
    """Weights as they stand in the boxes, each with the key of its lot; what is no number, or is taken away, weighs nothing."""
    weights = []
    for row in rows:
        try:
            weight = row.fields["poids"].to_python(row["poids"].value())
        except ValidationError:
            continue
        if weight is not None and weight.is_finite() and not row["DELETE"].value():
            weights.append((row["portee"].value() or "", weight))
    return weights


def _typed(value: Any) -> str:
    """Write a value as a person types it: 12,5."""
    return "" if value is None else str(formats.localize_input(value))


def _said(form: forms.Form, name: str, value: Any) -> str:
    choices = dict(getattr(form.fields[name], "choices", ()))
    return str(choices.get(value, _typed(value))) or "rien"


def lots_form(**given: Any) -> RowsForm:
    """Make the form of the lots of a marché."""
    return RowsForm(LOTS, **given)


def criteres_form(*, lots: Sequence[Any], **given: Any) -> RowsForm:
    """Make the form of the award criteria of a marché. lots: its lots in order, which one may choose among."""
    if not lots:
        return RowsForm(CRITERES, **given)
    field = PorteeField(
        label="Pour quel lot",
        choices=[("", "Tous les lots"), *((str(lot.pk), str(lot)) for lot in lots)],
    )
    form = type("CritereForm", (CritereForm,), {"portee": field})
    formset: type[forms.BaseFormSet] = forms.formset_factory(
        form, extra=1, can_delete=True, max_num=50
    )
    names = tuple((str(lot.pk), f"Lot {lot.numero}") for lot in lots)
    return RowsForm(replace(CRITERES, formset=formset, lots=names), **given)
