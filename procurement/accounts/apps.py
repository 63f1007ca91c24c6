"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "procurement.accounts"
    label = "accounts"

    def ready(self) -> None:
        from allauth.account.models import EmailAddress

        from procurement.accounts import checks, receivers  # noqa: F401
        from procurement.accounts.models import User
        from procurement.audit.registry import protect, tell
        from procurement.audit.services import PLATFORM_CHAIN

        protect(
            User,
            columns=(
                "is_active",
                "is_administrateur",
                "deactivated_at",
                "created_at",
                "prenom",
                "nom",
            ),
            chain=PLATFORM_CHAIN,
            versioned=False,
            # Secrets, the address (told by its digest once it is proved), the last sign-in.
            exclude=("password", "last_login", "email", "is_password_short"),
            initial={"is_active": True, "is_administrateur": False, "deactivated_at": None},
        )
        tell(
            EmailAddress,
            chain=PLATFORM_CHAIN,
            subject="user",
            state={"verified": True},
            hashed=("email",),
            detail="adresse",
        )
