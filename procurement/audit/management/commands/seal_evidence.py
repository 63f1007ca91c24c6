"""Seal the heads of all chains; run daily, and at publications."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.audit.services import seal_document, seal_evidence


class Command(BaseCommand):
    help = "Store a Merkle root over all chains and print it, to be kept elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--publication", default="", help="Where the root is published.")
        parser.add_argument(
            "-o",
            "--sortie",
            type=Path,
            help="File to be kept elsewhere; verify_evidence --sceau reads it.",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        seal = seal_evidence(publication=options["publication"])
        facts = seal_document(seal)
        text = json.dumps(facts, ensure_ascii=False)
        if options["sortie"]:
            try:
                options["sortie"].write_text(text + "\n", encoding="utf-8")
            except OSError as error:
                raise CommandError(
                    f"Le sceau n°\u00a0{seal.pk} est posé, mais {options['sortie']} ne peut pas être écrit."
                ) from error
        if options["json"]:
            self.stdout.write(text)
        else:
            self.stdout.write(
                f"Sceau n°\u00a0{facts['sceau']} du {facts['instant']} sur {facts['chaines']} chaînes\u202f: "
                f"{facts['racine']}"
            )
