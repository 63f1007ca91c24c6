"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "procurement.audit"
    label = "audit"
    verbose_name = "preuve"

    def ready(self) -> None:
        from procurement.audit import checks, receivers  # noqa: F401
        from procurement.audit.services.installation import install_after_migrate

        post_migrate.connect(install_after_migrate, sender=self, dispatch_uid="audit.install")
