"""Reads for « Mes travaux »."""

from collections.abc import Iterable

from procurement.accounts.models import User
from procurement.jobs.models import Job
from procurement.jobs.registry import JobPage, kind_of


def list_jobs(user: User, *, limit: int = 50) -> list[Job]:
    """The latest jobs of a person, newest first. One query, and one for each kind of job."""
    return with_pages(Job.objects.filter(requested_by=user).order_by("-created_at")[:limit], user)


def with_pages(jobs: Iterable[Job], user: User) -> list[Job]:
    """Add ``page`` to each, a JobPage: empty when the work leads nowhere that a person may go. One query a kind."""
    listed = list(jobs)
    for kind in {job.kind for job in listed}:
        same = [job for job in listed if job.kind == kind]
        try:
            read = kind_of(kind).pages
        except LookupError:
            read = None
        pages = read(same, user) if read else {}
        for job in same:
            job.page = pages.get(job.pk, JobPage())
    return listed
