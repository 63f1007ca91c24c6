"""Asking for a pièce on paper or in another format. The writing itself is a job."""

from procurement.access.services import AccessRefused, Conflict
from procurement.accounts.models import User
from procurement.audit.services import record_event
from procurement.jobs.models import Job
from procurement.jobs.services import enqueue
from wikimarche.enums import FormatExport
from wikimarche.models import Piece, Version
from wikimarche.permissions import Action


def record_export(*, by: User, piece: Piece, version: Version, format: FormatExport) -> None:
    """Say in the journal that a person takes a version of a pièce out, by the site or by a command."""
    record_event(
        by=by,
        tag="wikimarche:piece:exported",
        chain=piece.marche_id,
        objet=f"{Piece._meta.db_table}:{piece.pk}",
        details={"format": format.label, "version": str(version.numero), "pièce": piece.titre},
    )


def ask_export(*, by: User, piece: Piece, format: str, version: int | None = None) -> Job:
    """Ask for one version of a pièce, the last by default; the ask is an event of the journal.

    Raises Conflict for an empty pièce, AccessRefused (404) for an unknown version, TooManyJobs.
    """
    versions = Version.objects.filter(piece=piece)
    found = versions.filter(numero=version) if version else versions.order_by("-numero")
    wanted = found.first()
    if wanted is None and version:
        raise AccessRefused("Cette version n’existe pas.", status=404)
    if wanted is None:
        raise Conflict("La pièce est encore vide.")
    format = FormatExport(format)
    record_export(by=by, piece=piece, version=wanted, format=format)
    return enqueue(
        "wikimarche:export_piece",
        by=by,
        titre=f"{piece.titre}, version {wanted.numero}, {format.label}",
        action=Action.PIECE_EXPORT,
        objet=piece.pk,
        params={"format": str(format), "version": wanted.numero},
    )
