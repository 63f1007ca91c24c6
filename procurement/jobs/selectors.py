"""Reads for « Mes travaux »."""

from procurement.accounts.models import User
from procurement.jobs.models import Job
from procurement.jobs.registry import kind_of


def list_jobs(user: User, *, limit: int = 50) -> list[Job]:
    """The latest jobs of a person, newest first. One query."""
    return [
        with_page(job)
        for job in Job.objects.filter(requested_by=user).order_by("-created_at")[:limit]
    ]


def with_page(job: Job) -> Job:
    """Add ``page``, where the work goes on: address and words, None when it leads nowhere."""
    try:
        page = kind_of(job.kind).page
    except LookupError:
        page = None
    job.page = page(job) if page else None
    return job
