"""Second factors at rest: encrypted under SECRET_KEY, readable under its fallbacks while it changes."""

import base64
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from procurement.audit.services import PLATFORM_CHAIN, record_event


def vault() -> MultiFernet:
    """Return the cipher of second-factor secrets, keyed by SECRET_KEY and its fallbacks."""
    keys = []
    for secret in map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)):
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"procurement.accounts:mfa")
        keys.append(Fernet(base64.urlsafe_b64encode(derive.derive(secret.encode()))))
    return MultiFernet(keys)


@transaction.atomic
def renew_factors() -> tuple[int, int]:
    """Encrypt every second factor again under SECRET_KEY, so that its fallbacks may be taken away.

    Returns (how many were, how many no known key opens: their owners set theirs up again). The
    journal of the platform keeps both numbers.
    """
    cipher, done, lost = vault(), 0, 0
    for factor in Authenticator.objects.select_for_update().order_by("pk"):
        try:
            data = {name: _renewed(cipher, name, value) for name, value in factor.data.items()}
        except InvalidToken:
            lost += 1
            continue
        if data != factor.data:
            factor.data = data
            factor.save(update_fields=["data"])
            done += 1
    record_event(
        by=None,
        tag="accounts:factors:renewed",
        chain=PLATFORM_CHAIN,
        objet=f"chaine:{PLATFORM_CHAIN}",
        details={"rechiffrés": done, "illisibles": lost},
    )
    return done, lost


ENCRYPTED = ("secret", "seed", "migrated_codes")
"""What allauth encrypts: of an application, of recovery codes. A key has nothing to hide."""


def _renewed(cipher: MultiFernet, name: str, value: Any) -> Any:
    if name not in ENCRYPTED:
        return value
    if isinstance(value, list):
        return [_renewed(cipher, name, one) for one in value]
    return cipher.rotate(value.encode()).decode()
