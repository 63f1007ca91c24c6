"""Restore a backup into an empty place. Exit 0 sound, 1 refused or not sound."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from procurement.operations.services import OperationRefused, Restored, restore


class Command(BaseCommand):
    help = (
        "Restaure une sauvegarde dans une base et un dossier vides, puis vérifie toute l’histoire."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dossier", type=Path, help="Le dossier qu’a fait backup.")
        parser.add_argument("--json", action="store_true", help="Une ligne JSON en sortie.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            back = restore(folder=options["dossier"].absolute(), say=self.stderr.write)
        except OperationRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            told = {
                "ok": back.is_sound,
                "instant": back.instant.isoformat(),
                "fichiers": back.files,
                "manquants": back.missing,
                "tetes": back.same_heads,
                "cle": back.same_key,
                "lignes": back.report.entries,
                "chaines": back.report.chains,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for line in in_words(back):
                self.stdout.write(line)
        if not back.is_sound:
            sys.exit(1)


def in_words(back: Restored) -> list[str]:
    """The verdict, what is lost, and what remains to do."""
    instant = timezone.localtime(back.instant)
    lines = [
        f"Restauré\u202f: la base et {back.files} fichiers, tels qu’ils étaient le {instant:%d/%m/%Y à %H:%M:%S}.",
        "Ce qui a été écrit après cet instant n’y est pas.",
    ]
    if back.is_sound:
        read = f"{back.report.entries} lignes, {back.report.chains} chaînes"
        lines.append(f"Sain\u202f: {read}, et chaque chaîne finit où la sauvegarde le dit.")
    else:
        lines += [f"  {found.words}" for found in back.report.breaks]
        lines += [f"  fichier absent de la sauvegarde\u202f: {sha256}" for sha256 in back.missing]
        if not back.same_heads:
            lines.append("  une chaîne au moins ne finit pas où la sauvegarde le dit.")
    if not back.same_key:
        lines.append(
            "SECRET_KEY n’est pas celle de la sauvegarde\u202f: les seconds facteurs ne se lisent plus. "
            "Remettez-la, ou chacun devra refaire le sien."
        )
    return lines
