"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "procurement.organisations"
    label = "organisations"

    def ready(self) -> None:
        from procurement.accounts.registry import require_second_factor
        from procurement.audit.registry import protect
        from procurement.audit.services import PLATFORM_CHAIN
        from procurement.organisations.models import Direction, Membership, Organisation
        from procurement.organisations.selectors import has_sensitive_fonction

        require_second_factor(has_sensitive_fonction)
        protect(Organisation, columns=["nom", "type", "siret"], chain=lambda _: PLATFORM_CHAIN)
        protect(
            Direction,
            columns=["organisation_id", "nom", "sigle", "is_juridique"],
            chain=lambda _: PLATFORM_CHAIN,
        )
        protect(
            Membership,
            columns=["organisation_id", "user_id", "direction_id", "fonction", "is_active"],
            chain=lambda _: PLATFORM_CHAIN,
        )
