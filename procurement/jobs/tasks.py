"""The two tasks Celery knows: run one job, sweep what was left."""

from uuid import UUID

from celery import shared_task

from procurement.jobs.services import run_job, sweep_jobs


@shared_task(name="jobs.run")
def run(pk: str) -> None:
    """Run the job of this identifier, if nobody else holds it."""
    run_job(UUID(pk))


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Ring again for what was left behind. Beat calls it every 30 seconds."""
    sweep_jobs()
