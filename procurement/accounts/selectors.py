"""Reads about one person's protections."""

from dataclasses import dataclass

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Exists
from django.http import HttpRequest

from procurement.accounts.models import User
from procurement.accounts.registry import second_factor_predicates


def is_second_factor_compulsory(user: User) -> bool:
    """Ask every registered predicate in one query, the platform administrator first."""
    return second_factor_state(user)[1]


def second_factor_state(user: User) -> tuple[bool, bool]:
    """Tell whether one is set up (recovery codes alone do not count), and compulsory: 1 query."""
    factors = Authenticator.objects.filter(user=user).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    asked = [factors, *(predicate(user) for predicate in second_factor_predicates())]
    has_factor, *needs = (
        User.objects.filter(pk=user.pk).values_list(*(Exists(rows) for rows in asked)).get()
    )
    return has_factor, user.is_administrateur or any(needs)


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
