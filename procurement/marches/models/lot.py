"""Lot: a part of the marché that is awarded on its own. CCP, art. L2113-10."""

import uuid

from django.db import models
from django.db.models import Q

from procurement.marches.models.marche import Marche
from procurement.ui.validators import validate_ligne


class Lot(models.Model):
    """Numbered from 1 in its marché; a lot withdrawn leaves its number to the others."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    marche = models.ForeignKey(Marche, on_delete=models.PROTECT, related_name="lots")
    numero = models.PositiveSmallIntegerField("numéro")
    intitule = models.CharField("intitulé", max_length=200, validators=[validate_ligne])
    montant_estime = models.DecimalField(
        "montant estimé HT", max_digits=14, decimal_places=2, null=True, blank=True
    )
    retire = models.BooleanField("retiré", default=False)

    class Meta:
        verbose_name = "lot"
        ordering = ["numero"]
        constraints = [
            models.UniqueConstraint(
                name="lot_numero_unique",
                fields=["marche", "numero"],
                condition=Q(retire=False),
                violation_error_message="Ce numéro de lot existe déjà.",
            ),
            models.CheckConstraint(
                name="lot_numero_positif",
                condition=Q(numero__gte=1),
                violation_error_message="Les lots se numérotent à partir de 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"Lot {self.numero}\u202f: {self.intitule}"
