"""Inviting, and giving another role."""

from django import forms

from procurement.marches.enums import ROLE_HELP, RoleParticipation
from procurement.ui.champs import TexteField


class InvitationForm(forms.Form):
    """Inviting takes an address and a role."""

    email = forms.EmailField(label="Adresse électronique")
    role = forms.ChoiceField(
        label="Rôle",
        choices=RoleParticipation,
        initial=RoleParticipation.COMMENTATEUR,
        widget=forms.RadioSelect,
    )
    mot = TexteField(
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

    @property
    def vu(self) -> RoleParticipation | None:
        """The role that the page showed, None when the request does not say."""
        said = self.data.get("vu", "")
        return RoleParticipation(said) if said in RoleParticipation else None
