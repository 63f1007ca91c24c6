"""Give a member of an organisation another function, or end the membership. For who runs the server."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.organisations.enums import Fonction
from procurement.organisations.management.arguments import add_member_arguments
from procurement.organisations.models import Membership
from procurement.organisations.services import change_fonction, end_membership
from procurement.organisations.validators import compact_siret


class Command(BaseCommand):
    help = (
        "Change la fonction d’un membre d’une organisation, ou met fin à son appartenance. L’effet "
        "est immédiat\u202f; ce que la personne a écrit garde son nom."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_member_arguments(parser)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--fonction", choices=Fonction.values)
        what.add_argument(
            "--fin", action="store_true", help="La personne ne travaille plus pour l’organisation."
        )
        parser.add_argument("--motif", default="", help="Pourquoi, gardé au journal.")

    def handle(self, *args: Any, **options: Any) -> None:
        membership = Membership.objects.filter(
            organisation__siret=compact_siret(options["organisation"]),
            user__email=options["courriel"],
            is_active=True,
        ).first()
        if membership is None:
            raise CommandError(
                f"{options['courriel']} n’appartient pas à l’organisation {options['organisation']}."
            )
        try:
            if options["fin"]:
                membership = end_membership(by=None, membership=membership, motif=options["motif"])
            else:
                membership = change_fonction(
                    by=None,
                    membership=membership,
                    fonction=Fonction(options["fonction"]),
                    motif=options["motif"],
                )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        told = {
            "courriel": options["courriel"],
            "fonction": membership.fonction,
            "en_fonction": membership.is_active,
        }
        self.stdout.write(json.dumps(told, ensure_ascii=False))
