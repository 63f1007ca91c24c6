"""Matrices and resources, filled in by each app when it is ready; a duplicate or unknown key raises."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model

from procurement.access.enums import Role
from procurement.accounts.models import User


@dataclass(frozen=True, slots=True)
class Condition:
    """A named predicate on the state of the object, beside the role.

    refuse: the object → the French reason of the refusal, or "" when the condition holds.
    code: what a script is told, when it must tell this refusal from another.
    """

    words: str
    refuse: Callable[[Any], str]
    code: str = "refus"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a matrix: who may do the action, in words a jurist can read and contest."""

    words: str
    roles: frozenset[Role]
    resource: str = ""
    """Name of the resource the action bears on; empty for an action without an object."""
    conditions: tuple[Condition, ...] = ()
    refus: str = ""
    """What to say to a colleague who lacks the role, when naming the roles would not help."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of object behind the gate.

    get: identifier → the object with what its roles need, or None; at most one query.
    roles: person, object → every role the person holds on it; empty means a stranger.
    read: person, identifier → what get then roles give, in one query; only where it is worth it.
    nobodys: an object that is stored nowhere, for which ``roles`` asks the database what it asks
        for a stored one: an unknown identifier costs as much as one that is another's.
    """

    name: str
    words: str
    model: type[Model]
    get: Callable[[UUID], Model | None]
    roles: Callable[[User, Any], frozenset[Role]]
    read: Callable[[User, UUID], tuple[Model | None, frozenset[Role]]] | None = None
    nobodys: Callable[[], Model] | None = None


@dataclass(slots=True)
class _Registry:
    rules: dict[str, Rule] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    functions: list[Callable[[User], Iterable[Role]]] = field(default_factory=list)


_registry = _Registry()


def register_resource(resource: Resource) -> None:
    """Put a kind of object behind the gate. Raises ImproperlyConfigured on a duplicate."""
    if resource.name in _registry.resources:
        raise ImproperlyConfigured(f"Resource {resource.name} is registered twice.")
    _registry.resources[resource.name] = resource


def register_matrix(matrix: dict[Any, Rule]) -> None:
    """Add the matrix of an app. Raises ImproperlyConfigured on a duplicate or an unknown resource."""
    for action, rule in matrix.items():
        if str(action) in _registry.rules:
            raise ImproperlyConfigured(f"Action {action} is registered twice.")
        if rule.resource and rule.resource not in _registry.resources:
            raise ImproperlyConfigured(f"Action {action} bears on unknown {rule.resource}.")
        _registry.rules[str(action)] = rule


def register_functions(roles_of: Callable[[User], Iterable[Role]]) -> None:
    """Say which roles a person holds without any object (agent, juriste, administrateur)."""
    _registry.functions.append(roles_of)


def rule_of(action: str) -> Rule:
    """Raise LookupError for an action that no matrix knows: a typo must never open a door."""
    try:
        return _registry.rules[str(action)]
    except KeyError:
        raise LookupError(f"No matrix knows the action {action}.") from None


def resource_of(name: str) -> Resource:
    """Raise LookupError for an unknown resource."""
    try:
        return _registry.resources[name]
    except KeyError:
        raise LookupError(f"No app registered the resource {name}.") from None


def all_rules() -> dict[str, Rule]:
    """Every action of every matrix, in alphabetical order."""
    return dict(sorted(_registry.rules.items()))


def general_roles(user: User) -> frozenset[Role]:
    """Roles held without an object: CONNECTE for anyone signed in, plus what apps declared."""
    return frozenset({Role.CONNECTE}.union(*(roles(user) for roles in _registry.functions)))
