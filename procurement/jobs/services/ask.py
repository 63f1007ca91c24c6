"""Asking: the row is written with the change that asks for it, the bell rings after the commit."""

import logging
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from procurement.accounts.models import User
from procurement.jobs.enums import StatutJob
from procurement.jobs.models import Job
from procurement.jobs.registry import kind_of


logger = logging.getLogger(__name__)

MAX_WAITING = 20
"""Jobs one person may have waiting or running at once."""


class TooManyJobs(Exception):
    """The person already has MAX_WAITING jobs waiting; answered with 429."""

    reason = "Vous avez déjà vingt travaux en attente. Attendez que l’un d’eux finisse."


@transaction.atomic
def enqueue(
    kind: str,
    *,
    by: User | None,
    titre: str,
    action: str = "",
    objet: UUID | None = None,
    key: str | None = None,
    params: dict[str, Any] | None = None,
) -> Job:
    """Ask for a job by the name of its kind.

    action, objet: the right checked when asking (by the caller's gate), again when the job runs
        and again when its file is fetched; empty for work the platform does for itself.
    by: None for the platform, which has no quota; what a stranger may cause is bounded elsewhere.
    key: two asks with one key are one job; the existing one is returned.
    Raises TooManyJobs, LookupError for an unknown kind.
    """
    kind_of(kind)
    if key is not None:
        existing = Job.objects.filter(cle=key).first()
        if existing is not None:
            return existing
    if by is not None:
        _refuse_above_quota(by)
    job = Job(
        kind=kind,
        requested_by=by,
        titre=titre[:200],
        action=action,
        objet=objet,
        cle=key,
        params=params or {},
    )
    job.full_clean(exclude=["cle"])
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        # Somebody asked with the same key at the same instant: one job for both.
        return Job.objects.get(cle=key)
    transaction.on_commit(lambda: ring(job.pk), robust=True)
    return job


def _refuse_above_quota(by: User) -> None:
    # The person's row: asks sent at once must see each other.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    waiting = Job.objects.filter(
        requested_by=by, statut__in=[StatutJob.EN_FILE, StatutJob.EN_COURS]
    ).count()
    if waiting >= MAX_WAITING:
        raise TooManyJobs


def ring(pk: UUID) -> None:
    """Tell a worker, by name. A bell that cannot ring is not an error: the sweeper rings again."""
    try:
        current_app.send_task("jobs.run", args=[str(pk)], retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("The bell of job %s did not ring: %s", pk, error)


def cancel_job(*, by: User, job: Job) -> bool:
    """Cancel a job of one's own that waits; a job already running goes to its end.

    Returns whether it was cancelled.
    """
    return bool(
        Job.objects.filter(pk=job.pk, requested_by=by, statut=StatutJob.EN_FILE).update(
            statut=StatutJob.ANNULE, finished_at=Now()
        )
    )
