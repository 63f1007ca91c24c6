"""Inviting, and giving another role."""

from typing import Any

from django import forms

from procurement.marches.enums import ROLE_HELP, RoleParticipation
from procurement.organisations.enums import Fonction
from procurement.ui.champs import TexteField


class InvitationForm(forms.Form):
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
        " l’invite. Sinon, elle devient agent de votre organisation et peut ouvrir ses propres marchés.",
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


class RoleForm(forms.Form):
    """Another role for a participant."""

    role = forms.ChoiceField(label="Rôle", choices=RoleParticipation)

    @property
    def vu(self) -> RoleParticipation | None:
        """The role that the page showed, None when the request does not say."""
        said = self.data.get("vu", "")
        return RoleParticipation(said) if said in RoleParticipation else None
