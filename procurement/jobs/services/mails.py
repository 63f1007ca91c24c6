"""The mails of accounts leave as jobs: accounts lies below the jobs and only knows a door."""

from collections.abc import Callable
from typing import Any

from procurement.accounts.registry import MailOrder
from procurement.accounts.services import deliver_mail
from procurement.jobs.models import Job
from procurement.jobs.services.ask import enqueue


MAIL = "accounts:mail"


def ask_mail(order: MailOrder) -> None:
    """Write the order down; the mail is written and sent by a worker. The door of accounts."""
    enqueue(MAIL, by=None, titre="Courriel d’un compte", params=order.as_params())


def send_mail(job: Job, progress: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Send the mail of an order, if there is still somebody to write to."""
    progress(0, 1, "Envoi du courriel")
    return {"envoye": deliver_mail(MailOrder(**job.params))}
