"""The worker with one guarantee taken away: whoever ends a job says how it ended, held or not.

What a frozen worker wakes to do must then be caught: celery -A tests.support.unsafe_worker worker
"""

from celery.signals import worker_process_init
from django.db.models.functions import Now

from procurement.celery import app


__all__ = ["app"]


@worker_process_init.connect
def end_without_looking(**_) -> None:
    """The same end as the site’s, whatever became of the job meanwhile."""
    from procurement.jobs.models import Job  # noqa: PLC0415 - Django is not ready at import
    from procurement.jobs.services import run  # noqa: PLC0415

    def finish(job, statut, *, raison="", resultat=None):
        Job.objects.filter(pk=job.pk).update(
            statut=statut, raison=raison[:500], resultat=resultat or {}, finished_at=Now()
        )

    run._finish = finish
