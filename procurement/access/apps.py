"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "procurement.access"
    label = "access"
