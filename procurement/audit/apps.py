"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "procurement.audit"
    label = "audit"
