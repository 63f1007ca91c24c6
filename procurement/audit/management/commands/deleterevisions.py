"""Takes the place of the command of django-reversion that empties the history."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Refused: versions are evidence."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("app_label", nargs="*")
        for name in ("--using", "--model-db", "--days", "--keep"):
            parser.add_argument(name)

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "Les versions font preuve\u202f: elles ne s’effacent pas, et la base le refuserait. "
            "Pour retirer une donnée personnelle, deux personnes la caviardent avec un motif."
        )
