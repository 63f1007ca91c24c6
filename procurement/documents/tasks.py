"""Keeping the store clean, in the background."""

from celery import shared_task

from procurement.documents.services import sweep_analyses, sweep_files


@shared_task(name="documents.sweep_files")
def sweep() -> None:
    """Remove stored bytes that nothing refers to. Beat calls it every hour."""
    sweep_files()


@shared_task(name="documents.sweep_analyses")
def analyse() -> None:
    """Analyse the files that wait for the antivirus. Beat calls it every minute."""
    sweep_analyses()
