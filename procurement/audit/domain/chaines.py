"""The one chain that belongs to no object."""

from uuid import UUID


PLATFORM_CHAIN = UUID("00000000-0000-4000-8000-000000000001")
"""Chain of the platform: refusals, accounts, organisations, settings, seals."""
