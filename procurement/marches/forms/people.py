"""Inviting, and giving another role."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms

from procurement.marches.enums import GESTIONNAIRE_DE_TOUT, ROLE_HELP, RoleParticipation
from procurement.marches.registry import SANS_TITRE, Portee
from procurement.marches.services import Tenu
from procurement.organisations.enums import Fonction
from procurement.ui.champs import TexteField


PARTOUT = ("", "Sur tout le marché")


class _LimitedForm(forms.Form):
    """A role, on the whole marché or on one thing of it.

    portees: what the marché holds that a role may be limited to. held: what it is limited to already.
    """

    portee = forms.TypedChoiceField(
        label="Où ce rôle vaut",
        required=False,
        help_text="Limitée à une pièce, la personne lit la fiche du marché et cette pièce, où son rôle"
        " vaut\u202f; les autres pièces n’existent pas pour elle.",
        coerce=UUID,
        empty_value=None,
        choices=[PARTOUT],
        error_messages={"invalid_choice": "Cette pièce n’est pas, ou n’est plus, dans le marché."},
    )

    def __init__(
        self,
        *args: Any,
        portees: Iterable[Portee] = (),
        held: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["portee"]).choices = list_choices(portees, held)

    def clean(self) -> dict[str, Any]:
        """A gestionnaire manages the whole marché."""
        said = super().clean() or self.cleaned_data
        if said.get("role") == RoleParticipation.GESTIONNAIRE and said.get("portee"):
            self.add_error("portee", GESTIONNAIRE_DE_TOUT)
        return said


def list_choices(portees: Iterable[Portee], held: UUID | None = None) -> list[tuple[str, str]]:
    """The whole marché, then what a role may be limited to. held: what it is limited to already."""
    known = [portee for portee in portees if portee.offerte or portee.pk == held]
    if held and held not in {portee.pk for portee in known}:
        known.append(Portee(held, SANS_TITRE))
    return [
        PARTOUT,
        *(
            (str(one.pk), f"{one.words} seulement" if one.offerte else f"{one.words} (retirée)")
            for one in known
        ),
    ]


class InvitationForm(_LimitedForm):
    """Inviting takes an address and a role.

    from_outside: whoever invites is not of the organisation, and makes nobody an agent of it.
    """

    email = forms.EmailField(label="Adresse électronique")
    role = forms.ChoiceField(
        label="Rôle",
        choices=RoleParticipation,
        initial=RoleParticipation.COMMENTATEUR,
        widget=forms.RadioSelect,
    )
    exterieure = forms.BooleanField(
        label="C’est une personne extérieure",
        required=False,
        help_text="Un bureau d’études, un autre organisme\u202f: elle ne verra que les marchés où on"
        " l’invite. Sinon, elle devient agent de votre organisation et peut ouvrir ses propres marchés, sauf si"
        " elle est déjà ici une personne extérieure\u202f: elle le reste.",
    )
    mot = TexteField(
        label="Un mot pour cette personne",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, from_outside: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if from_outside:
            del self.fields["exterieure"]

    @property
    def fonction(self) -> Fonction:
        """The function offered beside the role."""
        return Fonction.INVITE if self.cleaned_data.get("exterieure", True) else Fonction.AGENT

    def roles(self):
        """Each role beside what it allows, the strongest last."""
        return [
            (choice, ROLE_HELP[RoleParticipation(choice.data["value"])]) for choice in self["role"]
        ]


class RoleForm(_LimitedForm):
    """Another role for a participant, or another place where it holds."""

    role = forms.ChoiceField(label="Rôle", choices=RoleParticipation)

    @property
    def vu(self) -> Tenu | None:
        """The role that the page showed, None when the request does not say."""
        said, portee = self.data.get("vu", ""), self.data.get("portee_vue", "")
        if said not in RoleParticipation:
            return None
        try:
            return Tenu(RoleParticipation(said), UUID(portee) if portee else None)
        except ValueError:
            return None
