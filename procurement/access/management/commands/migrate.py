"""migrate, as the owner of the tables and one at a time."""

from typing import Any

import environ
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connections


LOCK = "SELECT pg_advisory_lock(hashtext('wiki-marche:migrate'))"


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
            if not options["check_unapplied"] and not options["plan"]:
                # Before, so that the grants that follow the migrations see its table.
                quiet = {"verbosity": options["verbosity"]}
                call_command("createcachetable", database=options["database"], **quiet)
            super().handle(*args, **options)
        finally:
            guard.close()
