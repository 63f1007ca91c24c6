"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "procurement.documents"
    label = "documents"

    def ready(self):
        """Register the system checks, and the files to verify."""
        from procurement.audit.registry import add_files
        from procurement.documents import checks  # noqa: F401
        from procurement.documents.services.evidence import list_bytes

        add_files(list_bytes)
