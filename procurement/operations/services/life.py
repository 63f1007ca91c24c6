"""The sign of life of the worker: one line of the shared cache, in Postgres."""

from django.core.cache import cache
from django.utils import timezone

from procurement.operations.selectors import SIGN_OF_LIFE


def sign_life() -> None:
    """Write the present instant; read back by ``selectors.read_sante``.

    In the database rather than in Valkey: what is proved is the whole road of a job.
    """
    cache.set(SIGN_OF_LIFE, timezone.now().isoformat(), timeout=None)
