"""Reads of stored files."""

from procurement.documents.models import StoredFile
from procurement.jobs.models import Job


def result_of(job: Job) -> StoredFile | None:
    """The file a job produced, named in its result under « fichier »; None before its end."""
    return StoredFile.objects.filter(pk=job.resultat.get("fichier")).first()
