"""Encrypt second factors again, before a former SECRET_KEY is taken away."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from procurement.accounts.services import renew_factors


class Command(BaseCommand):
    help = (
        "Chiffre de nouveau les doubles authentifications avec SECRET_KEY\u202f: les anciennes, dans"
        " SECRET_KEY_FALLBACKS, peuvent alors être retirées."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Une ligne JSON en sortie.")

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = renew_factors()
        if options["json"]:
            self.stdout.write(json.dumps({"rechiffres": done, "illisibles": lost}))
            return
        self.stdout.write(f"Doubles authentifications chiffrées de nouveau\u202f: {done}.")
        if lost:
            self.stdout.write(
                f"Illisibles sous les clés données\u202f: {lost}. Donnez l’ancienne clé dans"
                " SECRET_KEY_FALLBACKS, ou ces personnes referont la leur."
            )
