"""Telling by mail that the history no longer agrees with its proof, and that it does again."""

from procurement.audit.services import Alert
from procurement.jobs.services import enqueue
from procurement.marches.selectors.alerts import lately, people_to_tell


MAIL = "marches:mail_alert"


def tell_alert(seq: int, before: Alert | None, after: Alert | None) -> None:
    """Write to everyone concerned, once for each verdict that changes something.

    seq: number of the verdict in the chain of the platform.
    """
    lately.forget()
    for user in people_to_tell(before, after):
        enqueue(
            MAIL,
            by=None,
            titre="Alerte sur la preuve",
            key=f"{MAIL}:{seq}:{user.pk}",
            params={"user": str(user.pk), "rompue": after is not None},
        )
