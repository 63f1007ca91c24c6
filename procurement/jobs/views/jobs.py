"""« Mes travaux »: following what runs in the background."""

import json

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from procurement.access.services import gate
from procurement.jobs.enums import StatutJob
from procurement.jobs.permissions import Action
from procurement.jobs.selectors import list_jobs, with_pages
from procurement.jobs.services import cancel_job


@require_safe
@gate(Action.JOB_LIST)
def job_list(request):
    return render(request, "jobs/job_list.html", {"jobs": list_jobs(request.user)})


@require_safe
@gate(Action.JOB_READ)
def job_detail(request, job):
    template = "jobs/_job.html" if request.htmx else "jobs/job_detail.html"
    [job] = with_pages([job], request.user)
    response = render(request, template, {"job": job})
    if request.htmx and job.is_over:
        failed = job.statut == StatutJob.ECHEC
        message = {
            "texte": f"{job.titre}\u202f: {job.raison}"
            if failed
            else f"{job.titre}\u202f: c’est prêt.",
            "genre": "erreur" if failed else "succes",
        }
        response["HX-Trigger"] = json.dumps({"wm:message": message})
    return response


@require_POST
@gate(Action.JOB_CANCEL)
def job_cancel(request, job):
    if cancel_job(by=request.user, job=job):
        messages.success(request, "Le travail est annulé.")
    else:
        messages.warning(request, "Le travail avait déjà commencé\u202f; il va à son terme.")
    return redirect("jobs:job_list")
