"""Stored files: written once under their SHA-256, read back only when they still match it."""

import contextlib
import hashlib
import logging
import os
import time
import uuid
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.documents.domain.images import image_size
from procurement.documents.domain.names import clean_name
from procurement.documents.enums import SANS_OCTETS, StatutFichier
from procurement.documents.models import StoredFile


log = logging.getLogger(__name__)

CHUNK = 1 << 20
ORPHAN_AGE = 3600
_HEADER = 1 << 18
"""Bytes at the beginning of an image among which it says its size."""


class IntegrityBroken(Exception):
    """The bytes of a stored file no longer match the SHA-256 written in its row."""


def path_of(sha256: str) -> Path:
    """Return where the bytes of this SHA-256 live: two levels of folders, no name, no extension."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256[2:4] / sha256


def open_bytes(sha256: str) -> BinaryIO:
    """Open the bytes kept under a SHA-256 as they are on the disk, unchecked: for who verifies."""
    return path_of(sha256).open("rb")


def store_file(
    *,
    by: User,
    content: bytes | BinaryIO,
    nom: str,
    type_mime: str,
    chain: UUID | None = None,
    statut: StatutFichier = StatutFichier.PRODUITE,
    analysed_at: datetime | None = None,
) -> StoredFile:
    """Write the bytes durably, then the row and its entry in the journal. Equal bytes are kept once.

    What people send goes through the antivirus first (``services/analysis.py``).
    nom: as received; cleaned here. chain: that of the marché; the platform's when there is none.
    Raises IntegrityBroken when a damaged file already stands where
    these bytes belong: it is left as it is, for the evidence.
    """
    waiting, sha256, size = _write_aside(content)
    try:
        with transaction.atomic():
            _lock(sha256, shared=True)
            _put_in_place(waiting, sha256)
            file = StoredFile(
                sha256=sha256,
                nom=clean_name(nom),
                type_mime=type_mime[:100],
                taille=size,
                statut=statut,
                analysed_at=analysed_at,
                created_by=by,
            )
            keep_row(by=by, file=file, chain=chain)
    finally:
        waiting.unlink(missing_ok=True)
    return file


def keep_row(*, by: User, file: StoredFile, chain: UUID | None) -> None:
    """Write the row of a file, its name, size and SHA-256 being told in a chain of the journal."""
    file.chaine = chain
    file.full_clean()
    with recording(by=by, tag="documents:file:kept", obj=file, details={"fichier": file.nom}):
        file.save(force_insert=True)


def _write_aside(content: bytes | BinaryIO) -> tuple[Path, str, int]:
    """Write to a temporary name on the same file system, flushed to the disk."""
    root = Path(settings.MEDIA_ROOT)
    zone = root / "zone"
    zone.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = zone / f"{uuid.uuid4().hex}.tmp"
    source = BytesIO(content) if isinstance(content, bytes | bytearray | memoryview) else content
    digest, size = hashlib.sha256(), 0
    try:
        with waiting.open("xb") as out:
            os.fchmod(out.fileno(), 0o400)
            while chunk := source.read(CHUNK):
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        waiting.unlink(missing_ok=True)
        raise
    return waiting, digest.hexdigest(), size


def _put_in_place(waiting: Path, sha256: str) -> None:
    target = path_of(sha256)
    if target.exists():
        with target.open("rb") as held:
            if hashlib.file_digest(held, "sha256").hexdigest() != sha256:
                raise IntegrityBroken(sha256)
        os.utime(target)  # an orphan about to be swept is young again
        return
    for folder in (target.parent.parent, target.parent):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            _flush_folder(folder.parent)
    waiting.rename(target)
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lock(sha256: str, *, shared: bool) -> bool:
    """Hold this SHA-256 until the end of the transaction: writers together, the sweep alone."""
    key = int.from_bytes(bytes.fromhex(sha256[:16]), signed=True)
    call = "pg_advisory_xact_lock_shared" if shared else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}(%s)", [key])
        return cursor.fetchone()[0] is not False


def open_stored(file: StoredFile) -> BinaryIO:
    """Open the bytes of a file, at their beginning, after checking all of them.

    Raises IntegrityBroken when they are missing or differ; the caller closes the stream.
    """
    try:
        stream = path_of(file.sha256).open("rb")
    except FileNotFoundError:
        log.critical("stored file missing: id=%s sha256=%s", file.pk, file.sha256)
        raise IntegrityBroken(file.sha256) from None
    size = os.fstat(stream.fileno()).st_size
    if size != file.taille or hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256:
        stream.close()
        log.critical("stored file altered: id=%s sha256=%s", file.pk, file.sha256)
        raise IntegrityBroken(file.sha256)
    stream.seek(0)
    return stream


def measure_image(sha256: str) -> tuple[int, int] | None:
    """Width and height in pixels of a stored image, None when it is missing or does not say."""
    try:
        return _size_of(path_of(sha256))
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _size_of(path: Path) -> tuple[int, int] | None:
    """Read once: a file is named by its bytes. One that is missing is looked for again."""
    with path.open("rb") as stream:
        return image_size(stream.read(_HEADER))


def sweep_files(*, now: float | None = None, dry_run: bool = False) -> list[str]:
    """Remove bytes that no row refers to and that are older than an hour; return their names.

    A file is looked at again under its lock before it goes: a row being written keeps it.
    """
    root = Path(settings.MEDIA_ROOT)
    limit = (time.time() if now is None else now) - ORPHAN_AGE
    swept = []
    for path in sorted(root.glob("zone/*.tmp")):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                swept.append(f"zone/{path.name}")
                if not dry_run:
                    path.unlink()
    for path in root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        sha256 = path.name
        if len(sha256) != 64 or path.stat().st_mtime >= limit:
            continue
        with transaction.atomic():
            if not _lock(sha256, shared=False) or _is_wanted(sha256):
                continue
            if path.stat().st_mtime >= limit:
                continue
            swept.append(sha256)
            if not dry_run:
                path.unlink()
                _flush_folder(path.parent)
    return swept


@transaction.atomic
def discard_file(file: StoredFile) -> None:
    """Keep of a received file its row alone, its bytes going as soon as this is committed.

    Bytes that another row refers to stay. If somebody writes the same ones, the sweep decides.
    """
    file.statut = StatutFichier.ECARTEE
    with recording(
        by=None, tag="documents:file:discarded", obj=file, details={"fichier": file.nom}
    ):
        file.save(update_fields=["statut"])
    transaction.on_commit(lambda: discard_bytes(file.sha256), robust=True)


@transaction.atomic
def discard_bytes(sha256: str) -> None:
    """Remove at once the bytes of a refused file; if somebody writes them, the sweep does it."""
    if _lock(sha256, shared=False) and not _is_wanted(sha256):
        with contextlib.suppress(FileNotFoundError):
            path_of(sha256).unlink()
            _flush_folder(path_of(sha256).parent)


def _is_wanted(sha256: str) -> bool:
    """Tell whether a row still stands for these bytes; that of a refused file keeps none."""
    rows = StoredFile.objects.filter(sha256=sha256)
    return rows.exclude(statut__in=SANS_OCTETS).exists()
