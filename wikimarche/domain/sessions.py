"""Work sessions: the commits of one person on one article, less than five minutes apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID


GAP: Final = timedelta(minutes=5)
"""Two commits this far apart or more are two sessions."""


class Committed(Protocol):
    """What a commit must tell to be gathered. seul: restoration, import, named version: stands alone."""

    @property
    def article(self) -> UUID | None: ...

    @property
    def auteur(self) -> object: ...

    @property
    def instant(self) -> datetime: ...

    @property
    def seul(self) -> bool: ...


C = TypeVar("C", bound=Committed)


@dataclass(frozen=True, slots=True)
class Session(Generic[C]):
    """Commits gathered, oldest first; never empty."""

    commits: tuple[C, ...]

    @property
    def premier(self) -> C:
        """The oldest commit: compare from the version before it."""
        return self.commits[0]

    @property
    def dernier(self) -> C:
        """The newest commit: it gives the session its version and its date."""
        return self.commits[-1]


def gather_sessions(
    commits: Iterable[C], *, gap: timedelta = GAP, closures: Sequence[datetime] = ()
) -> list[Session[C]]:
    """Gather commits into sessions, oldest first by their last commit.

    commits: in order of instant, of one pièce. closures: instants at which every session closes
    (visa, restoration, export, publication). Two people writing the same article at the same time
    have one session each. A commit that stands alone closes the sessions of its article.
    """
    stops = sorted(closures)
    open_sessions: dict[tuple[object, UUID | None], list[C]] = {}
    closed: list[Session[C]] = []
    stop = 0
    for commit in commits:
        passed = stop
        while stop < len(stops) and stops[stop] <= commit.instant:
            stop += 1
        if stop > passed:
            closed.extend(Session(tuple(found)) for found in open_sessions.values())
            open_sessions.clear()
        if commit.seul:
            stopped = [k for k in open_sessions if commit.article in {None, k[1]}]
            closed.extend(Session(tuple(open_sessions.pop(k))) for k in stopped)
            closed.append(Session((commit,)))
            continue
        key = (commit.auteur, commit.article)
        running = open_sessions.get(key)
        if running and commit.instant - running[-1].instant < gap:
            running.append(commit)
            continue
        if running:
            closed.append(Session(tuple(running)))
        open_sessions[key] = [commit]
    closed.extend(Session(tuple(found)) for found in open_sessions.values())
    return sorted(closed, key=lambda session: session.dernier.instant)
