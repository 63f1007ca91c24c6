"""The gate: the only way from a URL, a task or a channel to an object."""

from procurement.access.services.decide import can, decide, fetch
from procurement.access.services.gate import AccessRefused, Conflict, by_method, gate


__all__ = ["AccessRefused", "Conflict", "by_method", "can", "decide", "fetch", "gate"]
