"""Reads for « Mes travaux »."""

from procurement.accounts.models import User
from procurement.jobs.models import Job


def list_jobs(user: User, *, limit: int = 50) -> list[Job]:
    """The latest jobs of a person, newest first. One query."""
    return list(Job.objects.filter(requested_by=user).order_by("-created_at")[:limit])
