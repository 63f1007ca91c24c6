"""Verbs of the evidence: record a change, an event, a refusal; verify, seal, redact."""

from procurement.audit.services.events import PLATFORM_CHAIN, record_event, record_refusal
from procurement.audit.services.recording import Recording, RecordingError, recording


__all__ = [
    "PLATFORM_CHAIN",
    "Recording",
    "RecordingError",
    "record_event",
    "record_refusal",
    "recording",
]
