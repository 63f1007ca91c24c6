"""Pages of « Mes travaux »."""

from procurement.jobs.views.jobs import job_cancel, job_detail, job_list


__all__ = ["job_cancel", "job_detail", "job_list"]
