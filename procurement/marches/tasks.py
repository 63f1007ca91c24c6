"""Work of the marchés in the background."""

from tempfile import TemporaryFile

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify

from procurement.accounts.models import User
from procurement.audit.services import read_verdict, write_pack
from procurement.documents.services import store_file
from procurement.jobs.registry import JobPage
from procurement.marches.models import AccesExceptionnel, Invitation, Marche
from procurement.marches.permissions import roles_on_marche
from procurement.marches.selectors import marches_visible_to
from procurement.marches.selectors.alerts import alert_for
from procurement.marches.services import end_acces
from procurement.marches.services.invitations import renew_jeton
from procurement.ui.typographie import format_pluriel


@shared_task(name="marches.end_acces")
def end() -> None:
    """Write in the journal the accesses that have come to their end. Beat calls it every minute."""
    end_acces()


def mail_acces(job, progress):
    """Tell one person that an exceptional access was opened, or has ended: whose, why, until when.

    The opening is told even when it has ended since. The marché is named by its reference alone: a juriste with
    whom it is not shared learns nothing more of it.
    """
    acces = AccesExceptionnel.objects.select_related(
        "marche__organisation", "user", "ferme_par"
    ).get(pk=job.params["acces"])
    user = User.objects.active().filter(pk=job.params["user"]).first()
    if user is None:
        return {"envoye": False}
    progress(0, 1, "Envoi du courriel")
    reads = bool(roles_on_marche(user, acces.marche))
    href = acces.marche.get_absolute_url() if reads else reverse("marches:home")
    context = {"acces": acces, "lit": reads, "lien": settings.PUBLIC_URL + href}
    what, template = ("Accès exceptionnel", "emails/marches/acces")
    if job.params["fini"]:
        what, template = ("Fin de l’accès exceptionnel", "emails/marches/acces_fini")
    message = EmailMultiAlternatives(
        subject=" ".join(f"{what} au marché {acces.marche.reference}".split()),
        body=render_to_string(f"{template}.txt", context),
        to=[user.email],
    )
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    message.send()
    progress(1, 1, "Courriel parti")
    return {"envoye": True}


def mail_alert(job, progress):
    """Write to one person what an alert on the evidence says to her, or that it is over.

    An alert that has ended since is not told: the mail of its end follows.
    """
    user = User.objects.active().filter(pk=job.params["user"]).first()
    shown = alert_for(user, read_verdict().alert) if user else None
    if user is None or job.params["rompue"] is not (shown is not None):
        return {"envoye": False}
    progress(0, 1, "Envoi du courriel")
    context = {
        "alerte": shown,
        "lien": settings.PUBLIC_URL
        + reverse("operations:plateforme_read" if user.is_administrateur else "marches:home"),
        "racine": settings.PUBLIC_URL,
    }
    subject = (
        "L’histoire ne concorde plus avec sa preuve" if shown else "L’histoire concorde de nouveau"
    )
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("emails/marches/alerte.txt", context),
        to=[user.email],
    )
    message.attach_alternative(render_to_string("emails/marches/alerte.html", context), "text/html")
    message.send()
    progress(1, 1, "Courriel parti")
    return {"envoye": True}


def write_evidence_pack(job, progress):
    """Write the evidence pack of a marché and keep it for the person who asked."""
    marche = Marche.objects.get(pk=job.objet)
    progress(0, 1, "Lecture du journal")
    with TemporaryFile() as stream:
        pack = write_pack(stream, chain=marche.pk, titre=f"Marché\u202f: {marche.objet}")
        taille = stream.tell()
        stream.seek(0)
        nom = f"preuve-{slugify(marche.reference or marche.objet)[:60]}.zip"
        fichier = store_file(
            by=job.requested_by,
            content=stream,
            nom=nom,
            type_mime="application/zip",
            chain=marche.pk,
        )
    progress(1, 1, format_pluriel(pack.entries, "ligne"))
    return {"fichier": str(fichier.pk), "nom": nom, "taille": taille}


def pages_of_packs(jobs, user):
    """The history the pack was asked from. One query."""
    marches = marches_visible_to(user).in_bulk([job.objet for job in jobs])
    return {
        job.pk: JobPage(
            retour_href=reverse("marches:history_read", args=[job.objet]),
            retour=f"Historique, {marches[job.objet]}",
            quoi="la page",
        )
        for job in jobs
        if job.objet in marches
    }


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
