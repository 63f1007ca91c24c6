"""What follows a change on an account: a row in the journal, sessions told, address verified."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.account.signals import (
    authentication_step_completed,
    email_changed,
    email_confirmed,
    password_changed,
    password_reset,
    user_logged_in,
)
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.dispatch import receiver
from django.http import HttpRequest

from procurement.accounts.models import User
from procurement.accounts.services import prove_address, record_account_event
from procurement.audit.registry import digest_of


@receiver(user_logged_in, dispatch_uid="accounts.logged_in")
def record_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Journal a sign-in, once every step is passed."""
    record_account_event(by=user, user=user, tag="session:opened")


@receiver(authentication_step_completed, dispatch_uid="accounts.step_completed")
def turn_the_key(
    request: HttpRequest,
    user: User,
    method: str,
    *,
    reauthenticated: bool = False,
    **kwargs: Any,
) -> None:
    """Give the session a new key when its owner shows again who is there: a cookie taken before is dead.

    A password just given may have been hashed anew, in the way of today: the session follows it.
    """
    if reauthenticated:
        if method == "password":
            user.refresh_from_db(fields=["password"])
            request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        before = request.session.session_key
        request.session.cycle_key()
        UserSession.objects.filter(user=user, session_key=before).delete()
        UserSession.objects.create_from_request(request)


@receiver(email_confirmed, dispatch_uid="accounts.email_confirmed")
def record_verification(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    """Journal an address proved by its owner."""
    user = email_address.user
    details = {"adresse": digest_of(email_address)}
    record_account_event(by=user, user=user, tag="email:verified", details=details)


@receiver(email_changed, dispatch_uid="accounts.email_changed")
def record_new_email(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Journal a change of address; the addresses stay out of the journal."""
    record_account_event(by=user, user=user, tag="email:changed")


@receiver(password_changed, dispatch_uid="accounts.password_changed")
def record_new_password(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Journal a password changed by its owner."""
    record_account_event(by=user, user=user, tag="password:changed")


@receiver(password_reset, dispatch_uid="accounts.password_reset")
def record_reset_password(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Journal a password replaced by a link; the link proves the address too."""
    # The link reached the only mailbox of the account: its owner is proved as well.
    addresses = list(EmailAddress.objects.filter(user=user))
    if len(addresses) == 1 and not addresses[0].verified:
        prove_address(by=user, address=addresses[0])
    record_account_event(by=user, user=user, tag="password:reset")


@receiver(authenticator_added, dispatch_uid="accounts.factor_added")
def record_new_factor(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    """Journal a second factor, and count it as shown in this session."""
    if authenticator.type != "recovery_codes":
        # The code or the key was just shown: this session has passed the second factor.
        record_authentication(
            request, user, method="mfa", id=authenticator.pk, type=authenticator.type
        )
    record_account_event(
        by=user, user=user, tag="factor:added", details={"type": str(authenticator.type)}
    )


@receiver(authenticator_removed, dispatch_uid="accounts.factor_removed")
def record_removed_factor(
    request: HttpRequest, user: User, authenticator: Any, **kwargs: Any
) -> None:
    """Journal a second factor taken away."""
    record_account_event(
        by=user, user=user, tag="factor:removed", details={"type": str(authenticator.type)}
    )


@receiver(authenticator_reset, dispatch_uid="accounts.factor_reset")
def record_new_codes(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    """Journal new recovery codes."""
    record_account_event(by=user, user=user, tag="factor:reset")


@receiver(authentication_failed, dispatch_uid="accounts.factor_failed")
def record_failed_factor(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Journal a right password followed by a wrong code."""
    record_account_event(by=None, user=user, tag="factor:refused")
