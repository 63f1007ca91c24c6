"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "procurement.access"
    label = "access"

    def ready(self) -> None:
        from procurement.access.permissions import MATRIX
        from procurement.access.registry import register_matrix

        register_matrix(MATRIX)
