"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class MarchesConfig(AppConfig):
    name = "procurement.marches"
    label = "marches"
