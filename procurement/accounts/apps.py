"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "procurement.accounts"
    label = "accounts"

    def ready(self) -> None:
        from procurement.accounts import checks, receivers  # noqa: F401
        from procurement.accounts.models import User
        from procurement.audit.registry import protect
        from procurement.audit.services import PLATFORM_CHAIN

        protect(
            User,
            columns=("is_active", "is_administrateur", "deactivated_at", "created_at"),
            chain=lambda user: PLATFORM_CHAIN,
            versioned=False,
            # Secrets, what a person changes of herself (told as events), her last sign-in.
            exclude=("password", "last_login", "email", "prenom", "nom", "is_password_short"),
            initial={"is_active": True, "is_administrateur": False, "deactivated_at": None},
        )
