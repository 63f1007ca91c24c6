"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "procurement.jobs"
    label = "jobs"
    verbose_name = "Travaux"

    def ready(self):
        from procurement.access.registry import register_matrix, register_resource
        from procurement.jobs.permissions import JOB, MATRIX

        register_resource(JOB)
        register_matrix(MATRIX)
