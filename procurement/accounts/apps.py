"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "procurement.accounts"
    label = "accounts"

    def ready(self) -> None:
        from procurement.accounts import checks, receivers

        assert checks and receivers  # noqa: S101 imported for their registrations
