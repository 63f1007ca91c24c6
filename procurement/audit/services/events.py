"""Journal rows without a version: events, refusals."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from procurement.audit import registry
from procurement.audit.domain.canonique import canonical_json


logger = logging.getLogger(__name__)

_DESCRIBED = "_audit_described"


def actor_label(by: Any, tag: str) -> str:
    """Opaque stable label: a person by uuid, a process by what it does."""
    return f"systeme:{tag}" if by is None else f"acheteur:{by.pk}"


def describe_actor(by: Any) -> dict[str, object]:
    """Name, role and organisation at the time; they stand in the body, which can be redacted.

    Asked once for an instance, which lives for a request or a job.
    """
    if by is None:
        return {}
    known: dict[str, object] | None = by.__dict__.get(_DESCRIBED)
    if known is None:
        known = {"nom": by.get_full_name()}
        for describer in registry.actor_describers:
            known |= describer(by)
        by.__dict__[_DESCRIBED] = known
    return known


def record_event(
    *, by: Any, tag: str, chain: UUID, objet: str, details: Mapping[str, object] | None = None
) -> int:
    """Append one row to a chain: an export, a read of secrets, a sign-in.

    Joins the caller's transaction, or makes its own. Returns the number of the row.
    """
    corps = canonical_json({"acteur": describe_actor(by), "details": details or {}})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.journal_ajouter(%s, %s, %s, %s, NULL, NULL, %s)",
            [chain, actor_label(by, tag), tag, objet, corps],
        )
        return int(cursor.fetchone()[0])


def record_refusal(*, by: Any, action: str, objet: str, reason: str) -> None:
    """Write a refusal to the platform chain, in its own short transaction.

    Called inside a transaction, it writes through a second connection, so that the refusal
    survives the rollback; it then gives up after a second if the caller itself holds the head of
    the platform chain, and the log keeps it. Above 20 a minute refusals of one person are counted
    and written as one row.
    """
    corps = canonical_json(
        {"acteur": describe_actor(by), "details": {"action": action, "motif": reason}}
    )
    who = actor_label(by, action)
    try:
        with _outside_transaction() as base, base.cursor() as cursor:
            cursor.execute("SELECT public.journal_refuser(%s, %s, %s)", [who, objet, corps])
    except DatabaseError:
        logger.exception("refusal not journaled: %s %s %s", who, action, objet)


@contextmanager
def _outside_transaction() -> Iterator[BaseDatabaseWrapper]:
    """Give a connection whose writes survive a rollback of the caller's transaction."""
    blocks = connection.atomic_blocks
    # A test case wraps everything in one transaction that never commits: a second connection
    # would not see it. Django makes the same exception for durable blocks.
    if not blocks or getattr(blocks[0], "_from_testcase", False):
        with transaction.atomic():
            yield connection
        return
    second = connection.copy()
    try:
        with second.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        yield second
    finally:
        second.close()
