"""Make a person a member of an organisation, opening an account if need be. For who runs the server."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from procurement.accounts.models import User
from procurement.accounts.services import announce_account, create_user, password_link
from procurement.organisations.enums import Fonction
from procurement.organisations.management.arguments import add_member_arguments
from procurement.organisations.models import Organisation
from procurement.organisations.services import add_member
from procurement.organisations.validators import compact_siret


class Command(BaseCommand):
    help = (
        "Fait d’une personne un membre d’une organisation. Sans compte, elle en reçoit un, et un "
        "courriel pour choisir son mot de passe. Les autres s’invitent ensuite depuis un marché."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_member_arguments(parser)
        parser.add_argument("--fonction", choices=Fonction.values, default=Fonction.AGENT)
        parser.add_argument("--intitule", default="", help="Intitulé du poste.")
        parser.add_argument("--prenom", default="", help="Pour qui n’a pas encore de compte.")
        parser.add_argument("--nom", default="", help="Pour qui n’a pas encore de compte.")
        parser.add_argument(
            "--lien",
            action="store_true",
            help="Afficher le lien au lieu d’écrire\u202f: il ouvre le compte, ne le confiez qu’à son titulaire.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(
            siret=compact_siret(options["organisation"])
        ).first()
        if organisation is None:
            raise CommandError(
                f"Aucune organisation n’a le SIRET {options['organisation']} (create_organisation)."
            )
        link = ""
        try:
            with transaction.atomic():
                user = User.objects.filter(email=options["courriel"]).first()
                is_new = user is None
                if user is None:
                    user = self._open(options)
                membership = add_member(
                    by=None,
                    organisation=organisation,
                    user=user,
                    fonction=Fonction(options["fonction"]),
                    intitule=options["intitule"],
                )
                if is_new and not options["lien"]:
                    announce_account(user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if is_new and options["lien"]:
            link = password_link(user)
        told = {
            "uuid": str(user.pk),
            "courriel": user.email,
            "organisation": organisation.nom,
            "fonction": membership.fonction,
            "compte": "ouvert" if is_new else "existant",
            "lien": link,
        }
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _open(self, options: dict[str, Any]) -> User:
        if not (options["prenom"] and options["nom"]):
            raise CommandError(
                f"Personne n’a l’adresse {options['courriel']}\u202f: donnez --prenom et --nom."
            )
        return create_user(
            by=None, email=options["courriel"], prenom=options["prenom"], nom=options["nom"]
        )
