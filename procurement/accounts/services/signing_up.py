"""From signing up to signing in, what the session remembers: where one was going, and the address just verified.

Neither tells who has an account: the first is kept for a known address too, the second for who opened the link of a mail.
"""

from typing import Any


_GOING_TO = "accounts:suite"
_VERIFIED = "accounts:adresse_verifiee"


def keep_destination(session: Any, url: str | None) -> None:
    """Remember where who signs up was going; url is of this site."""
    session[_GOING_TO] = url or ""


def take_destination(session: Any) -> str:
    """Say once where who signed up was going, "" when it was nowhere."""
    return str(session.pop(_GOING_TO, ""))


def keep_verified(session: Any, email: str) -> None:
    """Remember the address that its owner has just verified."""
    session[_VERIFIED] = email


def take_verified(session: Any) -> str:
    """Say once the address just verified: whoever sits down there next does not read it."""
    return str(session.pop(_VERIFIED, ""))
