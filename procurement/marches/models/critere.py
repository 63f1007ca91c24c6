"""Critere: an award criterion with its weight. CCP, art. R2152-7 to R2152-12."""

import uuid

from django.db import models
from django.db.models import Q

from procurement.marches.enums import NatureCritere
from procurement.marches.models.lot import Lot
from procurement.marches.models.marche import Marche
from procurement.ui.validators import validate_ligne


class Critere(models.Model):
    """Weighs the offers of the whole marché, or of one of its lots. Weights are in percent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    marche = models.ForeignKey(Marche, on_delete=models.PROTECT, related_name="criteres")
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, null=True, blank=True, related_name="criteres"
    )
    rang = models.PositiveSmallIntegerField("rang")
    intitule = models.CharField("intitulé", max_length=200, validators=[validate_ligne])
    nature = models.CharField("nature", max_length=14, choices=NatureCritere)
    poids = models.DecimalField("poids en %", max_digits=5, decimal_places=2)
    retire = models.BooleanField("retiré", default=False)

    class Meta:
        verbose_name = "critère"
        ordering = ["rang"]
        constraints = [
            models.CheckConstraint(
                name="critere_nature_connue",
                condition=Q(nature__in=NatureCritere.values),
                violation_error_message="Cette nature de critère n’existe pas.",
            ),
            models.CheckConstraint(
                name="critere_poids_en_pourcent",
                condition=Q(poids__gt=0, poids__lte=100),
                violation_error_message="Un poids est un pourcentage, entre 0 et 100.",
            ),
        ]

    def __str__(self) -> str:
        return self.intitule

    @property
    def portee(self) -> str:
        """What it weighs: the key of a lot, "" for the offers of every lot."""
        return str(self.lot_id) if self.lot_id else ""
