"""Reads about one person's protections."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection
from django.db.models import Exists
from django.http import HttpRequest

from procurement.accounts.models import User
from procurement.accounts.registry import Predicate, second_factor_predicates
from procurement.audit.querysets import Prepared, instance_of


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever used a session last, as read with it, and the state of the second factor."""

    user: User
    has_factor: bool
    is_compulsory: bool


def read_session(key: str) -> tuple[str, Person | None] | None:
    """Read what a live session holds, and the person it is noted for: 1 query. None: no such session.

    The person is the one of the list of sessions: only what the session holds says who is signed in.
    """
    rows = _session_statement(second_factor_predicates()).rows([key])
    if not rows:
        return None
    ((data, *values),) = rows
    if values[0] is None:
        return data, None
    count = len(User._meta.concrete_fields)
    user, (has_factor, *needs) = instance_of(User, values[:count]), values[count:]
    return data, Person(user, has_factor, user.is_administrateur or any(needs))


def is_second_factor_compulsory(user: User) -> bool:
    """Ask every registered predicate in one query, the platform administrator first."""
    return second_factor_state(user)[1]


def second_factor_state(user: User) -> tuple[bool, bool]:
    """Tell whether one is set up (recovery codes alone do not count), and compulsory: 1 query."""
    sql, params = _second_factor_sql(second_factor_predicates())
    with connection.cursor() as cursor:
        cursor.execute(sql, [user.pk if value == _SOMEBODY else value for value in params])
        has_factor, *needs = cursor.fetchone()
    return has_factor, user.is_administrateur or any(needs)


_SOMEBODY = UUID("00000000-0000-4000-8000-00000000000a")
"""Stands for the person in the text of a query, which is written once for all."""


@cache
def _second_factor_sql(
    predicates: tuple[Predicate, ...], *fields: str
) -> tuple[str, tuple[Any, ...]]:
    """Write the query once: at each request it would cost more than its answer."""
    somebody = User(pk=_SOMEBODY)
    factors = Authenticator.objects.filter(user=somebody).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    asked = [factors, *(predicate(somebody) for predicate in predicates)]
    person = User.objects.filter(pk=_SOMEBODY).order_by()
    sql, params = person.values_list(*fields, *map(Exists, asked)).query.sql_with_params()
    return sql, params


@cache
def _session_statement(predicates: tuple[Predicate, ...]) -> Prepared:
    """The session, then the same question about the person it is noted for."""
    fields = (field.attname for field in User._meta.concrete_fields)
    sql, params = _second_factor_sql(predicates, *fields)
    with connection.cursor() as cursor:
        person = sql.replace("%%", "%%%%") % tuple(
            "noted.user_id"
            if value == _SOMEBODY
            else cursor.mogrify("%s", [value]).decode().replace("%", "%%")
            for value in params
        )
    return Prepared(f"""
SELECT kept.session_data, person.*
  FROM django_session kept
  LEFT JOIN usersessions_usersession noted ON noted.session_key = kept.session_key
  LEFT JOIN LATERAL ({person}) AS person ON true
 WHERE kept.session_key = %s AND kept.expire_date > statement_timestamp()""")  # noqa: S608 - text of ours


def has_proved_second_factor(request: HttpRequest, user: User) -> bool:
    """Tell whether this very session passed the second factor; no query."""
    return any(
        record.get("method") == "mfa" for record in get_authentication_records(request, user)
    )


@dataclass(frozen=True)
class Protections:
    """What protects an account, for its owner."""

    has_application: bool
    keys: int
    codes_left: int
    sessions: int
    is_compulsory: bool
    pending_email: str

    @property
    def has_second_factor(self) -> bool:
        """An application or a key; recovery codes alone are no second factor."""
        return self.has_application or self.keys > 0


def describe_protections(user: User) -> Protections:
    """Read what protects an account: 3 queries, plus those of the predicates."""
    factors = list(Authenticator.objects.filter(user=user))
    codes = [factor for factor in factors if factor.type == Authenticator.Type.RECOVERY_CODES]
    pending = EmailAddress.objects.filter(user=user, verified=False).first()
    return Protections(
        has_application=any(factor.type == Authenticator.Type.TOTP for factor in factors),
        keys=sum(factor.type == Authenticator.Type.WEBAUTHN for factor in factors),
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else 0,
        sessions=len(UserSession.objects.purge_and_list(user)),
        is_compulsory=is_second_factor_compulsory(user),
        pending_email=pending.email if pending else "",
    )
