"""The worker says that it is there."""

from celery import shared_task

from procurement.operations.services import sign_life


@shared_task(name="operations.sign_life")
def sign() -> None:
    """Write the instant. Beat calls it every thirty seconds, and forgets the calls not answered."""
    sign_life()
