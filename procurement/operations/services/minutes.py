"""The health journal: one row a minute, a file while the base is away, each hour sealed in the chain."""

import contextlib
import datetime
import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from procurement.audit.selectors import JournalEntry, database_now, list_entries
from procurement.audit.services import PLATFORM_CHAIN, record_event
from procurement.operations.domain.minutes import HOUR, MINUTE
from procurement.operations.enums import EtatSante, Organe
from procurement.operations.models import MinuteSante
from procurement.operations.selectors import SOFTWARE, Constat, Sante, read_sante


logger = logging.getLogger(__name__)

KEPT = datetime.timedelta(days=400)
"""Thirteen months: what a dispute about last year's deadline needs."""
HOUR_TAG = "operations:health:hour"
LOOKED_BACK = 10
"""Lines first read to find the last sealed hour: some may be redacted, or nonsense."""
MOST_LOOKED_BACK = 2000
"""Lines read at once when those read before them all were."""
AT_A_TIME = 48
"""Hours sealed by one minute at most: those of a long stop are sealed over the next minutes."""
SEALING = "hashtext('operations.sante')"
"""Lock of who adds minutes, and of who seals the hours that they are in."""
UNWRITTEN = "La base de données n’a pas gardé cette minute."


def present() -> datetime.datetime:
    """The instant of the database; that of this machine while it is away."""
    try:
        return database_now()
    except Error:
        connection.close_if_unusable_or_obsolete()
        return timezone.now()


def note_minute(*more: Constat, instant: datetime.datetime | None = None) -> MinuteSante:
    """Write what the platform is now. Once a minute: a second call in the same minute adds nothing.

    The minute is that of the clock of the database. While it is away the row, at the clock of this
    machine, waits in a file, and is written at its return: ``written_at`` then says that it was
    noted afterwards. more: what only the caller sees.
    """
    instant = instant or present()
    return keep_minute(Sante((*more, *read_sante().constats)), instant)


def keep_minute(sante: Sante, instant: datetime.datetime) -> MinuteSante:
    """Write what was seen at an instant, and seal the hours that have ended.

    A minute that the database did not keep was not « en marche », whatever had been seen before.
    """
    row = MinuteSante(
        minute=instant.astimezone(datetime.UTC).replace(second=0, microsecond=0),
        etat=sante.etat,
        constats={
            one.organe: {"etat": one.etat, "mots": one.mots}
            for one in sante.constats
            if one.etat is not EtatSante.EN_MARCHE
        },
        mesures={str(one.organe): dict(one.mesures) for one in sante.constats if one.mesures},
        version=SOFTWARE,
    )
    try:
        with _waiting() as rows, transaction.atomic():
            # Nobody seals an hour between what is read here and what is added.
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_xact_lock({SEALING})")
            MinuteSante.objects.bulk_create(_still_open([*rows, row]), ignore_conflicts=True)
    except Error:
        connection.close_if_unusable_or_obsolete()
        row.etat = EtatSante.EN_PANNE
        down = {"etat": EtatSante.EN_PANNE, "mots": UNWRITTEN}
        row.constats = {str(Organe.BASE): down, **row.constats}
        _put_aside(row)
        return row
    try:
        seal_hours(row.minute)
    except Error:
        connection.close_if_unusable_or_obsolete()
        logger.exception("The hours of the health journal are not sealed yet.")
    return row


def purge_minutes() -> int:
    """Remove what is older than KEPT, under the role of the worker. Returns how many minutes."""
    return MinuteSante.objects.filter(minute__lt=database_now() - KEPT).delete()[0]


def first_hour_kept(now: datetime.datetime) -> datetime.datetime:
    """The first hour of which purge_minutes() has removed nothing, whenever it runs."""
    oldest = now - KEPT
    return oldest.replace(minute=0, second=0, microsecond=0) + HOUR


# ── While the base is away ──────────────────────────────────────────────────────────────────────


def _aside() -> Path:
    return Path(settings.DATA_DIR) / "sante-en-attente.jsonl"


def _put_aside(row: MinuteSante) -> None:
    """Keep a line for later. A disk that is full too leaves a gap, which says « non prouvé »."""
    fact = {
        "minute": row.minute.isoformat(), "etat": row.etat, "constats": row.constats,
        "mesures": row.mesures, "version": row.version,
    }  # fmt: skip
    try:
        with _aside().open("a", encoding="utf-8") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            out.write(json.dumps(fact, ensure_ascii=False) + "\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        logger.exception("A minute of the health journal is written nowhere.")


@contextlib.contextmanager
def _waiting() -> Iterator[list[MinuteSante]]:
    """Lend the rows of the file; written, they leave it. Another process may add none meanwhile."""
    try:
        file = _aside().open("r+", encoding="utf-8")
    except OSError:
        yield []
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield []
            return
        yield _read(file)
        file.truncate(0)


def _read(file: TextIO) -> list[MinuteSante]:
    """Rows of the file; a line cut by a crash proves nothing and is left out."""
    rows = []
    for line in file.read().splitlines():
        try:
            fact = json.loads(line)
            fact["minute"] = datetime.datetime.fromisoformat(fact["minute"])
            rows.append(MinuteSante(**fact))
        except (ValueError, KeyError, TypeError):
            continue
    return rows


def _still_open(rows: list[MinuteSante]) -> list[MinuteSante]:
    """Those of hours not sealed yet: what is sealed stays as it was said.

    A machine whose clock was ahead while the base was away noted minutes to come: they prove nothing.
    """
    now = database_now()
    sealed = _sealed_until(now)
    kept = [row for row in rows if row.minute <= now and (sealed is None or row.minute >= sealed)]
    if len(kept) < len(rows):
        logger.error(
            "%d minutes to come, or of an hour that is sealed, are left out.", len(rows) - len(kept)
        )
    return kept


# ── Seals of the hours ──────────────────────────────────────────────────────────────────────────


def sealed_hours(entries: Iterable[JournalEntry]) -> Iterator[tuple[datetime.datetime, str]]:
    """Read which hour each line of the journal seals, and its hash.

    A line that was redacted says none; nor does one that somebody else wrote as nonsense.
    """
    for entry in entries:
        try:
            told = entry.corps["details"]
            said = datetime.datetime.fromisoformat(told["heure"])
            hour = said.astimezone(datetime.UTC)
            whole = hour == hour.replace(minute=0, second=0, microsecond=0)
            if said.tzinfo is not None and whole and hour + HOUR:
                yield hour, str(told["empreinte"])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue


def _sealed_until(now: datetime.datetime) -> datetime.datetime | None:
    """The end of the last hour that was sealed, once it had ended."""
    before, limit = None, LOOKED_BACK
    while lines := list_entries(PLATFORM_CHAIN, action=HOUR_TAG, before=before, limit=limit):
        ended = [hour + HOUR for hour, _ in sealed_hours(lines) if hour + HOUR <= now]
        if ended:
            return max(ended)
        # However many lines of nonsense stand before it, it is found in a few queries.
        before, limit = lines[-1].seq, min(2 * limit, MOST_LOOKED_BACK)
    return None


def seal_hours(minute: datetime.datetime) -> None:
    """Put the hash of each whole hour gone by in the chain of the platform, once.

    An hour that nobody noted is sealed as empty, so that it stays so. The first minute of an hour
    leaves the time to the last one of the hour before to be written by another process. Each hour
    is a transaction: who has a minute to write waits for one hour at most, not for those of a long stop.
    """
    minute = min(minute, database_now())
    end = (minute - MINUTE).replace(minute=0, second=0, microsecond=0)
    for _ in range(AT_A_TIME):
        if not _seal_next(minute, end):
            return


@transaction.atomic
def _seal_next(minute: datetime.datetime, end: datetime.datetime) -> bool:
    """Seal the first hour that is not. False when there is none, or when another process is at it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({SEALING})")
        if not cursor.fetchone()[0]:
            return False
    start = _sealed_until(minute)
    if start is None:
        first = MinuteSante.objects.values_list("minute", flat=True).earliest("minute")
        start = first.replace(minute=0)
    if start >= end:
        return False
    rows = MinuteSante.objects.filter(minute__gte=start, minute__lt=start + HOUR)
    _seal(start, list(rows.order_by("minute")))
    return True


def _seal(start: datetime.datetime, rows: list[MinuteSante]) -> None:
    record_event(
        by=None,
        tag=HOUR_TAG,
        chain=PLATFORM_CHAIN,
        objet=f"chaine:{PLATFORM_CHAIN}",
        details={"heure": start.isoformat(), "minutes": len(rows), "empreinte": digest(rows)},
    )


def digest(rows: Iterable[MinuteSante]) -> str:
    """SHA-256 of these minutes and of when each was written, in the order of time: what the chain keeps of an hour."""
    told = [
        [
            one.minute.isoformat(), one.etat, one.constats, one.mesures, one.version,
            one.written_at.astimezone(datetime.UTC).isoformat(),
        ]
        for one in rows
    ]  # fmt: skip
    return sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
