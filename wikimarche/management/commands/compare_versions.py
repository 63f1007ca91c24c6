"""Compare two versions of a pièce from the command line."""

import json

from procurement.access.services.commands import ActingCommand, fail
from wikimarche.permissions import Action
from wikimarche.selectors import compare_versions, find_version, list_changes


class Command(ActingCommand):
    help = "Compare deux versions d’une pièce\u202f; chaque changement a son genre, son article, son auteur."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--piece", required=True, metavar="UUID")
        parser.add_argument("--de", required=True, type=int, metavar="N")
        parser.add_argument("--a", required=True, type=int, metavar="M")
        parser.add_argument("--format", default="json", choices=["json", "texte"])

    def handle(self, *args, **options):
        user = self.person(options)
        piece = self.fetch(user, Action.PIECE_COMPARE, options["piece"])
        de, a = find_version(piece, options["de"]), find_version(piece, options["a"])
        if de is None or a is None:
            fail("Une de ces versions n’existe pas dans la pièce.")
        changes = list_changes(piece, de, a, compare_versions(piece, de, a))
        if options["format"] == "json":
            self.stdout.write(json.dumps(changes, ensure_ascii=False, default=str))
            return
        for change in changes:
            self.stdout.write(
                f"{change['kind']:14} {change['number']:8} {change['title']} ({change['author']})"
            )
