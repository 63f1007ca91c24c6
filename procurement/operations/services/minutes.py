"""The health journal: one row a minute, a file while the base is away, an hour sealed in the chain."""

import datetime
import json
import os
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from procurement.audit.selectors import database_now, list_entries
from procurement.audit.services import PLATFORM_CHAIN, record_event
from procurement.operations.enums import EtatSante
from procurement.operations.models import MinuteSante
from procurement.operations.selectors import SOFTWARE, Sante, read_sante


KEPT = datetime.timedelta(days=400)
"""Thirteen months: what a dispute about last year's deadline needs."""
HOUR_TAG = "operations:health:hour"


def note_minute() -> MinuteSante:
    """Write what the platform is now. Once a minute: a second call in the same minute adds nothing.

    The minute is that of the clock of the database. While it is away the row, at the clock of this
    machine, waits in a file, and is written at its return: ``written_at`` then says that it was
    noted afterwards.
    """
    sante = read_sante()
    try:
        instant = database_now()
    except Error:
        connection.close_if_unusable_or_obsolete()
        instant = timezone.now()
    return keep_minute(sante, instant)


def keep_minute(sante: Sante, instant: datetime.datetime) -> MinuteSante:
    """Write what was seen at an instant, purge what is too old, and seal the hour that has ended."""
    row = MinuteSante(
        minute=instant.astimezone(datetime.UTC).replace(second=0, microsecond=0),
        etat=sante.etat,
        constats={
            one.organe: {"etat": one.etat, "mots": one.mots}
            for one in sante.constats
            if one.etat is not EtatSante.EN_MARCHE
        },
        version=SOFTWARE,
    )
    try:
        with transaction.atomic():
            MinuteSante.objects.bulk_create([*_waiting(), row], ignore_conflicts=True)
            MinuteSante.objects.filter(minute__lt=row.minute - KEPT).delete()
            _seal_hour(row.minute)
    except Error:
        connection.close_if_unusable_or_obsolete()
        _put_aside(row)
    else:
        _aside().unlink(missing_ok=True)
    return row


def _aside() -> Path:
    return Path(settings.DATA_DIR) / "sante-en-attente.jsonl"


def _put_aside(row: MinuteSante) -> None:
    fact = {
        "minute": row.minute.isoformat(), "etat": row.etat, "constats": row.constats, "version": row.version,
    }  # fmt: skip
    with _aside().open("a", encoding="utf-8") as out:
        out.write(json.dumps(fact, ensure_ascii=False) + "\n")
        out.flush()
        os.fsync(out.fileno())


def _waiting() -> list[MinuteSante]:
    """Rows of the file; a line cut by a crash proves nothing and is left out."""
    if not _aside().exists():
        return []
    rows = []
    for line in _aside().read_text(encoding="utf-8").splitlines():
        try:
            fact = json.loads(line)
            fact["minute"] = datetime.datetime.fromisoformat(fact["minute"])
            rows.append(MinuteSante(**fact))
        except (ValueError, KeyError, TypeError):
            continue
    return rows


def _seal_hour(minute: datetime.datetime) -> None:
    """Put the hash of the last whole hour in the chain of the platform, once."""
    end = minute.replace(minute=0)
    start = end - datetime.timedelta(hours=1)
    last = list_entries(PLATFORM_CHAIN, action=HOUR_TAG, limit=1)
    if last and last[0].corps["details"]["heure"] >= start.isoformat():
        return
    rows = MinuteSante.objects.filter(minute__gte=start, minute__lt=end).order_by("minute")
    if rows:
        record_event(
            by=None,
            tag=HOUR_TAG,
            chain=PLATFORM_CHAIN,
            objet=f"chaine:{PLATFORM_CHAIN}",
            details={"heure": start.isoformat(), "minutes": len(rows), "empreinte": digest(rows)},
        )


def digest(rows: object) -> str:
    """SHA-256 of these minutes, in the order of time: what the chain keeps of an hour."""
    told = [[one.minute.isoformat(), one.etat, one.constats, one.version] for one in rows]  # type: ignore[attr-defined]
    return sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
