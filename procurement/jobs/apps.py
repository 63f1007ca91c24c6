"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "procurement.jobs"
    label = "jobs"
