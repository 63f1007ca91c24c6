"""Fetching what a job produced."""

from django.http import Http404
from django.views.decorators.http import require_safe

from procurement.access.registry import resource_of, rule_of
from procurement.access.services import AccessRefused, decide, gate
from procurement.documents.selectors import result_of
from procurement.documents.services import serve_file
from procurement.jobs.permissions import Action


@require_safe
@gate(Action.JOB_READ)
def job_download(request, job):
    """Serve the file of one's own job, to whoever still has the right it was asked under."""
    if job.action:
        obj = resource_of(rule_of(job.action).resource).get(job.objet) if job.objet else None
        decision = decide(request.user, job.action, obj) if obj or not job.objet else None
        if not decision:
            raise AccessRefused("Vous n’avez plus le droit de lire ce fichier.")
    fichier = result_of(job)
    if fichier is None:
        raise Http404
    return serve_file(fichier)
