"""The attestation de fonctionnement: counted from the health journal, asked for, drawn as a PDF."""

import datetime
import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from procurement.accounts.models import User
from procurement.audit.selectors import (
    JournalEntry,
    chain_head,
    database_now,
    list_entries,
    list_seals,
)
from procurement.audit.services import PLATFORM_CHAIN, record_event
from procurement.documents.services import draw_report, group_signs
from procurement.jobs.models import Job
from procurement.jobs.services import enqueue
from procurement.operations.domain.attestation import LONGEST, Attestation, HourRow, attest
from procurement.operations.domain.minutes import AT_ONCE, HOUR, MINUTE
from procurement.operations.models import MinuteSante
from procurement.operations.permissions import Action
from procurement.operations.services.minutes import (
    HOUR_TAG,
    digest,
    first_hour_kept,
    sealed_hours,
)
from procurement.ui.typographie import format_instant, format_nombre


KIND = "operations:draw_attestation"
LATE = datetime.timedelta(days=7)
"""After an hour, how long its hash may take to come: the site may have been stopped."""
PART = int((LONGEST + LATE) / HOUR)
"""Lines read at once: all of them, when each hour has one."""


def check_period(since: datetime.datetime, until: datetime.datetime) -> None:
    """Raise ValidationError, under the field at fault, unless these are whole hours gone by and kept."""
    if since >= until:
        raise ValidationError({"jusqua": "La fin de la période vient après son début."})
    if until - since > LONGEST:
        raise ValidationError({"jusqua": "Une attestation porte sur trente et un jours au plus."})
    if any((one.minute, one.second, one.microsecond) != (0, 0, 0) for one in (since, until)):
        raise ValidationError({"depuis": "La période commence et finit à une heure ronde."})
    now = database_now()
    if until > now:
        raise ValidationError(
            {"jusqua": "La période finit au plus tard à la dernière heure passée."}
        )
    # An hour whose minutes are removed is not an hour that somebody altered.
    first = first_hour_kept(now)
    if since < first:
        raise ValidationError(
            {
                "depuis": "Les minutes sont gardées treize mois\u202f: la période commence au plus tôt"
                f" le {format_instant(first)}."
            }
        )


def read_attestation(since: datetime.datetime, until: datetime.datetime) -> Attestation:
    """Count a period of whole hours from the rows of the health journal; two queries, and one more for each PART lines.

    Each hour is compared with the hash that the journal of the platform kept when it ended.
    """
    since, until = since.astimezone(datetime.UTC), until.astimezone(datetime.UTC)
    by_hour: dict[datetime.datetime, list[MinuteSante]] = {}
    seen: dict[datetime.datetime, tuple[str, list[str]]] = {}
    late = 0
    rows = MinuteSante.objects.filter(minute__gte=since, minute__lt=until).order_by("minute")
    for row in rows:
        row.minute = row.minute.astimezone(datetime.UTC)
        by_hour.setdefault(row.minute.replace(minute=0), []).append(row)
        late += row.written_at - row.minute > AT_ONCE
        seen[row.minute] = (row.etat, [said["mots"] for said in row.constats.values()])
    # Newest first: the first line that sealed an hour stands.
    sealed = dict(sealed_hours(_lines_of(since, until + LATE)))
    # An hour that was sealed without a minute must have none today.
    digests = {hour: digest(by_hour.get(hour, [])) for hour in {*by_hour, *sealed}}
    return attest(seen, since, until, digests=digests, sealed=sealed, late=late)


def _lines_of(since: datetime.datetime, until: datetime.datetime) -> Iterator[JournalEntry]:
    """Every line that says the hash of an hour, newest first, those that say nonsense too: they hide no other."""
    before = None
    while True:
        lines = list_entries(
            PLATFORM_CHAIN, action=HOUR_TAG, since=since, until=until, before=before, limit=PART
        )
        yield from lines
        if len(lines) < PART:
            return
        before = lines[-1].seq


@transaction.atomic
def ask_attestation(
    *, by: User, since: datetime.datetime, until: datetime.datetime, format: str = "pdf"
) -> Job:
    """Ask for the attestation of a period; what it will say is put in the journal of the platform.

    format: pdf, or json. Raises ValidationError, TooManyJobs.
    """
    check_period(since, until)
    found = read_attestation(since, until)
    record_event(
        by=by,
        tag="operations:attestation:made",
        chain=PLATFORM_CHAIN,
        objet=f"chaine:{PLATFORM_CHAIN}",
        details={
            "depuis": found.since.isoformat(),
            "jusqu’à": found.until.isoformat(),
            "empreinte": found.empreinte,
        },
    )
    return enqueue(
        KIND,
        by=by,
        titre=f"Attestation de fonctionnement, du {format_instant(since)} au {format_instant(until)}",
        action=Action.ATTESTATION_CREATE,
        params={
            "depuis": found.since.isoformat(),
            "jusqua": found.until.isoformat(),
            "format": format,
        },
    )


def draw_attestation(found: Attestation, *, instant: datetime.datetime) -> bytes:
    """Draw it as a tagged PDF. instant: when it is made. Raises ChildFailed."""
    seq, head = chain_head(PLATFORM_CHAIN)
    seal = next(iter(list_seals(limit=1)), None)
    counts = found.counts
    return draw_report(
        "operations/attestation.html",
        {
            "attestation": found,
            "lignes": [_say_hour(row) for row in found.hours],
            "comptes": [
                ("En marche", counts["en_marche"]),
                ("Dégradée\u202f: on écrit, mais quelque chose attend", counts["degradee"]),
                ("En panne", counts["en_panne"]),
                ("Non prouvé\u202f: personne n’a rien noté", counts["non_prouve"]),
            ],
            "delai": round(AT_ONCE / MINUTE),
            "part": format_nombre(100 * found.available / found.expected, 2),
            "empreinte": group_signs(found.empreinte),
            "concordent": sum(row.concorde for row in found.hours),
            "instant": instant,
            "journal": f"ligne n°\u00a0{seq}, {group_signs(head[:24])}…" if head else "",
            "sceau": seal,
            "racine": group_signs(bytes(seal.racine).hex()[:24]) + "…" if seal else "",
        },
        sheets=["attestation.css"],
        timeout=120,
    )


def tell_attestation(found: Attestation, *, instant: datetime.datetime) -> bytes:
    """Say it for a program, with the head of the journal and the last seal. instant: when it is made."""
    seq, head = chain_head(PLATFORM_CHAIN)
    seal = next(iter(list_seals(limit=1)), None)
    said = {
        **found.told(),
        "faite_le": instant.astimezone(datetime.UTC).isoformat(),
        "journal": {"ligne": seq, "empreinte": head},
        "sceau": {"numero": seal.pk, "racine": bytes(seal.racine).hex()} if seal else None,
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def _say_hour(row: HourRow) -> dict[str, Any]:
    wrong = bool(row.scellee) and not row.concorde
    if wrong:
        said = "ne concorde pas"
    elif not any(row.minutes[:3]):
        said = "aucune minute"
    else:
        said = "concorde" if row.scellee else "non scellée"
    return {"heure": row, "dit": said, "faux": wrong}
