"""The demonstration as an application, for its command."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "procurement.demo"
    label = "demo"
    verbose_name = "Démonstration"

    def ready(self):
        from procurement.accounts.registry import show_sign_ins
        from procurement.demo.seed import sign_ins
        from procurement.demo.temps import TOLD, TOLD_WORDS
        from procurement.marches.registry import register_event_words

        show_sign_ins(sign_ins())
        register_event_words({TOLD: TOLD_WORDS})
