"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "procurement.accounts"
    label = "accounts"

    def ready(self) -> None:
        from procurement.accounts import checks, receivers  # noqa: F401
        from procurement.accounts.models import User
        from procurement.audit.registry import keep

        keep(User)
