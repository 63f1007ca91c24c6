"""The Wiki-Marché project: settings, entry points and the kernel shared by the three products."""

# Whatever the process (site, worker, command), a bell rings through the configured application.
from procurement.celery import app as celery_app


__all__ = ["celery_app"]
