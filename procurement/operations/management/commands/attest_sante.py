"""Make the attestation de fonctionnement of a period: one JSON line, or the PDF."""

import datetime
import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from procurement.access.services.commands import write_output
from procurement.audit.selectors import database_now
from procurement.documents.services import ChildFailed
from procurement.operations.services import check_period, draw_attestation, read_attestation


def read_instant(text: str) -> datetime.datetime:
    """An ISO instant; one without an offset is that of the clock on the wall. Raises ValueError."""
    instant = datetime.datetime.fromisoformat(text)
    return timezone.make_aware(instant) if timezone.is_naive(instant) else instant


class Command(BaseCommand):
    help = "Compte les minutes d’une période d’après le journal de santé\u202f: une ligne JSON, et le PDF avec -o."

    def add_arguments(self, parser: CommandParser) -> None:
        for name, words in (("depuis", "Début, une heure ronde."), ("jusqua", "Fin, exclue.")):
            parser.add_argument(f"--{name}", type=read_instant, required=True, help=words)
        parser.add_argument("-o", "--sortie", type=Path, metavar="FICHIER.pdf")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check_period(options["depuis"], options["jusqua"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        found = read_attestation(options["depuis"], options["jusqua"])
        if options["sortie"]:
            try:
                write_output(options["sortie"], draw_attestation(found, instant=database_now()))
            except ChildFailed as error:
                raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(found.told(), ensure_ascii=False))
