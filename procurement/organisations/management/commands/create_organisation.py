"""Create an organisation. For who runs the server: no page does it yet."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.organisations.enums import TypeOrganisation
from procurement.organisations.services import create_organisation


class Command(BaseCommand):
    help = 'Crée une organisation. Réponse\u202f: {"uuid": …, "nom": …, "siret": …}'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--nom", required=True)
        parser.add_argument("--siret", default="", help="Quatorze chiffres, espaces permis.")
        parser.add_argument(
            "--type", choices=TypeOrganisation.values, default=TypeOrganisation.ACHETEUR
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organisation = create_organisation(
                by=None,
                nom=options["nom"],
                type=TypeOrganisation(options["type"]),
                siret=options["siret"] or None,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        told = {
            "uuid": str(organisation.pk),
            "nom": organisation.nom,
            "siret": organisation.siret,
        }
        self.stdout.write(json.dumps(told, ensure_ascii=False))
