"""The worker as it is, with a mail that takes its time and a bell that Valkey gives again meanwhile.

SLOW: seconds before a mail leaves. VISIBILITY: seconds after which Valkey gives a bell to another worker.
CLAIM=any: a job is taken without looking whether somebody holds it; what happens then must be caught.

celery -A tests.support.slow_worker worker
"""

import os
import time

from celery.signals import worker_process_init

from procurement.celery import app


__all__ = ["app"]

app.conf.broker_transport_options = {
    **app.conf.broker_transport_options,
    "visibility_timeout": float(os.environ["VISIBILITY"]),
}


@worker_process_init.connect
def take_ones_time(**_) -> None:
    """The same mails, written in the same box, later."""
    from django.core.mail.backends.filebased import EmailBackend  # noqa: PLC0415 - Django is not ready at import

    send = EmailBackend.send_messages

    def send_later(self, messages):
        time.sleep(float(os.environ["SLOW"]))
        return send(self, messages)

    EmailBackend.send_messages = send_later


@worker_process_init.connect
def take_without_looking(**_) -> None:
    """Whoever hears the bell works."""
    if os.environ.get("CLAIM") == "any":
        from procurement.jobs.models import Job  # noqa: PLC0415 - Django is not ready at import
        from procurement.jobs.services import run  # noqa: PLC0415

        run._claim = lambda pk: Job.objects.select_related("requested_by").get(pk=pk)
