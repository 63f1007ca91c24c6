"""Verbs of the evidence: record a change, an event, a refusal; verify, seal, redact."""

from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.verification import Break
from procurement.audit.models import Receipt
from procurement.audit.services.events import record_event, record_refusal
from procurement.audit.services.export import export_chain
from procurement.audit.services.installation import install_evidence
from procurement.audit.services.pack import Pack, write_pack
from procurement.audit.services.recording import Recording, RecordingError, recording
from procurement.audit.services.redaction import (
    Holding,
    find_passage,
    redact_entries,
    redact_entry,
)
from procurement.audit.services.seals import issue_receipt, seal_evidence
from procurement.audit.services.verdicts import (
    Alert,
    Verdict,
    read_verdict,
    record_if_it_matters,
    record_verdict,
)
from procurement.audit.services.verification import (
    EvidenceReport,
    UnknownChain,
    UnknownSeal,
    verify_evidence,
)
from procurement.audit.services.witnesses import (
    UnreadableWitness,
    receipt_document,
    seal_document,
    verify_head,
    verify_receipt,
    verify_seal,
)


__all__ = [
    "PLATFORM_CHAIN",
    "Alert",
    "Break",
    "EvidenceReport",
    "Holding",
    "Pack",
    "Receipt",
    "Recording",
    "RecordingError",
    "UnknownChain",
    "UnknownSeal",
    "UnreadableWitness",
    "Verdict",
    "export_chain",
    "find_passage",
    "install_evidence",
    "issue_receipt",
    "read_verdict",
    "receipt_document",
    "record_event",
    "record_if_it_matters",
    "record_refusal",
    "record_verdict",
    "recording",
    "redact_entries",
    "redact_entry",
    "seal_document",
    "seal_evidence",
    "verify_evidence",
    "verify_head",
    "verify_receipt",
    "verify_seal",
    "write_pack",
]
