"""Restore: into an empty base and an empty store only, then the whole verification."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import Error, connection

from procurement.audit.selectors import all_heads
from procurement.audit.services import PLATFORM_CHAIN, EvidenceReport, record_event, verify_evidence
from procurement.operations.services.backup import (
    DUMP,
    FILES,
    FORME,
    MANIFEST,
    FileAltered,
    copy_checked,
    key_mark,
)
from procurement.operations.services.programs import (
    OperationRefused,
    last_words,
    run_program,
    sign_in,
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. missing: files that the backup itself did not hold.

    same_heads: every chain ends where the backup says. same_key: SECRET_KEY is that of the backup.
    """

    instant: datetime
    files: int
    missing: tuple[str, ...]
    same_heads: bool
    same_key: bool
    report: EvidenceReport

    @property
    def is_sound(self) -> bool:
        """Tell whether everything is there and nothing was rewritten."""
        return self.report.ok and self.same_heads and not self.missing


def restore(*, folder: Path, say: Callable[[str], None] = lambda words: None) -> Restored:
    """Bring a backup back where there is nothing, verify it all, and write so in the journal.

    The backup is read whole before anything is written: a damaged one changes nothing. Interrupted,
    the database keeps nothing (one transaction); files already copied are found again.
    Raises OperationRefused when the backup is not one, is damaged or is of an unknown layout, when
    the base or the store is not empty, or when Postgres refuses.
    """
    manifest = _read_manifest(folder)
    _refuse_unless_empty(manifest)
    say("Lecture de la sauvegarde…")
    _check(folder, manifest)
    say("Restauration de la base…")
    _load(folder / DUMP)
    say("Restauration des fichiers…")
    count = 0
    for sha256, path in _files(folder, manifest):
        if not _stored(sha256).exists():
            with path.open("rb") as source:
                copy_checked(source, Path(settings.MEDIA_ROOT), sha256)
        count += 1
    say("Migrations et droits…")
    call_command("migrate", interactive=False, verbosity=0)
    say("Vérification de toute l’histoire…")
    with connection.cursor() as cursor:
        same_heads = all_heads(cursor) == manifest["tetes"]
    report = verify_evidence(files=True)
    restored = Restored(
        instant=datetime.fromisoformat(manifest["instant"]),
        files=count,
        missing=tuple(manifest["manquants"]),
        same_heads=same_heads,
        same_key=manifest["cle"] == key_mark(),
        report=report,
    )
    record_event(
        by=None,
        tag="operations:backup:restored",
        chain=PLATFORM_CHAIN,
        objet=f"chaine:{PLATFORM_CHAIN}",
        details={
            "sauvegarde": manifest["instant"],
            "fichiers": count,
            "intègre": restored.is_sound,
        },
    )
    return restored


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        known = manifest["forme"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OperationRefused(
            f"{folder} n’est pas une sauvegarde\u202f: {MANIFEST} y manque ou ne se lit pas."
        ) from error
    if known != FORME:
        raise OperationRefused(
            f"Cette sauvegarde est de la forme {known}\u202f; cette version du programme lit la forme {FORME}."
        )
    return manifest


def _refuse_unless_empty(manifest: dict[str, Any]) -> None:
    signed = sign_in(settings.DATABASE_OWNER_URL)
    try:
        with signed.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
            )
            tables = cursor.fetchone()[0]
    except Error as error:
        raise OperationRefused(
            f"La base de données ne répond pas\u202f: {' '.join(str(error).split())}."
        ) from error
    finally:
        signed.close()
    if tables:
        raise OperationRefused(
            f"La base «\u202f{signed.settings_dict['NAME']}\u202f» n’est pas vide ({tables} tables)\u202f: on ne "
            "restaure que dans une base vide, pour ne rien écraser."
        )
    root = Path(settings.MEDIA_ROOT)
    kept = {path.name for path in root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")}
    if kept - set(manifest["fichiers"]):
        raise OperationRefused(
            f"Le dossier des fichiers ({root}) n’est pas vide\u202f: donnez un DATA_DIR neuf."
        )


def _check(folder: Path, manifest: dict[str, Any]) -> None:
    """Read every byte of the backup before writing one."""
    faults = []
    try:
        with (folder / DUMP).open("rb") as dump:
            if hashlib.file_digest(dump, "sha256").hexdigest() != manifest["base_sha256"]:
                faults.append(DUMP)
    except OSError:
        faults.append(DUMP)
    for sha256, path in _files(folder, manifest):
        try:
            with path.open("rb") as source:
                if hashlib.file_digest(source, "sha256").hexdigest() != sha256:
                    faults.append(str(path.relative_to(folder)))
        except OSError:
            faults.append(str(path.relative_to(folder)))
    if faults:
        raise OperationRefused(
            f"Cette sauvegarde est abîmée, et rien n’a été restauré. À reprendre\u202f: {', '.join(faults[:10])}"
            + (f" et {len(faults) - 10} autres." if len(faults) > 10 else ".")
        )


def _files(folder: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, Path]]:
    """Files that the backup says it holds, by SHA-256."""
    for sha256 in manifest["fichiers"]:
        if sha256 not in manifest["manquants"]:
            yield sha256, folder / FILES / sha256[:2] / sha256[2:4] / sha256


def _stored(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256[2:4] / sha256


def _load(dump: Path) -> None:
    signed = sign_in(settings.DATABASE_OWNER_URL)
    done = run_program(
        # Whatever app_migrate makes belongs to the owner of the tables, as at the first migration.
        "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner",
        f"--dbname={signed.settings_dict['NAME']}", str(dump), signed=signed.settings_dict,
    )  # fmt: skip
    if done.returncode:
        raise OperationRefused(
            "La base n’a pas pu être restaurée, et elle est restée vide. Les rôles doivent exister "
            f"(manage.py roles_sql). Postgres dit\u202f: {last_words(done)}"
        )


__all__ = ["FileAltered", "Restored", "restore"]
