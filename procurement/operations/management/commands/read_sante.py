"""Say how the platform is. Exit 0 up, 1 degraded, 2 down."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from procurement.operations.enums import EtatSante, Organe
from procurement.operations.selectors import Sante, read_sante


CODES = {EtatSante.EN_MARCHE: 0, EtatSante.DEGRADEE: 1, EtatSante.EN_PANNE: 2}
WORDS = {
    EtatSante.EN_MARCHE: "en marche",
    EtatSante.DEGRADEE: "dégradée",
    EtatSante.EN_PANNE: "en panne",
}


class Command(BaseCommand):
    help = (
        "Dit l’état de la plateforme, organe par organe. Code 0 en marche, 1 dégradée, 2 en panne."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Une ligne JSON en sortie.")
        parser.add_argument(
            "--organe",
            choices=[*Organe],
            help="Ne juger que celui-là, pour la sonde d’un conteneur.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sante = read_sante()
        if options["organe"]:
            kept = [one for one in sante.constats if one.organe == options["organe"]]
            # Not looked at: the database is down, and everything that asks it with it.
            sante = Sante(tuple(kept or sante.constats))
        if options["json"]:
            constats = {
                one.organe: {"etat": one.absent or one.etat, "mots": one.mots}
                for one in sante.constats
            }
            told = {"etat": sante.etat, "constats": constats}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self.stdout.write(f"Plateforme {WORDS[sante.etat]}.")
            for one in sante.constats:
                state = one.absent or WORDS[one.etat]
                self.stdout.write(f"  {one.organe:<12} {state:<10} {one.mots}")
        if CODES[sante.etat]:
            sys.exit(CODES[sante.etat])
