"""Downloads."""

from procurement.documents.views.results import job_download


__all__ = ["job_download"]
