"""Inviting, opening the link of an invitation, accepting it by POST."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procurement.access.services import AccessRefused, can, gate
from procurement.jobs.services import TooManyJobs
from procurement.marches.enums import (
    PORTEE_HELP,
    PORTEE_OFFER,
    ROLE_HELP,
    ROLE_OFFER,
    RoleParticipation,
)
from procurement.marches.forms import InvitationForm
from procurement.marches.permissions import Action
from procurement.marches.registry import portees_of, say_limit, say_portee
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


STAYS_OUTSIDE = " Cette personne est ici une personne extérieure\u202f: elle le reste."


@require_http_methods(["GET", "HEAD", "POST"])
@gate(Action.INVITATION_CREATE)
def invitation_create(request, marche):
    colleague = organisations_buying_for(request.user).filter(pk=marche.organisation_id).exists()
    form = InvitationForm(
        request.POST or None, portees=portees_of(marche).values(), from_outside=not colleague
    )
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invite_participant(
                by=request.user,
                marche=marche,
                email=form.cleaned_data["email"],
                role=RoleParticipation(form.cleaned_data["role"]),
                portee=form.cleaned_data["portee"],
                fonction=form.fonction,
                mot=form.cleaned_data["mot"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        except TooManyJobs as refusal:
            raise AccessRefused(refusal.reason, status=429) from refusal
        else:
            kept = "" if invitation.fonction == form.fonction else STAYS_OUTSIDE
            messages.success(request, f"L’invitation part à {invitation.email}.{kept}")
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
            **(_say_offer(invitation) if invitation else {}),
        },
        status=200 if invitation else 404,
    )


def _say_offer(invitation):
    """Say what the role proposes and allows, on the whole marché or on one pièce."""
    role = RoleParticipation(invitation.role)
    helps, offers = (PORTEE_HELP, PORTEE_OFFER) if invitation.portee else (ROLE_HELP, ROLE_OFFER)
    return {"aide": helps[role][:1].lower() + helps[role][1:], "offre": offers[role]}


@require_POST
@gate(Action.INVITATION_ACCEPT)
def invitation_accept(request, invitation):
    participation = accept_invitation(by=request.user, invitation=invitation)
    role = participation.get_role_display().lower()
    limit = say_limit(say_portee(invitation.marche, participation.portee))
    messages.success(
        request, f"Vous êtes {role} {limit}." if limit else f"Vous êtes {role} de ce marché."
    )
    return redirect(invitation.marche)


@require_POST
@gate(Action.INVITATION_REVOKE)
def invitation_revoke(request, invitation):
    revoke_invitation(by=request.user, invitation=invitation)
    messages.success(request, f"L’invitation de {invitation.email} est révoquée.")
    return redirect(invitation.marche)
