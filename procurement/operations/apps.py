"""Registers the app: health of the platform, its journal, backup and restore."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "procurement.operations"
    label = "operations"
    verbose_name = "Exploitation"

    def ready(self) -> None:
        from procurement.access.registry import register_matrix
        from procurement.audit.registry import note
        from procurement.jobs.registry import register
        from procurement.operations import checks, tasks  # noqa: F401
        from procurement.operations.domain.minutes import AT_ONCE
        from procurement.operations.enums import EtatSante
        from procurement.operations.models import MinuteSante
        from procurement.operations.permissions import MATRIX
        from procurement.operations.services.attestations import KIND
        from procurement.operations.services.minutes import KEPT

        register_matrix(MATRIX)
        register(KIND, run=tasks.write_attestation, pages=tasks.pages_of_attestations)
        note(
            MinuteSante,
            instant="minute",
            written="written_at",
            kept=KEPT,
            delay=AT_ONCE,
            late={"etat": str(EtatSante.EN_PANNE)},
        )
