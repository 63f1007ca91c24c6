"""Kinds of jobs, registered by each app when it is ready; a duplicate or unknown kind raises."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    run: (job, progress) → the result, a small JSON-able dict kept on the row. It may run twice
        and must change nothing the second time. ``progress(step, total, words)`` tells where it is.
    page: (job) → address of the page where the work goes on, and the words of its link.
    """

    name: str
    run: Callable[..., dict[str, Any]]
    page: Callable[..., tuple[str, str]] | None = None


_kinds: dict[str, JobKind] = {}


def register(
    name: str,
    *,
    run: Callable[..., dict[str, Any]],
    page: Callable[..., tuple[str, str]] | None = None,
) -> None:
    """Declare a kind. Raises ImproperlyConfigured on a duplicate."""
    if name in _kinds:
        raise ImproperlyConfigured(f"Job kind {name} is registered twice.")
    _kinds[name] = JobKind(name, run, page)


def kind_of(name: str) -> JobKind:
    """Raise LookupError for an unknown kind."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"No app registered the job kind {name}.") from None
