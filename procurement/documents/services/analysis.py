"""What the antivirus decides: who may open a received file, what is kept of it, who is told.

Fails closed. Only a file found sound opens; without any scanner, one that nobody analysed opens
only where the administration accepted it (UNSCANNED_FILES), and the journal says so.
"""

import hashlib
import logging
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from procurement.accounts.models import User
from procurement.audit.selectors import database_now
from procurement.audit.services import PLATFORM_CHAIN, record_event, recording
from procurement.documents.domain.judging import DocumentRefused
from procurement.documents.domain.names import clean_name
from procurement.documents.domain.scanning import Verdict
from procurement.documents.enums import A_ANALYSER, StatutFichier
from procurement.documents.models import StoredFile
from procurement.documents.registry import list_holders
from procurement.documents.services.files import (
    IntegrityBroken,
    discard_bytes,
    keep_row,
    open_stored,
    store_file,
)
from procurement.documents.services.scanning import (
    LONG_PATIENCE,
    PATIENCE,
    is_configured,
    ping,
    scan,
)
from procurement.jobs.services import TooManyJobs


log = logging.getLogger(__name__)

ACCEPTED = "accepter"
AT_ONCE = 100
"""Files analysed by one sweep."""

REASONS = {
    "infectee": (
        "Ce fichier contient un logiciel malveillant ({signature})\u202f: il est refusé, et rien "
        "n’en est gardé que son nom et son empreinte."
    ),
    "attend": (
        "L’antivirus n’a pas encore pu analyser ce fichier\u202f: il ne s’ouvre pas avant. "
        "L’analyse reprend d’elle-même dès que l’antivirus répond."
    ),
    "absent": (
        "Aucun antivirus n’est en service sur cette plateforme\u202f: ce fichier n’a pas été "
        "analysé, et il ne s’ouvre pas."
    ),
    "rompue": "Ce fichier ne correspond plus à son empreinte\u202f: il ne s’ouvre pas.",
}


class FileRefused(DocumentRefused):
    """A file that may not be opened; ``reason`` is the French sentence to show."""

    def __init__(self, kind: str, **details: str) -> None:
        Exception.__init__(self, REASONS[kind].format(**details))
        self.kind = kind
        self.reason = str(self)


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that were judged and are not kept yet."""

    content: bytes = field(repr=False)
    nom: str
    type_mime: str
    statut: StatutFichier


def may_open(statut: str) -> bool:
    """Tell whether a file in this state is served, read or printed."""
    if statut == StatutFichier.ANALYSE_INDISPONIBLE:
        return not is_configured() and accepts_unscanned()
    return statut in {StatutFichier.SAINE, StatutFichier.PRODUITE}


def accepts_unscanned() -> bool:
    """Tell whether the administration accepts files that nobody analysed."""
    return bool(settings.UNSCANNED_FILES == ACCEPTED)


def refuse_unless_open(file: StoredFile) -> None:
    """Raise FileRefused, with the reason, unless the file may be opened."""
    if may_open(file.statut):
        return
    if file.statut == StatutFichier.INFECTEE:
        raise FileRefused("infectee", signature=file.signature)
    if file.statut == StatutFichier.INTEGRITE_ROMPUE:
        raise FileRefused("rompue")
    raise FileRefused("attend" if is_configured() else "absent")


def open_judged(file: StoredFile) -> BinaryIO:
    """Open a file for whoever reads or prints it. Raises FileRefused, IntegrityBroken."""
    refuse_unless_open(file)
    return open_stored(file)


def analyse_received(
    *,
    by: User,
    chain: UUID,
    content: bytes,
    nom: str,
    type_mime: str,
    patience: float = PATIENCE,
) -> Received:
    """Have received bytes analysed, before anything of them is kept or parsed.

    chain: of the journal, that of the marché the file was meant for. To be called outside the
    transaction of the change: what is found is traced even though the change does not happen.
    Raises FileRefused when malware is found.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    known = StoredFile.objects.filter(sha256=sha256, statut=StatutFichier.INFECTEE).first()
    verdict = Verdict(signature=known.signature) if known else scan(content, patience=patience)
    if verdict.signature:
        file = StoredFile(
            sha256=sha256,
            nom=clean_name(nom),
            type_mime=type_mime[:100],
            taille=len(content),
            statut=StatutFichier.INFECTEE,
            signature=verdict.signature,
            analysed_at=database_now(),
            created_by=by,
        )
        with transaction.atomic():
            keep_row(by=by, file=file, chain=chain)
            _journal(by, "documents:file:infected", chain, file)
        log.warning("infected file refused: id=%s signature=%s", file.pk, verdict.signature)
        raise FileRefused("infectee", signature=verdict.signature)
    return Received(content, nom, type_mime, _statut_of(verdict))


@transaction.atomic
def keep_received(*, by: User, received: Received, chain: UUID) -> StoredFile:
    """Keep bytes that were judged; that nobody analysed them is journaled when they open anyway.

    chain: of the journal, that of the marché the file was meant for.
    """
    file = store_file(
        by=by,
        content=received.content,
        nom=received.nom,
        type_mime=received.type_mime,
        chain=chain,
        statut=received.statut,
        analysed_at=database_now(),
    )
    if received.statut == StatutFichier.ANALYSE_INDISPONIBLE and may_open(received.statut):
        _journal(by, "documents:file:unscanned", PLATFORM_CHAIN, file)
    return file


def sweep_analyses() -> int:
    """Analyse the files that wait for it, if the scanner answers; return how many were judged.

    A file that the scanner never swallows goes behind the others, and stops nobody.
    """
    waiting = StoredFile.objects.filter(statut__in=A_ANALYSER).order_by(
        F("analysed_at").asc(nulls_first=True), "created_at"
    )
    files = list(waiting[:AT_ONCE]) if is_configured() else []
    if not files or not ping():
        return 0
    judged = 0
    for file in files:
        try:
            if analyse_stored(file):
                judged += 1
            elif not ping():
                break
        except TooManyJobs:
            continue  # its owner has enough waiting: at the next sweep
    return judged


def analyse_stored(file: StoredFile) -> bool:
    """Analyse a kept file again and draw the consequences. Returns whether a verdict was given."""
    try:
        with open_stored(file) as stream:
            verdict = scan(stream, patience=LONG_PATIENCE)
    except IntegrityBroken:
        _say_broken(file)
        return True
    if verdict.cause:
        StoredFile.objects.filter(pk=file.pk).update(analysed_at=Now())
        return False
    _apply(file.sha256, verdict)
    if verdict.signature:
        discard_bytes(file.sha256)
    return True


@transaction.atomic
def _apply(sha256: str, verdict: Verdict) -> None:
    """Give a verdict to every row that waits for it and shares these bytes; tell their holders.

    Malware is told of rows that were thought sound too: the bytes are the same.
    """
    concerned = [*A_ANALYSER, StatutFichier.SAINE] if verdict.signature else A_ANALYSER
    rows = StoredFile.objects.select_for_update(of=("self",), no_key=True).filter(
        sha256=sha256, statut__in=concerned
    )
    for file in rows.order_by("pk"):
        file.statut = _statut_of(verdict)
        file.signature = verdict.signature
        file.analysed_at = database_now()
        _record_verdict(file)
        if verdict.signature:
            _journal(None, "documents:file:found", file.chaine or PLATFORM_CHAIN, file)
        for holder in list_holders():
            holder.judged(file)


@transaction.atomic
def _say_broken(file: StoredFile) -> None:
    """A file whose bytes changed while it waited: it opens no more."""
    waiting = StoredFile.objects.select_for_update(of=("self",), no_key=True)
    for row in waiting.filter(pk=file.pk, statut__in=A_ANALYSER):
        row.statut, row.analysed_at = StatutFichier.INTEGRITE_ROMPUE, database_now()
        _record_verdict(row)


def _record_verdict(file: StoredFile) -> None:
    details = {"fichier": file.nom, "état": str(StatutFichier(file.statut).label)}
    with recording(by=None, tag="documents:file:judged", obj=file, details=details):
        file.save(update_fields=["statut", "signature", "analysed_at"])


def _statut_of(verdict: Verdict) -> StatutFichier:
    if verdict.signature:
        return StatutFichier.INFECTEE
    return StatutFichier.SAINE if verdict.sound else StatutFichier.ANALYSE_INDISPONIBLE


def _journal(by: User | None, tag: str, chain: UUID, file: StoredFile) -> None:
    record_event(
        by=by,
        tag=tag,
        chain=chain,
        objet=f"fichier:{file.pk}",
        details={
            "fichier": file.nom,
            "empreinte": file.sha256,
            "taille": file.taille,
            "signature": file.signature,
        },
    )
