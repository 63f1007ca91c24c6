"""Back up the database and the stored files. Exit 0 whole, 1 refused or incomplete."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.formats import number_format

from procurement.operations.services import OperationRefused, backup


class Command(BaseCommand):
    help = "Sauvegarde la base et les fichiers, dans un nouveau dossier de celui qu’on donne."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "dossier", type=Path, help="Où ranger la sauvegarde, hors du serveur si possible."
        )
        parser.add_argument("--json", action="store_true", help="Une ligne JSON en sortie.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = backup(into=options["dossier"].absolute(), say=self.stderr.write)
        except OperationRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            told = {
                "dossier": str(made.folder),
                "instant": made.instant.isoformat(),
                "fichiers": made.files,
                "octets": made.bytes,
                "manquants": made.missing,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            size = number_format(made.bytes / 2**20, 1)
            self.stdout.write(f"Sauvegarde faite\u202f: {made.folder}")
            self.stdout.write(f"  la base, et {made.files} fichiers ({size}\u00a0Mio)")
            self.stdout.write("  SECRET_KEY n’y est pas\u202f: gardez-la ailleurs (LISEZ-MOI.txt).")
        if made.missing:
            self.stderr.write(
                f"{len(made.missing)} fichiers nommés par la base manquent ou sont altérés, et ne sont pas "
                f"dans la sauvegarde\u202f: {', '.join(made.missing[:10])}"
            )
            sys.exit(1)
