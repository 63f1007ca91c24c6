"""Install the triggers and grants of the evidence; migrate does it too."""

from typing import Any

from django.core.management.base import BaseCommand

from procurement.audit.services.installation import install_evidence


class Command(BaseCommand):
    help = "Install missing triggers and grants, as the owner of the tables. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{install_evidence()} déclencheur(s) posé(s).")
