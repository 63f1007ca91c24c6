"""Hooks: what is saved inside a recording; a revision made outside is refused; a line still open."""

import select
from collections.abc import Collection
from typing import Any

from django.core.signals import request_started
from django.db import connection
from django.db.models import Model
from django.db.models.signals import post_save
from django.dispatch import receiver
from reversion.signals import pre_revision_commit

from procurement.audit import registry
from procurement.audit.services.recording import RecordingError, current_recording


@receiver(post_save, dispatch_uid="audit.capture")
def capture_saved(
    sender: type[Model], instance: Model, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """Remember the protected objects saved inside the block, save for what evidence leaves out."""
    block, protection = current_recording(), registry.protections.get(sender)
    if block is None or protection is None:
        return
    if (
        update_fields is None
        or not protection.exclude
        or set(update_fields) - {*protection.exclude}
    ):
        block.keep(instance)


@receiver(pre_revision_commit, dispatch_uid="audit.journal")
def refuse_revision(**kwargs: Any) -> None:
    """Nobody opens a block of django-reversion: it would have no journal row."""
    raise RecordingError("Versions are made inside audit.services.recording() only.")


@receiver(request_started, dispatch_uid="audit.connection")
def trust_quiet_connection(**kwargs: Any) -> None:
    """Spare a request its first round trip, « are you still there? » (CONN_HEALTH_CHECKS).

    A server that stops, or ends a session, writes so on the line and closes it: with nothing to
    read on it, a line is as open as that question could tell. With anything to read, Django asks.
    """
    line = connection.connection
    if line is None or line.closed:
        return
    poll = select.poll()
    poll.register(line.fileno(), select.POLLIN | select.POLLPRI)
    if not poll.poll(0):
        connection.health_check_done = True  # type: ignore[attr-defined]
