"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "procurement.documents"
    label = "documents"

    def ready(self):
        """Register the system checks."""
        from procurement.documents import checks  # noqa: F401
