"""Back up: one snapshot of the database, then every file it names. The site goes on meanwhile.

The database first: a file that it names was written before it was named, so the copy that follows
holds it. The other way round, files received meanwhile would be missing.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils.crypto import salted_hmac

from procurement.audit.selectors import all_heads
from procurement.audit.services import PLATFORM_CHAIN, record_event
from procurement.documents.enums import SANS_OCTETS
from procurement.documents.models import StoredFile
from procurement.documents.services import open_bytes
from procurement.operations.services.programs import (
    OperationRefused,
    last_words,
    run_program,
    sign_in,
)


logger = logging.getLogger(__name__)

FORME = 1
"""Number of the layout of a backup; a restore refuses the ones it does not know."""
DUMP, FILES, MANIFEST, NOTE = "base.dump", "fichiers", "manifeste.json", "LISEZ-MOI.txt"
UNFINISHED = ".partielle"
WORDS = """\
Sauvegarde de Wiki-Marché, commencée le {instant} (heure de la base).

  {dump}        la base de données, telle qu’elle était à cet instant
  {files}/       les fichiers qu’elle nomme, sous leur empreinte SHA-256
  {manifest}   ce que contient la sauvegarde, et la tête de chaque chaîne du journal

Ce qui n’y est pas, à garder ailleurs et à l’abri\u202f:

  - SECRET_KEY\u202f: sans elle, les seconds facteurs de chacun ne se lisent plus, et doivent être refaits\u202f;
  - les mots de passe de la base et de Valkey, et le reste de .env (avec ./wm\u202f: secrets.json)\u202f;
  - les sceaux recopiés hors du serveur (seal_evidence), qui seuls prouvent contre qui l’exploite.

Cette sauvegarde contient les données de chacun\u202f: chiffrez-la, et limitez qui peut la lire.

Restaurer\u202f: manage.py restore CE_DOSSIER, dans une base vide (docs/guide/sauvegarder-et-restaurer.md).
"""


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup. missing: SHA-256 of the files absent or altered at the source, not copied."""

    folder: Path
    instant: datetime
    files: int
    bytes: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    instant: datetime
    server: str
    migrations: list[str]
    heads: dict[str, list[Any]]
    files: list[str]


def backup(*, into: Path, say: Callable[[str], None] = lambda words: None) -> Backup:
    """Make a new folder in this one, named after the instant (« 2026-11-22T12.05.31 »).

    It bears its final name only once whole and flushed to the disk; one killed on the way ends
    with « .partielle ». A file missing or altered at the source does not stop the rest: it is named.
    Raises OperationRefused when the database is out of reach, empty, or cannot be read whole.
    """
    unfinished = into / f"{os.getpid()}{UNFINISHED}"
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.mkdir(mode=0o700)
        snapshot = _dump(unfinished / DUMP, say)
        size, missing = _copy_files(snapshot.files, unfinished / FILES, say)
        _describe(unfinished, snapshot, missing)
        folder = _name(into, snapshot.instant)
        unfinished.rename(folder)
        flush(into)
    except OSError as error:
        raise OperationRefused(
            f"La sauvegarde ne peut pas être écrite dans {into}\u202f: {error.strerror or error}."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    made = Backup(
        folder=folder,
        instant=snapshot.instant,
        files=len(snapshot.files) - len(missing),
        bytes=size,
        missing=tuple(missing),
    )
    _tell(made)
    return made


def _tell(made: Backup) -> None:
    """Say in the journal of the platform that it was made: never a condition of having made it."""
    try:
        record_event(
            by=None,
            tag="operations:backup:made",
            chain=PLATFORM_CHAIN,
            objet=f"chaine:{PLATFORM_CHAIN}",
            details={
                "sauvegarde": made.instant.isoformat(),
                "fichiers": made.files,
                "octets": made.bytes,
                "manquants": len(made.missing),
            },
        )
    except Error:
        logger.exception("The backup is made, and the journal could not say so.")


def _dump(target: Path, say: Callable[[str], None]) -> _Snapshot:
    """Have pg_dump see exactly what we read: the list of files and the heads belong to the dump."""
    signed = sign_in(settings.DATABASE_BACKUP_URL)
    # The rows as the ORM would ask for them, under the role of the backup.
    kept = StoredFile.objects.exclude(statut__in=SANS_OCTETS).order_by("sha256")
    sql, params = kept.values_list("sha256").distinct().query.sql_with_params()
    try:
        with signed.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT to_regclass('public.chaine_tete') IS NULL")
            if cursor.fetchone()[0]:
                raise OperationRefused("Cette base est vide\u202f: il n’y a rien à sauvegarder.")
            cursor.execute(
                "SELECT pg_export_snapshot(), clock_timestamp(), current_setting('server_version')"
            )
            name, instant, server = cursor.fetchone()
            cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")
            migrations = [row[0] for row in cursor.fetchall()]
            heads = all_heads(cursor)
            cursor.execute(sql, params)
            files = [row[0] for row in cursor.fetchall()]
            say("Copie de la base…")
            done = run_program(
                "pg_dump", "--format=custom", f"--snapshot={name}", f"--file={target}",
                signed=signed.settings_dict,
            )  # fmt: skip
            cursor.execute("ROLLBACK")
    except Error as error:
        raise OperationRefused(
            "La base de données ne répond pas, ou refuse de se laisser lire en entier\u202f: "
            f"{' '.join(str(error).split())}. DATABASE_BACKUP_URL donne le rôle app_sauvegarde."
        ) from error
    finally:
        signed.close()
    if done.returncode:
        raise OperationRefused(f"La base n’a pas pu être copiée\u202f: {last_words(done)}")
    flush(target)
    return _Snapshot(instant, server, migrations, heads, files)


def _copy_files(
    names: Iterable[str], target: Path, say: Callable[[str], None]
) -> tuple[int, list[str]]:
    """Copy each file, checked against its name on the way. Returns the bytes and what is missing."""
    say("Copie des fichiers…")
    target.mkdir(mode=0o700)
    size, missing = 0, []
    for sha256 in names:
        try:
            with open_bytes(sha256) as source:
                size += copy_checked(source, target, sha256)
        except (FileNotFoundError, FileAltered):
            missing.append(sha256)
    return size, missing


class FileAltered(Exception):
    """The bytes read are not those of the name."""


def copy_checked(source: Any, root: Path, sha256: str) -> int:
    """Write durably under the name of the bytes, as the store does; nothing stays if they differ.

    Raises FileAltered. Returns how many bytes.
    """
    folder = root / sha256[:2] / sha256[2:4]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting, digest, size = folder / f"{sha256}.tmp", hashlib.sha256(), 0
    try:
        with waiting.open("xb") as out:
            os.fchmod(out.fileno(), 0o400)
            while chunk := source.read(1 << 20):
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != sha256:
            raise FileAltered(sha256)
        waiting.rename(folder / sha256)
    finally:
        waiting.unlink(missing_ok=True)
    flush(folder)
    return size


def _describe(folder: Path, snapshot: _Snapshot, missing: list[str]) -> None:
    with (folder / DUMP).open("rb") as dump:
        digest = hashlib.file_digest(dump, "sha256").hexdigest()
    manifest = {
        "forme": FORME,
        "instant": snapshot.instant.isoformat(),
        "serveur": snapshot.server,
        "base": str(connection.settings_dict["NAME"]),
        "migrations": snapshot.migrations,
        "base_sha256": digest,
        "fichiers": snapshot.files,
        "manquants": missing,
        "tetes": snapshot.heads,
        "cle": key_mark(),
    }
    words = WORDS.format(
        instant=snapshot.instant.isoformat(" ", "seconds"),
        dump=DUMP,
        files=FILES,
        manifest=MANIFEST,
    )
    for name, text in (
        (MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1)),
        (NOTE, words),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        flush(folder / name)
    flush(folder)


def key_mark() -> str:
    """Tell one SECRET_KEY from another without saying anything of it, 16 hexadecimal signs."""
    return salted_hmac("procurement.operations:backup", "cle", algorithm="sha256").hexdigest()[:16]


def _name(into: Path, instant: datetime) -> Path:
    wanted = into / instant.strftime("%Y-%m-%dT%H.%M.%S")
    number = 1
    while wanted.exists():
        number += 1
        wanted = into / f"{instant:%Y-%m-%dT%H.%M.%S}-{number}"
    return wanted


def flush(path: Path) -> None:
    """Have a file or a folder written to the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
