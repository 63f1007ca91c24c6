"""Kinds of jobs, registered by each app when it is ready; a duplicate or unknown kind raises."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from procurement.accounts.models import User
from procurement.jobs.models import Job


@dataclass(frozen=True, slots=True)
class JobPage:
    """Where the work of a job goes on. Each text may be "".

    href, acte: the next thing to do. dit: where the work stands now, in place of what the job said
        when it ended. retour_href, retour: what the job was asked from.
    quoi: what kind of thing that is, with its article.
    """

    href: str = ""
    acte: str = ""
    dit: str = ""
    retour_href: str = ""
    retour: str = ""
    quoi: str = "la pièce"


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    run: (job, progress) → the result, a small JSON-able dict kept on the row. It may run twice
        and must change nothing the second time. ``progress(step, total, words)`` tells where it is.
    pages: (jobs of this kind, who asked) → where each goes on today, by the key of the job; one that she may no longer go to is left out.
    """

    name: str
    run: Callable[..., dict[str, Any]]
    pages: Callable[[Sequence[Job], User], Mapping[UUID, JobPage]] | None = None


_kinds: dict[str, JobKind] = {}


def register(
    name: str,
    *,
    run: Callable[..., dict[str, Any]],
    pages: Callable[[Sequence[Job], User], Mapping[UUID, JobPage]] | None = None,
) -> None:
    """Declare a kind. Raises ImproperlyConfigured on a duplicate."""
    if name in _kinds:
        raise ImproperlyConfigured(f"Job kind {name} is registered twice.")
    _kinds[name] = JobKind(name, run, pages)


def kind_of(name: str) -> JobKind:
    """Raise LookupError for an unknown kind."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"No app registered the job kind {name}.") from None
