"""Hooks: what is saved inside a recording; a revision made outside is refused."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_save
from django.dispatch import receiver
from reversion.signals import pre_revision_commit

from procurement.audit import registry
from procurement.audit.services.recording import RecordingError, current_recording


@receiver(post_save, dispatch_uid="audit.capture")
def capture_saved(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Remember the protected objects saved inside the block."""
    block = current_recording()
    if block is not None and sender in registry.protections:
        block.keep(instance)


@receiver(pre_revision_commit, dispatch_uid="audit.journal")
def refuse_revision(**kwargs: Any) -> None:
    """Nobody opens a block of django-reversion: it would have no journal row."""
    raise RecordingError("Versions are made inside audit.services.recording() only.")
