"""What the apps above accounts tell it at start: who needs a second factor, how mail leaves."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet

from procurement.accounts.models import User


@dataclass(frozen=True)
class MailOrder:
    """A mail to write and send later. Holds no secret: links are signed when it is written."""

    kind: str
    to: str
    context: Mapping[str, str] = field(default_factory=dict)

    def as_params(self) -> dict[str, Any]:
        """Return what a job row can keep as JSON; ``MailOrder(**params)`` reads it back."""
        return {"kind": self.kind, "to": self.to, "context": dict(self.context)}


@dataclass(frozen=True, slots=True)
class SignIn:
    """A public account of the demonstration. montre: what this person is good to show."""

    email: str
    password: str
    nom: str
    poste: str
    organisation: str
    montre: str = ""


Predicate = Callable[[User], QuerySet[Any]]
MailDoor = Callable[[MailOrder], None]

_predicates: list[Predicate] = []
_doors: list[MailDoor] = []
_sign_ins: list[SignIn] = []


def require_second_factor(predicate: Predicate) -> None:
    """Make the second factor compulsory for the people for whom the predicate finds a row.

    Called in ``apps.ready()``. The predicates are asked again at each request, all in one query:
    a role given or taken away acts at once. The query is written once, for a person who is nobody:
    a predicate depends on the key of the person and on nothing else.
    """
    if predicate in _predicates:
        raise ImproperlyConfigured(f"{predicate!r} already requires a second factor.")
    _predicates.append(predicate)


def second_factor_predicates() -> tuple[Predicate, ...]:
    """Give what each app asked for."""
    return tuple(_predicates)


def show_sign_ins(sign_ins: Iterable[SignIn]) -> None:
    """Name the accounts that the sign-in page of the demonstration offers. Called in ready()."""
    if _sign_ins:
        raise ImproperlyConfigured("The demonstration has named its accounts already.")
    _sign_ins.extend(sign_ins)


def sign_ins_shown() -> tuple[SignIn, ...]:
    """Give the accounts of the demonstration, none wherever it is off."""
    return tuple(_sign_ins) if settings.DEMO else ()


def register_mail_door(door: MailDoor) -> None:
    """Name the one function that takes mails out of the request (a job). Called in ready()."""
    if _doors:
        raise ImproperlyConfigured("Mail already has a door.")
    _doors.append(door)


def mail_door() -> MailDoor | None:
    """Give the door of the jobs, None where mail leaves at once."""
    return _doors[0] if _doors else None
