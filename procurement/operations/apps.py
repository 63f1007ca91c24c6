"""Registers the app: health of the platform, its journal, backup and restore."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "procurement.operations"
    label = "operations"
    verbose_name = "Exploitation"

    def ready(self) -> None:
        from procurement.access.registry import register_matrix
        from procurement.audit.registry import note
        from procurement.operations.models import MinuteSante
        from procurement.operations.permissions import MATRIX

        register_matrix(MATRIX)
        note(MinuteSante)
