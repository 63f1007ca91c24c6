"""Forms of the pièces, and the reading of what the editor sends."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms import RadioSelect

from procurement.documents.services import ACCEPTED, LARGEST, TOO_LARGE
from procurement.ui.champs import PhraseField, TexteField
from wikimarche.domain.anchors import Bord, Passage
from wikimarche.enums import FormatExport, GenreFil, TypePiece
from wikimarche.models import Version


class PieceForm(forms.Form):
    """A new pièce: its type, and a title when the usual one does not suit."""

    type = forms.ChoiceField(label="Type de pièce", choices=TypePiece)
    titre = PhraseField(
        label="Titre",
        max_length=300,
        required=False,
        help_text="Laissez vide pour prendre le nom du type.",
    )


class TitreForm(forms.Form):
    """Another title for a pièce."""

    titre = PhraseField(label="Titre", max_length=300)


class PieceMoveForm(forms.Form):
    """One place up or down among the pièces, and the two that the person saw around it."""

    sens = forms.ChoiceField(choices=[("haut", "Monter"), ("bas", "Descendre")])
    precedente = forms.UUIDField(required=False)
    suivante = forms.UUIDField(required=False)


class ImportForm(forms.Form):
    """The document to read. limite, trop_grand: what the page refuses by itself, and in which words."""

    limite = LARGEST
    trop_grand = TOO_LARGE
    fichier = forms.FileField(
        label="Document",
        allow_empty_file=True,
        help_text="Word (.docx), LibreOffice (.odt) ou Markdown (.md), 25\u00a0Mo au plus.",
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
    )


class ExportForm(forms.Form):
    """The format wanted, and the version: the last one when it is not said."""

    format = forms.ChoiceField(label="Format", choices=FormatExport)
    version = forms.IntegerField(required=False, min_value=1)


class NomForm(forms.Form):
    """The name of a version."""

    nom = PhraseField(
        label="Nom de la version",
        max_length=Version._meta.get_field("nom").max_length,
        error_messages={
            "required": "Donnez un nom à cette version.",
            "max_length": "Un nom de version a %(limit_value)d signes au plus\u202f; celui-ci en a\u00a0%(show_value)d.",
        },
        help_text="Par exemple «\u202fEnvoi aux directions\u202f».",
    )


UNREADABLE = "Le passage à commenter est illisible. Choisissez-le de nouveau."


class FilForm(forms.Form):
    """A comment: what it asks for, its words, and the words of the text that it is about."""

    genre = forms.ChoiceField(
        label="Ce que vous demandez",
        choices=GenreFil,
        initial=GenreFil.QUESTION,
        widget=RadioSelect,
    )
    texte = TexteField(
        label="Votre commentaire", max_length=5000, widget=forms.Textarea({"rows": 5})
    )
    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    base = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    passage = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)
    dit = forms.CharField(required=False, max_length=100_000, widget=forms.HiddenInput)

    def clean_passage(self) -> Passage | None:
        """Read the two ends of the passage: [bloc, ligne, place] each."""
        said = self.cleaned_data["passage"]
        if not said:
            return None
        try:
            debut, fin = (Bord(*bord) for bord in json.loads(said))
        except (TypeError, ValueError, RecursionError) as error:
            raise ValidationError(UNREADABLE) from error
        for bord in (debut, fin):
            if [type(value) for value in bord] != [str, int, int]:
                raise ValidationError(UNREADABLE)
        return Passage(debut, fin)

    @property
    def opening_on_piece(self) -> dict[str, Any]:
        """What opens a thread about a whole pièce."""
        asked = self.cleaned_data
        genre = GenreFil(asked["genre"])
        return {"genre": genre, "texte": asked["texte"], "fil_id": asked["id"]}

    @property
    def opening(self) -> dict[str, Any]:
        """What opens a thread about an article."""
        asked = self.cleaned_data
        return {
            **self.opening_on_piece,
            "passage": asked["passage"],
            "base": asked["base"],
            "dit": asked["dit"] or None,
        }


class MoveForm(forms.Form):
    """Where an article goes: one step up or down, or to a place in the tree."""

    sens = forms.ChoiceField(choices=[("haut", "Monter"), ("bas", "Descendre")], required=False)
    parent = forms.UUIDField(required=False)
    apres = forms.UUIDField(required=False)


class NumberForm(forms.Form):
    """Whether an article is printed with a number."""

    numerote = forms.ChoiceField(choices=[("oui", "Numéroté"), ("non", "Sans numéro")])


class SplitForm(forms.Form):
    """Where an article is cut."""

    position = forms.IntegerField(min_value=0)
    numero = forms.IntegerField(min_value=0, required=False)
    titre = PhraseField(max_length=300, required=False)


def read_commit(data: Any) -> dict[str, Any]:
    """Read a commit of the editor: exact types and no other key.

    Returns commit_id, precedent, base, steps, titre; and before, the commit it follows, when the
    browser does not know yet what became of that one. Raises ValidationError in French.
    """
    keys = {"id", "prev", "base", "steps", "titre"}
    if not isinstance(data, dict) or not data.keys() <= keys | {"before"}:
        raise ValidationError("Enregistrement illisible.")
    before = data.get("before")
    if before is not None and (not isinstance(before, dict) or before.get("before")):
        raise ValidationError("Enregistrement illisible.")
    steps, base, titre = data.get("steps"), data.get("base"), data.get("titre")
    if not isinstance(steps, list) or type(base) is not int or not isinstance(titre, str | None):
        raise ValidationError("Enregistrement illisible.")
    try:
        # Half a surrogate pair is no text: Postgres and every reader would choke on it.
        (titre or "").encode()
        commit_id = UUID(str(data.get("id")))
        precedent = UUID(str(data["prev"])) if data.get("prev") else None
    except ValueError as error:
        raise ValidationError("Enregistrement illisible.") from error
    follows = {"before": read_commit(before)} if before else {}
    # One commit would be kept, and both said to be.
    if follows and follows["before"]["commit_id"] == commit_id:
        raise ValidationError("Enregistrement illisible.")
    return {
        **follows,
        "commit_id": commit_id,
        "precedent": precedent,
        "base": base,
        "steps": steps,
        "titre": titre,
    }
