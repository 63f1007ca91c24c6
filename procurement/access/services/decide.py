"""Deciding: person, action, object → Allowed, Denied(reason) or Unknown."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db.models import Model

from procurement.access.domain import ALLOWED, Decision, Denied, Unknown
from procurement.access.enums import ROLE_WORDS, Role
from procurement.access.registry import Resource, Rule, general_roles, resource_of, rule_of
from procurement.accounts.models import User


_known: ContextVar[dict[tuple[object, ...], frozenset[Role]] | None] = ContextVar(
    "access.roles", default=None
)


@contextmanager
def remembering_roles() -> Iterator[None]:
    """Read the roles of a person on an object once, for the length of one request.

    A page that asks twenty times what its reader may do asks the database once. Nothing outlives
    the block: the next request reads the roles again.
    """
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def decide(
    user: User,
    action: str,
    obj: Model | None = None,
    *,
    held: frozenset[Role] | None = None,
) -> Decision:
    """Answer for an object already fetched (None for an action without an object).

    held: the roles, where they were read with the object: by the gate, or under a lock that may
    have been waited for. They count, whatever this request has read before.
    Raises LookupError for an unknown action, TypeError when the object is not of the kind that
    the action bears on: both are mistakes of the programmer and must not open a door.
    """
    rule = rule_of(action)
    if not user.is_active:
        return Unknown()
    if not rule.resource:
        return _by_role(rule, general_roles(user))
    resource = resource_of(rule.resource)
    if not isinstance(obj, resource.model):
        raise TypeError(f"{action} bears on {resource.name}, not on {type(obj).__name__}.")
    roles = _roles(resource, user, obj, held)
    if not roles:
        return Unknown()
    decision = _by_role(rule, roles)
    if not decision:
        return decision
    for condition in rule.conditions:
        reason = condition.refuse(obj)
        if reason:
            return Denied(reason, status=409, code=condition.code)
    return ALLOWED


def can(
    user: User,
    action: str,
    obj: Model | None = None,
    *,
    held: frozenset[Role] | None = None,
) -> bool:
    """Shorten ``bool(decide(…))`` where the reason is not shown."""
    return bool(decide(user, action, obj, held=held))


def fetch(user: User, action: str, pk: UUID) -> tuple[Model | None, Decision]:
    """Get the object of an action for a person: the object only comes with an Allowed."""
    resource = resource_of(rule_of(action).resource)
    held = None
    if resource.read:
        obj, held = resource.read(user, pk)
    else:
        obj = resource.get(pk)
    if obj is None:
        if resource.nobodys and held is None:
            # The time of the answer must not tell that nothing has this identifier.
            resource.roles(user, resource.nobodys())
        return None, Unknown()
    decision = decide(user, action, obj, held=held)
    return (obj if decision else None), decision


def _roles(
    resource: Resource, user: User, obj: Model, held: frozenset[Role] | None
) -> frozenset[Role]:
    known, key = _known.get(), (user.pk, resource.name, obj.pk)
    if known is None:
        return resource.roles(user, obj) if held is None else held
    if held is not None:
        known[key] = held
    elif key not in known:
        known[key] = resource.roles(user, obj)
    return known[key]


def _by_role(rule: Rule, held: frozenset[Role]) -> Decision:
    if rule.roles & held:
        return ALLOWED
    if held == {Role.LIMITE}:
        return Denied("Votre rôle ne vaut que sur une pièce de ce marché.")
    if rule.refus:
        return Denied(rule.refus)
    names = [
        ROLE_WORDS[role].lower() for role in Role if role in rule.roles and role != Role.LIMITE
    ]
    if not names:
        return Denied("Personne ne peut faire cela.")
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} ou {names[-1]}"
    return Denied(f"Il faut être {listed} pour faire cela.")
