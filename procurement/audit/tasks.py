"""Sealing and verifying the evidence every night."""

import logging

from celery import shared_task

from procurement.audit.services import PLATFORM_CHAIN, record_event, seal_evidence, verify_evidence


logger = logging.getLogger(__name__)


@shared_task(name="audit.seal_evidence")
def seal() -> None:
    """Seal the heads of all chains. Beat calls it every night."""
    seal_evidence()


@shared_task(name="audit.verify_evidence")
def verify() -> None:
    """Recompute the whole history and keep the verdict in it. Beat calls it every night."""
    report = verify_evidence()
    for found in report.breaks:
        logger.error("Evidence broken: %s no. %s [%s]", found.chain, found.seq, found.kind)
    record_event(
        by=None,
        tag="audit:evidence:verified",
        chain=PLATFORM_CHAIN,
        objet=f"chaine:{PLATFORM_CHAIN}",
        details={
            "résultat": "intègre" if report.ok else "rompue",
            "écritures": report.entries,
            "ruptures": len(report.breaks),
        },
    )
