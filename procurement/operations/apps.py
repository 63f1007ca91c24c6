"""Registers the app: health of the platform, backup and restore. It owns no table."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "procurement.operations"
    label = "operations"
    verbose_name = "Exploitation"
