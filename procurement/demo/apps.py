"""The demonstration as an application, for its command."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "procurement.demo"
    label = "demo"
    verbose_name = "Démonstration"
