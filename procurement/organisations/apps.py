"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "procurement.organisations"
    label = "organisations"
