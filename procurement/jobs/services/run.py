"""Running: claim by one conditional UPDATE, check the right again, work under a lease, record."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, connections
from django.db.models import Q
from django.db.models.functions import Now

from procurement.access.registry import resource_of, rule_of
from procurement.access.services import decide
from procurement.jobs.enums import StatutJob
from procurement.jobs.models import Job
from procurement.jobs.registry import kind_of
from procurement.jobs.services.ask import ring
from procurement.ui.logs import saying


logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
HEARTBEAT = 10.0
MAX_ATTEMPTS = 3


class JobFailed(Exception):
    """The work cannot be done; ``reason`` is the French sentence the requester reads."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def run_job(pk: UUID) -> bool:
    """Take the job if nobody holds it and bring it to its end. Returns whether it was taken.

    Running twice changes nothing: the second caller does not get the lease, and a kind keys its
    effects by the job. An error that carries a ``reason`` is shown; another is logged and shown
    by the identifier of the job.
    """
    job = _claim(pk)
    if job is None:
        return False
    with saying(travail=str(job.pk), acteur=str(job.requested_by_id or "")):
        _work(job)
    return True


def _work(job: Job) -> None:
    try:
        _check_right(job)
        with _heartbeat(job):
            result = kind_of(job.kind).run(job, _Progress(job))
    except SoftTimeLimitExceeded:
        _finish(
            job, StatutJob.ECHEC, raison="Le travail a pris trop de temps\u202f; il a été arrêté."
        )
    except Exception as error:
        reason = getattr(error, "reason", "")
        if not reason:
            logger.exception("Job %s failed", job.pk)
            reason = f"Erreur inattendue. Citez ce numéro à l’administrateur\u202f: {job.pk}."
        _finish(job, StatutJob.ECHEC, raison=reason)
    else:
        _finish(job, StatutJob.FAIT, resultat=result)
        logger.info("job done: %s", job.kind)


def sweep_jobs() -> int:
    """Ring again for jobs left waiting or whose lease expired; give up on poison.

    Returns the number of bells rung. Recovery does not depend on the broker's memory.
    """
    # The clock of the database, as in _claim: a worker whose own is wrong gives up nobody's work.
    poison = Job.objects.filter(
        statut=StatutJob.EN_COURS, bail_jusqua__lt=Now(), tentatives__gte=MAX_ATTEMPTS
    )
    poison.update(
        statut=StatutJob.ECHEC,
        raison="Le travail s’est interrompu trois fois\u202f; il ne sera pas repris.",
        finished_at=Now(),
    )
    left = Job.objects.filter(
        Q(statut=StatutJob.EN_FILE, created_at__lt=Now() - timedelta(seconds=30))
        | Q(statut=StatutJob.EN_COURS, bail_jusqua__lt=Now())
    )
    pks = list(left.order_by("created_at").values_list("pk", flat=True)[:200])
    for pk in pks:
        ring(pk)
    return len(pks)


def _claim(pk: UUID) -> Job | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE jobs_job
               SET statut = 'en_cours', tentatives = tentatives + 1, raison = '',
                   bail_jusqua = clock_timestamp() + %s::interval
             WHERE id = %s AND tentatives < %s
               AND (statut = 'en_file'
                    OR (statut = 'en_cours' AND bail_jusqua < clock_timestamp()))
            RETURNING id
            """,
            [str(LEASE), pk, MAX_ATTEMPTS],
        )
        taken = cursor.fetchone()
    return Job.objects.select_related("requested_by").get(pk=pk) if taken else None


def _check_right(job: Job) -> None:
    """Refuse the work of someone who lost the right since asking."""
    if not job.action or job.requested_by is None:
        return
    obj = resource_of(rule_of(job.action).resource).get(job.objet) if job.objet else None
    decision = decide(job.requested_by, job.action, obj) if obj or not job.objet else None
    if not decision:
        raise JobFailed("Vous n’avez plus le droit de demander ce travail.")


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Renew the lease while the work runs, from a thread with its own connection."""
    over = threading.Event()

    def beat() -> None:
        try:
            while not over.wait(HEARTBEAT):
                Job.objects.filter(pk=job.pk, statut=StatutJob.EN_COURS).update(
                    bail_jusqua=Now() + LEASE
                )
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _Progress:
    """Write where the work is, on the row, outside the work's own transaction when there is one."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def __call__(self, step: int, total: int, words: str) -> None:
        Job.objects.filter(pk=self._job.pk).update(
            etape=step, total=total, libelle_etape=words[:200]
        )


def _finish(
    job: Job, statut: StatutJob, *, raison: str = "", resultat: dict[str, Any] | None = None
) -> None:
    Job.objects.filter(pk=job.pk, statut=StatutJob.EN_COURS, tentatives=job.tentatives).update(
        statut=statut,
        raison=raison[:500],
        resultat=resultat or {},
        finished_at=Now(),
        bail_jusqua=None,
    )
