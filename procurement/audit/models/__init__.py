"""Tables of the evidence. Nobody outside procurement.audit imports them."""

from procurement.audit.models.journal import ChainHead, JournalEntry, RefusalGroup
from procurement.audit.models.seals import Receipt, Seal


__all__ = ["ChainHead", "JournalEntry", "Receipt", "RefusalGroup", "Seal"]
