"""Load the demonstration."""

import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from procurement.demo.people import PASSWORD
from procurement.demo.seed import seed, sign_ins
from procurement.documents.services import accepts_unscanned, is_configured, ping


class Command(BaseCommand):
    help = "Charge la démonstration\u202f: une région, une commune, leurs agents et leurs marchés."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Les comptes en une ligne JSON.")
        parser.add_argument(
            "--oui",
            action="store_true",
            help="Charger même hors démonstration\u202f: des mots de passe connus de tous.",
        )

    def handle(self, *args, **options):
        if not (settings.DEMO or options["oui"]):
            raise CommandError(
                "Les mots de passe de la démonstration sont publics\u202f: elle ne se charge "
                "qu’avec DEMO=on."
            )
        # Its documents are received as anybody's: without a verdict they stay closed, and the
        # story could not go on.
        if is_configured() and not ping():
            raise CommandError(
                f"L’antivirus ne répond pas à l’adresse {settings.CLAMAV_URL} (CLAMAV_URL)\u202f: la "
                "démonstration ne peut pas ouvrir ses documents, et rien n’a été chargé. Démarrez "
                "clamd, ou relancez sans CLAMAV_URL."
            )
        if not is_configured() and not accepts_unscanned():
            raise CommandError(
                "Sans antivirus (CLAMAV_URL), la démonstration ne peut pas ouvrir ses documents, "
                "et rien n’a été chargé\u202f: UNSCANNED_FILES=accepter le permet."
            )
        told = seed(lambda words: self.stderr.write(f"  {words}"))
        comptes = list(sign_ins())
        if options["json"]:
            told_of = [
                {name: getattr(compte, name) for name in ("email", "nom", "poste", "organisation")}
                for compte in comptes
            ]
            answer = {"marches": told, "mot_de_passe": PASSWORD, "comptes": told_of}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        organisation = ""
        for compte in comptes:
            if compte.organisation != organisation:
                organisation = compte.organisation
                self.stdout.write(f"\n{organisation}")
            self.stdout.write(f"  {compte.email:<34}{compte.nom}, {compte.poste}")
        self.stdout.write(f"\nMot de passe de tous\u202f: {PASSWORD}")
