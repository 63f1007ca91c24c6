"""Job: one row per piece of background work. The row is the truth and the outbox."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.jobs.enums import StatutJob


class Job(models.Model):
    """Asked by a person, for one object, under one action of a matrix, checked again when it runs.

    The platform asks for its own work under no action; ``requested_by`` is then None.

    ``bail_jusqua`` is the lease of the worker that holds it: past that instant, another may take it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("sorte", max_length=80)
    params = models.JSONField("paramètres", default=dict, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name="demandé par",
    )
    action = models.CharField("droit exigé", max_length=80, blank=True)
    objet = models.UUIDField("objet", null=True, blank=True)
    cle = models.CharField("clé d’idempotence", max_length=200, unique=True, null=True)  # noqa: DJ001
    titre = models.CharField("titre", max_length=200)
    statut = models.CharField("état", max_length=12, choices=StatutJob, default=StatutJob.EN_FILE)
    tentatives = models.PositiveSmallIntegerField("tentatives", default=0)
    bail_jusqua = models.DateTimeField("bail jusqu’à", null=True, blank=True)
    etape = models.PositiveIntegerField("étape", default=0)
    total = models.PositiveIntegerField("étapes", default=0)
    libelle_etape = models.CharField("étape en cours", max_length=200, blank=True)
    raison = models.CharField("raison de l’échec", max_length=500, blank=True)
    resultat = models.JSONField("résultat", default=dict, blank=True)
    created_at = models.DateTimeField("demandé le", db_default=Now())
    finished_at = models.DateTimeField("fini le", null=True, blank=True)

    page: object | None = None
    """Where the work goes on, a JobPage; a selector fills it for a screen, it is not kept."""

    class Meta:
        verbose_name = "travail"
        verbose_name_plural = "travaux"
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                name="job_a_reprendre",
                fields=["created_at"],
                condition=Q(statut__in=[StatutJob.EN_FILE, StatutJob.EN_COURS]),
            ),
            models.Index(name="job_du_demandeur", fields=["requested_by", "-created_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="job_statut_connu",
                condition=Q(statut__in=StatutJob.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="job_en_cours_sous_bail",
                condition=~Q(statut=StatutJob.EN_COURS) | Q(bail_jusqua__isnull=False),
                violation_error_message="Un travail en cours a un bail.",
            ),
            models.CheckConstraint(
                name="job_sous_un_droit_a_un_demandeur",
                condition=Q(requested_by__isnull=False) | Q(action=""),
                violation_error_message="Un travail fait sous un droit a un demandeur.",
            ),
            models.CheckConstraint(
                name="job_echec_motive",
                condition=~Q(statut=StatutJob.ECHEC) | ~Q(raison=""),
                violation_error_message="Un échec porte sa raison.",
            ),
        ]

    def __str__(self) -> str:
        return self.titre

    @property
    def is_over(self) -> bool:
        """Done, failed or given up: its lease, its progress and its reason change no more."""
        return self.statut in {StatutJob.FAIT, StatutJob.ECHEC, StatutJob.ANNULE}

    @property
    def html_id(self) -> str:
        """Identifier of its fragment in a page, which htmx replaces."""
        return f"travail-{self.pk}"

    @property
    def percent(self) -> int:
        """From 0 to 100, rounded; 100 only once done, 0 while the number of steps is unknown."""
        if self.statut == StatutJob.FAIT:
            return 100
        return round(100 * self.etape / self.total) if self.total else 0
