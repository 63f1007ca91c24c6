"""Write the evidence of a marché, or of everything, as one ZIP that Python alone can check."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.audit.services import UnknownChain, write_pack
from procurement.ui.typographie import format_pluriel


class Command(BaseCommand):
    help = (
        "Écrit le dossier de preuve d’un marché, ou de tout\u202f: journal, versions, sceaux, reçus et vérificateur,"
        " en un fichier ZIP."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        asked = parser.add_mutually_exclusive_group(required=True)
        asked.add_argument("--marche", "--chain", type=UUID, dest="chain", metavar="UUID")
        asked.add_argument("--tout", action="store_true", help="Toutes les chaînes.")
        parser.add_argument("-o", "--sortie", type=Path, required=True, metavar="FICHIER.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        chain, out = options["chain"], options["sortie"]
        titre = f"Marché {chain}" if chain else "Toutes les chaînes de la plateforme"
        waiting = out.with_name(f".{out.name}.en-cours")
        try:
            with waiting.open("xb") as stream:
                pack = write_pack(stream, chain=chain, titre=titre)
                stream.flush()
                os.fsync(stream.fileno())
            waiting.replace(out)
        except UnknownChain as error:
            raise CommandError(
                f"Aucun marché ni aucune chaîne ne porte l’identifiant {error}."
            ) from error
        except OSError as error:
            raise CommandError(
                f"{out} ne peut pas être écrit\u202f: vérifiez que son dossier existe et que vous pouvez y écrire."
            ) from error
        finally:
            waiting.unlink(missing_ok=True)
        self.stdout.write(
            f"{out}\u202f: {format_pluriel(pack.entries, 'ligne')}, {format_pluriel(pack.chains, 'chaîne')}, "
            f"{format_pluriel(pack.seals, 'sceau', 'sceaux')}, {format_pluriel(pack.receipts, 'reçu')}."
        )
