"""Name the person who administers the platform. For who runs the server, at the first start."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from procurement.accounts.services import announce_account, name_administrateur, password_link


class Command(BaseCommand):
    help = "Ouvre le compte du premier administrateur, et lui écrit pour qu’il choisisse son mot de passe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--courriel", required=True, metavar="E-MAIL")
        parser.add_argument("--prenom", required=True)
        parser.add_argument("--nom", required=True)
        parser.add_argument(
            "--de-plus", action="store_true", help="Même si la plateforme en a déjà un."
        )
        parser.add_argument(
            "--lien",
            action="store_true",
            help="Afficher le lien au lieu d’écrire\u202f: il ouvre le compte, ne le confiez qu’à son titulaire.",
        )
        parser.add_argument("--json", action="store_true", help="Une ligne JSON en sortie.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                user = name_administrateur(
                    by=None,
                    email=options["courriel"],
                    prenom=options["prenom"],
                    nom=options["nom"],
                    one_more=options["de_plus"],
                )
                if not options["lien"]:
                    announce_account(user)
        except ValidationError as error:
            hint = " (--de-plus)" if getattr(error, "code", "") == "deja" else ""
            raise CommandError(" ".join(error.messages) + hint) from error
        link = password_link(user) if options["lien"] else ""
        if options["json"]:
            told = {"uuid": str(user.pk), "courriel": user.email, "lien": link}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"Compte ouvert pour {user.get_full_name()}, administrateur.")
        if link:
            self.stdout.write(f"Mot de passe à choisir dans les deux heures\u202f: {link}")
        else:
            self.stdout.write(
                f"Un courriel part vers {user.email}\u202f: le lien qu’il porte vaut deux heures. "
                "Ensuite, «\u202fMot de passe oublié\u202f» en donne un autre."
            )
