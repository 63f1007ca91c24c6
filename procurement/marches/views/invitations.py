"""Inviting, opening the link of an invitation, accepting it by POST."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procurement.access.services import AccessRefused, can, gate
from procurement.jobs.services import TooManyJobs
from procurement.marches.enums import ROLE_HELP, ROLE_OFFER, RoleParticipation
from procurement.marches.forms import InvitationForm
from procurement.marches.permissions import Action
from procurement.marches.selectors import (
    find_invitation,
    find_joined,
    organisations_buying_for,
)
from procurement.marches.services import (
    accept_invitation,
    invite_participant,
    revoke_invitation,
)


@require_http_methods(["GET", "HEAD", "POST"])
@gate(Action.INVITATION_CREATE)
def invitation_create(request, marche):
    colleague = organisations_buying_for(request.user).filter(pk=marche.organisation_id).exists()
    form = InvitationForm(request.POST or None, from_outside=not colleague)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invite_participant(
                by=request.user,
                marche=marche,
                email=form.cleaned_data["email"],
                role=RoleParticipation(form.cleaned_data["role"]),
                fonction=form.fonction,
                mot=form.cleaned_data["mot"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        except TooManyJobs as refusal:
            raise AccessRefused(refusal.reason, status=429) from refusal
        else:
            messages.success(request, f"L’invitation part à {invitation.email}.")
            return redirect(marche)
    return render(request, "marches/invitation_create.html", {"form": form, "marche": marche})


@require_safe
def invitation_open(request, jeton):
    """Show the invitation of a link. Reading it consumes nothing: prefetching is harmless."""
    invitation = find_invitation(jeton)
    if not invitation and request.user.is_authenticated:
        marche = find_joined(jeton, request.user)
        if marche and can(request.user, Action.MARCHE_READ, marche):
            # A mail is a bookmark: whoever came in by it comes back by it.
            return redirect(marche)
    return render(
        request,
        "marches/invitation_open.html",
        {
            "invitation": invitation,
            "aide": _lower(ROLE_HELP[RoleParticipation(invitation.role)]) if invitation else "",
            "offre": ROLE_OFFER[RoleParticipation(invitation.role)] if invitation else "",
        },
        status=200 if invitation else 404,
    )


def _lower(sentence):
    return sentence[:1].lower() + sentence[1:]


@require_POST
@gate(Action.INVITATION_ACCEPT)
def invitation_accept(request, invitation):
    participation = accept_invitation(by=request.user, invitation=invitation)
    messages.success(request, f"Vous êtes {participation.get_role_display().lower()} de ce marché.")
    return redirect(invitation.marche)


@require_POST
@gate(Action.INVITATION_REVOKE)
def invitation_revoke(request, invitation):
    revoke_invitation(by=request.user, invitation=invitation)
    messages.success(request, f"L’invitation de {invitation.email} est révoquée.")
    return redirect(invitation.marche)
