"""Seal the heads of all chains; run daily, and at publications."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from procurement.audit.services import seal_evidence


class Command(BaseCommand):
    help = "Store a Merkle root over all chains and print it, to be kept elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--publication", default="", help="Where the root is published.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        seal = seal_evidence(publication=options["publication"])
        facts = {
            "sceau": seal.pk,
            "instant": seal.instant.isoformat(),
            "racine": bytes(seal.racine).hex(),
            "chaines": seal.n,
        }
        if options["json"]:
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(
                f"Sceau n° {facts['sceau']} du {facts['instant']} sur {facts['chaines']} chaînes : "
                f"{facts['racine']}"
            )
