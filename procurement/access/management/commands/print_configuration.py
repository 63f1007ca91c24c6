"""Prints docs/configuration.md from the one place where variables are declared."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


PAGE = """\
# Configuration

What changes between machines is an environment variable, read once in `procurement/settings.py`.
Without the required ones the site refuses to start and names them; `./wm` gives them all.

This page is printed by `./wm manage print_configuration`; a test compares it.

| variable | type | default | what it is |
|---|---|---|---|
{rows}

## Read by `./wm` only

| variable | default | what it is |
|---|---|---|
| `WM_VAR` | `./var` | Folder of the data: databases, files, secrets, logs. |
| `PORT` | 8000, or the next free one | Port of the site on 127.0.0.1; when given and taken, `./wm` refuses. |
| `WM_POSTGRES` | the embedded ones | Folder of the Postgres programs to use, such as `/usr/lib/postgresql/15/bin`. |
| `DATABASE_URL_TEST` | | Superuser address of a server on which `./wm test` makes its databases. |
| `WM_TEST_DURABLE` | `off` | `on` keeps fsync in the tests, for those of faults. |
"""


def configuration_page() -> str:
    """Return the page as Markdown."""
    rows = []
    for name, (kind, default, sentence) in settings.VARIABLES.items():
        shown = "**required**" if default is None else f"`{default}`" if default != "" else ""
        rows.append(f"| `{name}` | {kind.__name__} | {shown} | {sentence} |")
    return PAGE.format(rows="\n".join(rows))


class Command(BaseCommand):
    help = "Print docs/configuration.md."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(configuration_page(), ending="")
