"""Hand over the receipt of an act of a marché: a publication, a review, a decision."""

import json
from pathlib import Path

from procurement.access.services.commands import ActingCommand, fail, write_output
from procurement.audit.selectors import list_entries
from procurement.audit.services import receipt_document
from procurement.marches.permissions import Action
from procurement.marches.services.evidence import make_receipt


class Command(ActingCommand):
    help = "Écrit le reçu d’un acte du marché\u202f: de qui, de quoi, quand, et l’empreinte de sa ligne."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--marche", required=True, metavar="UUID")
        parser.add_argument(
            "--ligne", type=int, metavar="N", help="Ligne du journal\u202f; la dernière par défaut."
        )
        parser.add_argument("-o", "--sortie", required=True, type=Path, metavar="FICHIER")

    def handle(self, *args, **options):
        user = self.person(options)
        marche = self.fetch(user, Action.HISTORY_READ, options["marche"])
        asked = options["ligne"]
        found = list_entries(marche.pk, before=asked + 1 if asked else None, limit=1)
        if not found or (asked and found[0].seq != asked):
            fail("Cette ligne n’existe pas.")
        entry = found[0]
        if entry.caviarde:
            fail("Cette ligne est caviardée\u202f: elle ne dit plus ce qui a été fait.")
        receipt = make_receipt(marche, entry, by=user)
        said = receipt_document(receipt)
        write_output(
            options["sortie"], (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
        )
        self.answer(said)
