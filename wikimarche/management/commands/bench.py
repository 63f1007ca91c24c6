"""Measure what the product promises, on generated pièces of growing size."""

import json
from importlib import import_module

from django.core.management.base import BaseCommand, CommandError

from procurement.accounts.models import User
from wikimarche.management.measures.rows import machine


MEASURES = {
    "compare": "comparing",
    "save": "saving",
    "open": "opening",
    "verify": "verifying",
}
"""Name → module of wikimarche.management.measures with measure(quick) → rows."""


class Command(BaseCommand):
    help = (
        "Mesure la comparaison, l’enregistrement, l’ouverture ou la vérification, en lignes JSON\u202f;"
        " la dernière dit si les buts sont tenus. À lancer par ./wm bench\u202f: la base doit être vide."
    )

    def add_arguments(self, parser):
        parser.add_argument("nom", choices=sorted(MEASURES))
        parser.add_argument("--json", action="store_true", help="lignes JSON (toujours)")
        parser.add_argument(
            "--wagtail",
            metavar="PYTHON",
            default="",
            help="avec compare\u202f: le Python d’un environnement où Wagtail est installé, pour mesurer sa"
            " comparaison sur les mêmes textes (./wm bench compare --wagtail le prépare)",
        )
        parser.add_argument("--court", action="store_true", help="petites tailles, pour les essais")

    def handle(self, *args, **options):
        if User.objects.exists():
            raise CommandError(
                "Une mesure écrit des milliers de lignes\u202f: elle veut une base vide. ./wm bench la donne."
            )
        module = import_module(f"wikimarche.management.measures.{MEASURES[options['nom']]}")
        passed = {}
        asked = {"wagtail": options["wagtail"]} if options["wagtail"] else {}
        if asked and options["nom"] != "compare":
            raise CommandError("--wagtail ne va qu’avec la mesure «\u202fcompare\u202f».")
        for row in module.measure(quick=options["court"], **asked):
            passed = row.get("passed", passed)
            self.stdout.write(json.dumps({**row, **machine()}, ensure_ascii=False, default=str))
            self.stdout.flush()
        if not all(passed.values()):
            raise CommandError("Au moins un but n’est pas tenu.")
