"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "procurement.ui"
    label = "ui"
