"""Keeping the store clean, in the background."""

from celery import shared_task

from procurement.documents.services import sweep_files


@shared_task(name="documents.sweep_files")
def sweep() -> None:
    """Remove stored bytes that nothing refers to. Beat calls it every hour."""
    sweep_files()
