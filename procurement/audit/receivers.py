"""Hooks: what is saved inside a recording, and the journal rows of a revision."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_save
from django.dispatch import receiver
from reversion.signals import post_revision_commit

from procurement.audit import registry
from procurement.audit.services.recording import RecordingError, current_recording


@receiver(post_save, dispatch_uid="audit.capture")
def capture_saved(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Remember the protected objects saved inside the block."""
    block = current_recording()
    if block is not None and sender in registry.protections:
        block.capture(instance)


@receiver(post_revision_commit, dispatch_uid="audit.journal")
def write_journal(revision: Any, versions: Any, **kwargs: Any) -> None:
    """Append the journal rows inside the block's transaction, once versions have their ids."""
    block = current_recording()
    if block is None:
        raise RecordingError("Versions are made inside audit.services.recording() only.")
    block.write(revision, list(versions))
