"""Removes stored bytes that nothing refers to."""

from django.core.management.base import BaseCommand

from procurement.documents.services import sweep_files


class Command(BaseCommand):
    help = "Retire les fichiers de plus d’une heure qu’aucune ligne ne désigne."

    def add_arguments(self, parser):
        parser.add_argument("--essai", action="store_true", help="montre sans rien retirer")

    def handle(self, *args, essai: bool, **options):
        swept = sweep_files(dry_run=essai)
        for name in swept:
            self.stdout.write(name)
        self.stderr.write(f"{len(swept)} fichier(s) {'à retirer' if essai else 'retiré(s)'}.")
