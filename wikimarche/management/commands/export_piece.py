"""Write a pièce to a file from the command line."""

from pathlib import Path

from procurement.access.services.commands import ActingCommand, check_output, fail, write_output
from procurement.documents.services import ChildFailed
from wikimarche.enums import FormatExport
from wikimarche.permissions import Action
from wikimarche.reports.exports import write_export
from wikimarche.selectors import find_version, last_version
from wikimarche.services import record_export


class Command(ActingCommand):
    help = "Écrit une pièce en PDF, .docx, .odt ou Markdown."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--piece", required=True, metavar="UUID")
        parser.add_argument("--format", default=FormatExport.PDF, choices=FormatExport.values)
        parser.add_argument(
            "--version-piece", type=int, metavar="N", help="La dernière par défaut."
        )
        parser.add_argument("-o", "--sortie", required=True, type=Path, metavar="FICHIER")

    def handle(self, *args, **options):
        user = self.person(options)
        piece = self.fetch(user, Action.PIECE_EXPORT, options["piece"])
        asked = options["version_piece"]
        version = last_version(piece) if asked is None else find_version(piece, asked)
        if version is None:
            fail("La pièce est encore vide." if asked is None else "Cette version n’existe pas.")
        check_output(options["sortie"])
        try:
            export = write_export(piece, version, FormatExport(options["format"]))
        except ChildFailed as error:
            fail(error.reason)
        # Before the file: nothing leaves without its line in the journal.
        record_export(by=user, piece=piece, version=version, format=FormatExport(options["format"]))
        write_output(options["sortie"], export.content)
        self.answer(
            {
                "fichier": options["sortie"],
                "octets": len(export.content),
                "version": version.numero,
                "empreinte": version.empreinte,
            },
            sortie=options["sortie"],
        )
