"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "procurement.organisations"
    label = "organisations"

    def ready(self) -> None:
        from procurement.accounts.registry import require_second_factor
        from procurement.audit.registry import describe_actors, protect
        from procurement.audit.services import PLATFORM_CHAIN
        from procurement.organisations.models import Direction, Membership, Organisation
        from procurement.organisations.selectors import describe_member, sensitive_fonctions

        require_second_factor(sensitive_fonctions)
        describe_actors(describe_member)
        protect(Organisation, columns=["nom", "type", "siret", "created_at"], chain=PLATFORM_CHAIN)
        protect(
            Direction,
            columns=["organisation", "nom", "sigle", "is_juridique", "created_at"],
            chain=PLATFORM_CHAIN,
        )
        protect(
            Membership,
            columns=[
                "organisation",
                "user",
                "direction",
                "fonction",
                "intitule",
                "is_active",
                "created_at",
                "ended_at",
            ],
            chain=PLATFORM_CHAIN,
        )
