"""Bring a document into a new pièce from the command line."""

from pathlib import Path

from django.db import transaction

from procurement.access.services import AccessRefused
from procurement.access.services.commands import ActingCommand, fail, read_input
from procurement.documents.services import ChildFailed, DocumentRefused
from wikimarche.domain.importing import ImportRefused
from wikimarche.enums import TypePiece
from wikimarche.permissions import Action
from wikimarche.services import (
    create_piece,
    import_received,
    judge_received,
    rename_piece,
    title_of,
)


class Command(ActingCommand):
    help = (
        "Importe un .docx, un .odt ou un .md dans une pièce neuve\u202f; le rapport est en JSON. "
        "Un fichier refusé l’est en moins d’une seconde, une fois la commande démarrée\u202f: "
        "ce démarrage, le même pour toute commande, en prend une à deux de plus."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--marche", required=True, metavar="UUID")
        parser.add_argument("--type", default=TypePiece.CCTP, choices=TypePiece.values)
        parser.add_argument("--titre", default="", help="Celui du document par défaut.")
        parser.add_argument("fichier", type=Path)

    def handle(self, *args, **options):
        user = self.person(options)
        marche = self.fetch(user, Action.PIECE_CREATE, options["marche"])
        path = read_input(options["fichier"])
        try:
            piece, importation = self.bring(user, marche, path, options)
        except (AccessRefused, ChildFailed, DocumentRefused, ImportRefused) as error:
            fail(getattr(error, "reason", "") or str(error))
        self.answer(
            {
                "piece": piece.pk,
                "titre": piece.titre,
                "importation": importation.pk,
                "empreinte": importation.document.sha256,
                **importation.rapport,
            }
        )

    def bring(self, user, marche, path, options):
        """Judge the document first, so that a refused one leaves no empty pièce behind."""
        received = judge_received(by=user, chain=marche.pk, content=path, nom=path.name)
        with transaction.atomic():
            piece = create_piece(
                by=user, marche=marche, type=options["type"], titre=options["titre"]
            )
            importation = import_received(by=user, piece=piece, received=received)
            if not options["titre"] and (titre := title_of(importation)):
                piece = rename_piece(by=user, piece=piece, titre=titre)
        return piece, importation
