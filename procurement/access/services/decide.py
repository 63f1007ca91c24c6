"""Deciding: person, action, object → Allowed, Denied(reason) or Unknown."""

from uuid import UUID

from django.db.models import Model

from procurement.access.domain import ALLOWED, Decision, Denied, Unknown
from procurement.access.enums import ROLE_WORDS, Role
from procurement.access.registry import general_roles, resource_of, rule_of
from procurement.accounts.models import User


def decide(user: User, action: str, obj: Model | None = None) -> Decision:
    """Answer for an object already fetched (None for an action without an object).

    Raises LookupError for an unknown action, TypeError when the object is not of the kind that
    the action bears on: both are mistakes of the programmer and must not open a door.
    """
    rule = rule_of(action)
    if not user.is_active:
        return Unknown()
    if not rule.resource:
        return _by_role(rule.roles, general_roles(user))
    resource = resource_of(rule.resource)
    if not isinstance(obj, resource.model):
        raise TypeError(f"{action} bears on {resource.name}, not on {type(obj).__name__}.")
    roles = resource.roles(user, obj)
    if not roles:
        return Unknown()
    decision = _by_role(rule.roles, roles)
    if not decision:
        return decision
    for condition in rule.conditions:
        reason = condition.refuse(obj)
        if reason:
            return Denied(reason, status=409)
    return ALLOWED


def can(user: User, action: str, obj: Model | None = None) -> bool:
    """Shorten ``bool(decide(…))`` where the reason is not shown."""
    return bool(decide(user, action, obj))


def fetch(user: User, action: str, pk: UUID) -> tuple[Model | None, Decision]:
    """Get the object of an action for a person: the object only comes with an Allowed."""
    resource = resource_of(rule_of(action).resource)
    obj = resource.get(pk)
    if obj is None:
        return None, Unknown()
    decision = decide(user, action, obj)
    return (obj if decision else None), decision


def _by_role(wanted: frozenset[Role], held: frozenset[Role]) -> Decision:
    if wanted & held:
        return ALLOWED
    names = [ROLE_WORDS[role].lower() for role in Role if role in wanted]
    if not names:
        return Denied("Personne ne peut faire cela.")
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} ou {names[-1]}"
    return Denied(f"Il faut être {listed} pour faire cela.")
