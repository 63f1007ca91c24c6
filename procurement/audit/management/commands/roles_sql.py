"""Print the statements that create the roles of the database, for an outside server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from procurement.audit.domain.roles import roles_statements


class Command(BaseCommand):
    help = "Print the statements that create the database roles; a superuser runs them once."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base", default="", help="Database; that of DATABASE_URL if absent.")

    def handle(self, *args: Any, **options: Any) -> None:
        base = options["base"] or str(connection.settings_dict["NAME"])
        self.stdout.write(
            "-- À exécuter une fois par un superutilisateur, puis donner un mot de passe à chaque\n"
            "-- rôle de connexion (ALTER ROLE … PASSWORD …), puis lancer migrate comme app_migrate."
        )
        for statement in roles_statements(base):
            self.stdout.write(statement + ";")
