"""Asking for a job, taking it, telling where it is, ending it, sweeping what was left."""

from procurement.jobs.services.ask import TooManyJobs, cancel_job, enqueue, ring
from procurement.jobs.services.run import JobFailed, run_job, sweep_jobs


__all__ = [
    "JobFailed",
    "TooManyJobs",
    "cancel_job",
    "enqueue",
    "ring",
    "run_job",
    "sweep_jobs",
]
