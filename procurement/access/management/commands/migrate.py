"""migrate, as the owner of the tables and one at a time."""

from typing import Any

import environ
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader


LOCK = "SELECT pg_advisory_lock(hashtext('wiki-marche:migrate'))"
OURS = ("procurement", "wikimarche", "edossier", "impacts")
FOREIGN = (
    "Cette base a été préparée par une autre version du code, qui connaît {names}. Rien n’y a été changé. "
    "Reprenez cette version-là ou une plus récente\u202f; si la base n’a que des données d’essai, effacez-la."
)


def _list_unknown(connection: Any) -> list[str]:
    """Migrations of ours that the database has seen and this code does not have."""
    loader = MigrationLoader(connection)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith(OURS)}
    unknown = loader.applied_migrations.keys() - loader.disk_migrations.keys()
    return sorted(f"{app}.{name}" for app, name in unknown if app in ours)


class Command(migrate.Command):
    """Two servers that start together do not migrate together; the site's role never owns a table."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if settings.DATABASE_OWNER_URL:
            owner = environ.Env.db_url_config(settings.DATABASE_OWNER_URL)
            connection.close()
            connection.settings_dict.update(
                {key: owner[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
            )
        # A connection of its own: closing it gives the lock back, whatever happened on the other.
        guard = connection.copy()
        try:
            with guard.cursor() as cursor:
                cursor.execute(LOCK)
            if unknown := _list_unknown(connection):
                raise CommandError(FOREIGN.format(names=", ".join(unknown)))
            if not options["check_unapplied"] and not options["plan"]:
                # Before, so that the grants that follow the migrations see its table.
                quiet = {"verbosity": options["verbosity"]}
                call_command("createcachetable", database=options["database"], **quiet)
            super().handle(*args, **options)
        finally:
            guard.close()
