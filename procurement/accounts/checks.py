"""Settings that would open an account to somebody else, seen at start and at deployment."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.checks import Error, Warning, register
from django.db import DatabaseError

from procurement.accounts.adapters import SHORT_CHAIN


@register("accounts")
def check_limits_are_shared(**kwargs: Any) -> list[Error]:
    """Refuse a cache that each process keeps for itself."""
    backend = settings.CACHES["default"]["BACKEND"]
    if backend.endswith(("LocMemCache", "DummyCache")):
        return [
            Error(
                "Sign-in limits and one-time codes live in the default cache, which each process "
                "would keep for itself.",
                hint="Use the database cache for the default alias.",
                id="accounts.E001",
            )
        ]
    return []


@register("accounts")
def check_second_factor_has_no_bypass(**kwargs: Any) -> list[Error]:
    """Refuse the settings that let people around the second factor."""
    open_doors = [
        name
        for name in (
            "MFA_TOTP_INSECURE_BYPASS_CODE",
            "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN",
            "MFA_TRUST_ENABLED",
        )
        if getattr(settings, name, None)
    ]
    return [Error(f"{name} weakens the second factor.", id="accounts.E002") for name in open_doors]


@register("accounts", deploy=True)
def check_hosts_and_demo(**kwargs: Any) -> list[Error | Warning]:
    """Look at what only a deployment must not do."""
    found: list[Error | Warning] = []
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error("ALLOWED_HOSTS holds *: a forged Host reaches the pages.", id="accounts.E003")
        )
    if settings.DEMO:
        found.append(
            Error(
                "DEMO is on: known passwords, second factor not compulsory, mails read by anyone.",
                id="accounts.E004",
            )
        )
    elif settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        found.append(
            Error("Mails are written in files, as in the demonstration.", id="accounts.E005")
        )
    if settings.HTTPS and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        found.append(
            Warning(
                "No trusted proxy: behind one, all sign-in limits would count a single address.",
                hint="Set TRUSTED_PROXIES to the number of proxies in front.",
                id="accounts.W001",
            )
        )
    return found


@register("accounts", deploy=True)
def check_proxies_are_as_many(**kwargs: Any) -> list[Error]:
    """Tell of a sign-in of the last day that came through fewer proxies than are declared."""
    try:
        seen = cache.get(SHORT_CHAIN)
    except DatabaseError:
        return []
    declared = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if seen is None or seen >= declared:
        return []
    return [
        Error(
            f"TRUSTED_PROXIES is {declared} and sign-ins came through {seen}: limits count the nearest proxy.",
            hint="Set TRUSTED_PROXIES to the number of proxies in front.",
            id="accounts.E006",
        )
    ]
