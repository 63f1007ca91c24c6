"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "procurement.jobs"
    label = "jobs"
    verbose_name = "Travaux"

    def ready(self):
        from procurement.access.registry import register_matrix, register_resource
        from procurement.accounts.registry import register_mail_door
        from procurement.jobs import checks  # noqa: F401
        from procurement.jobs.permissions import JOB, MATRIX
        from procurement.jobs.registry import register
        from procurement.jobs.services.mails import MAIL, ask_mail, send_mail

        register_resource(JOB)
        register_matrix(MATRIX)
        register(MAIL, run=send_mail)
        register_mail_door(ask_mail)
