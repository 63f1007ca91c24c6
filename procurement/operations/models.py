"""What the platform was, minute by minute."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.operations.enums import EtatSante


class MinuteSante(models.Model):
    """What was seen in one minute. A minute without a row is not proved: it is told as a gap.

    Added by the web process alone; nobody changes it, the worker removes it after thirteen months.
    """

    minute = models.DateTimeField("minute", primary_key=True)
    etat = models.CharField(
        "état", max_length=12, choices=[(str(one), str(one)) for one in EtatSante]
    )
    constats = models.JSONField("ce qui n’allait pas, par organe", default=dict, blank=True)
    mesures = models.JSONField("ce qui fut mesuré, par organe", default=dict, blank=True)
    version = models.CharField("version du programme", max_length=40)
    written_at = models.DateTimeField("écrite le, à l’horloge de la base", db_default=Now())

    class Meta:
        verbose_name = "minute de santé"
        verbose_name_plural = "minutes de santé"
        ordering = ["minute"]
        constraints = [
            models.CheckConstraint(
                name="minute_etat_connu",
                condition=Q(etat__in=[str(one) for one in EtatSante]),
                violation_error_message="Cet état n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M}"
