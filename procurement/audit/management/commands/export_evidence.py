"""Write a chain as JSON lines, for the stand-alone verifier."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.audit.services import export_chain


class Command(BaseCommand):
    help = "Write the journal of a chain as JSON lines; check them with verifier.py."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chain", "--marche", type=UUID, required=True, dest="chain")
        parser.add_argument("-o", "--sortie", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["sortie"].open("w", encoding="utf-8") as stream:
                for line in export_chain(options["chain"]):
                    stream.write(line + "\n")
        except OSError as error:
            raise CommandError(
                f"{options['sortie']} ne peut pas être écrit\u202f: vérifiez que son dossier existe "
                "et que vous pouvez y écrire."
            ) from error
