"""Sealing and verifying the evidence every night."""

import logging

from celery import shared_task

from procurement.audit.services import record_verdict, seal_evidence, verify_evidence


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
    record_verdict(report)
