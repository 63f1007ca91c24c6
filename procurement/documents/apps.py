"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "procurement.documents"
    label = "documents"

    def ready(self):
        """Register the system checks, and the files to verify."""
        from procurement.audit.registry import add_files, freeze, protect
        from procurement.documents import checks  # noqa: F401
        from procurement.documents.models import StoredFile
        from procurement.documents.services.evidence import list_bytes

        add_files(list_bytes)
        identity = ("sha256", "nom", "type_mime", "taille", "chaine", "created_by", "created_at")
        protect(
            StoredFile,
            columns=(*identity, "statut", "signature"),
            chain="chaine",
            versioned=False,
            # When the antivirus was last asked, whatever it answered.
            exclude=("analysed_at",),
        )
        freeze(StoredFile, columns=("id", *identity))
