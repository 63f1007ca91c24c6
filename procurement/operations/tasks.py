"""The worker says that it is there, and what it sees."""

from celery import shared_task

from procurement.operations.services import note_minute, sign_life


@shared_task(name="operations.sign_life")
def sign() -> None:
    """Write the instant. Beat calls it every thirty seconds, and forgets the calls not answered."""
    sign_life()


@shared_task(name="operations.note_minute")
def note() -> None:
    """Write the minute of the health journal. Beat calls it every minute."""
    note_minute()
