"""Decisions about rights, as plain values."""

from procurement.access.domain.decision import ALLOWED, Allowed, Decision, Denied, Unknown


__all__ = ["ALLOWED", "Allowed", "Decision", "Denied", "Unknown"]
