"""The demonstration as an application, for its command."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "procurement.demo"
    label = "demo"
    verbose_name = "Démonstration"

    def ready(self):
        from procurement.accounts.registry import show_sign_ins
        from procurement.demo.seed import sign_ins

        show_sign_ins(sign_ins())
