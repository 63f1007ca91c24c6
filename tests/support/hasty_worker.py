"""The worker as it is, with another delay for its drawings: DELAY, in seconds, by the clock and by the processor.

Short, so that the suite does not last a minute; without end, to see what the delay prevents.

celery -A tests.support.hasty_worker worker
"""

import os

from celery.signals import worker_process_init

from procurement.celery import app


__all__ = ["app"]


@worker_process_init.connect
def draw_within_the_delay(**_) -> None:
    """The same child, the same doors, the same memory."""
    from procurement.documents.services import drawing  # noqa: PLC0415 - Django is not ready at import

    run_child, delay = drawing.run_child, int(os.environ["DELAY"])

    def run(program, **limits):
        return run_child(program, **{**limits, "timeout": delay, "cpu": delay})

    drawing.run_child = run
