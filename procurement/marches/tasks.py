"""Work of the marchés in the background."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from procurement.marches.models import Invitation
from procurement.marches.services.invitations import renew_jeton


def mail_invitation(job, progress):
    """Send the mail of an invitation, whose link is drawn now. Sent twice, the last link works."""
    invitation = Invitation.objects.select_related("marche__organisation", "invited_by").get(
        pk=job.params["invitation"]
    )
    if invitation.acceptee_le or invitation.revoquee_le:
        return {"envoye": False}
    progress(0, 1, "Envoi du courriel")
    jeton = renew_jeton(by=job.requested_by, invitation=invitation)
    context = {
        "invitation": invitation,
        "lien": settings.PUBLIC_URL + reverse("marches:invitation_open", args=[jeton]),
    }
    message = EmailMultiAlternatives(
        subject=" ".join(
            render_to_string("emails/marches/invitation_subject.txt", context).split()
        ),
        body=render_to_string("emails/marches/invitation.txt", context),
        to=[invitation.email],
    )
    message.attach_alternative(
        render_to_string("emails/marches/invitation.html", context), "text/html"
    )
    message.send()
    progress(1, 1, "Courriel parti")
    return {"envoye": True}
