"""The worker says that it is there, removes the oldest minutes, draws the attestations."""

import datetime

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from procurement.audit.selectors import database_now
from procurement.documents.services import store_file
from procurement.jobs.registry import JobPage
from procurement.operations.services import (
    draw_attestation,
    purge_minutes,
    read_attestation,
    sign_life,
    tell_attestation,
)


@shared_task(name="operations.sign_life")
def sign() -> None:
    """Write the instant. Beat calls it every thirty seconds, and forgets the calls not answered."""
    sign_life()


@shared_task(name="operations.purge_minutes")
def purge() -> None:
    """Remove the minutes kept long enough: the web process, which writes them, removes none."""
    purge_minutes()


def write_attestation(job, progress):
    """Draw the attestation of a period and keep it for the person who asked."""
    progress(0, 1, "Lecture du journal de santé")
    since, until = (
        datetime.datetime.fromisoformat(job.params[name]) for name in ("depuis", "jusqua")
    )
    kind = "json" if job.params.get("format") == "json" else "pdf"
    make = tell_attestation if kind == "json" else draw_attestation
    content = make(read_attestation(since, until), instant=database_now())
    here = timezone.localtime(since)
    nom = f"attestation-{here:%Y-%m-%d-%Hh}.{kind}"
    fichier = store_file(
        by=job.requested_by, content=content, nom=nom, type_mime=f"application/{kind}"
    )
    progress(1, 1, "Attestation faite")
    return {"fichier": str(fichier.pk), "nom": nom, "taille": len(content)}


def pages_of_attestations(jobs, user):
    """Back to the page where attestations are asked for. No query."""
    page = JobPage(
        retour_href=reverse("operations:attestation_create"),
        retour="Attestation de fonctionnement",
        quoi="la page",
    )
    return {job.pk: page for job in jobs}
