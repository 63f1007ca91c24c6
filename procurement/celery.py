"""The Celery application. Tasks use celery.shared_task and never import this module."""

import ctypes
import logging
import logging.config
import os
import signal

from celery import Celery
from celery.signals import celeryd_init, setup_logging, worker_process_init
from django.conf import settings


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
app = Celery("procurement")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect  # a worker warns of what it finds before it sets its logging up
@setup_logging.connect
def write_lines_as_the_site(**_: object) -> None:
    """Worker and beat write the lines of settings.LOGGING, and Celery adds none of its own."""
    logging.config.dictConfig(settings.LOGGING)
    logging.captureWarnings(capture=True)


@worker_process_init.connect
def die_with_the_worker(**_: object) -> None:
    """A pool process outlives a worker killed without warning, and keeps its job: end it too."""
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))  # PR_SET_PDEATHSIG
