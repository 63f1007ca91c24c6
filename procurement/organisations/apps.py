"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "procurement.organisations"
    label = "organisations"

    def ready(self) -> None:
        from procurement.audit.registry import protect
        from procurement.audit.services import PLATFORM_CHAIN
        from procurement.organisations.models import Direction, Membership, Organisation

        def chain(row: object) -> object:
            return PLATFORM_CHAIN

        protect(Organisation, columns=["nom", "type", "siret"], chain=chain)
        protect(Direction, columns=["organisation", "nom", "sigle", "is_juridique"], chain=chain)
        protect(
            Membership,
            columns=["organisation", "user", "direction", "fonction", "intitule", "is_active"],
            chain=chain,
        )
