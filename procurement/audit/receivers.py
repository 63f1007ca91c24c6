"""Hooks: what is saved inside a recording; a revision made outside is refused."""

from collections.abc import Collection
from typing import Any

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
