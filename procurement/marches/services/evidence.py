"""Verifying the story of a marché, taking its proof out, and saying so."""

from procurement.access.services import AccessRefused, Conflict
from procurement.accounts.models import User
from procurement.audit.selectors import JournalEntry, find_receipt, list_entries
from procurement.audit.services import (
    Receipt,
    issue_receipt,
    record_event,
    record_if_it_matters,
    verify_evidence,
)
from procurement.audit.services.verification import EvidenceReport
from procurement.jobs.models import Job
from procurement.jobs.services import enqueue
from procurement.marches.models import Marche
from procurement.marches.permissions import Action


PACK = "marches:write_pack"


def ask_pack(*, by: User, marche: Marche) -> Job:
    """Ask for the evidence pack of a marché; the ask is an event of its chain. Raises TooManyJobs."""
    record_event(
        by=by,
        tag="marches:history:exported",
        chain=marche.pk,
        objet=f"{Marche._meta.db_table}:{marche.pk}",
    )
    return enqueue(
        PACK,
        by=by,
        titre=f"Dossier de preuve, {marche}",
        action=Action.HISTORY_EXPORT,
        objet=marche.pk,
    )


def verify_marche(*, by: User, marche: Marche) -> EvidenceReport:
    """Recompute the chain of the marché and compare it with what the database holds today.

    The verification is itself an event of the chain, with its result.
    """
    report = verify_evidence(chain=marche.pk)
    record_event(
        by=by,
        tag="marches:history:verified",
        chain=marche.pk,
        objet=f"{Marche._meta.db_table}:{marche.pk}",
        details={"résultat": "intègre" if report.ok else "rompue", "lignes": report.entries},
    )
    record_if_it_matters(report, by=by, chain=marche.pk)
    return report


def hand_receipt(*, by: User, marche: Marche, seq: int) -> Receipt:
    """Give a person the receipt of an act of hers: the one already made, or a new one.

    Raises AccessRefused: 404 for a line that is not hers, 409 for one that was redacted.
    """
    found = list_entries(marche.pk, before=seq + 1, limit=1, acteur=f"acheteur:{by.pk}")
    if not found or found[0].seq != seq:
        raise AccessRefused("Cette ligne n’existe pas.", status=404)
    if found[0].caviarde:
        raise Conflict("Cette ligne est caviardée\u202f: elle ne dit plus ce qui a été fait.")
    return find_receipt(marche.pk, seq) or make_receipt(marche, found[0], by=by)


def make_receipt(marche: Marche, entry: JournalEntry, *, by: User) -> Receipt:
    """Make the receipt of a line of the journal, with what it says of the act."""
    return issue_receipt(
        chain=marche.pk,
        seq=entry.seq,
        by=by,
        acheteur=marche.organisation.nom,
        marche=marche.objet,
    )
