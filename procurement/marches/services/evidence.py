"""Verifying the story of a marché, and saying that it was verified."""

from procurement.accounts.models import User
from procurement.audit.services import record_event, verify_evidence
from procurement.audit.services.verification import EvidenceReport
from procurement.marches.models import Marche


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
        details={"résultat": "intègre" if report.ok else "rompue", "écritures": report.entries},
    )
    return report
