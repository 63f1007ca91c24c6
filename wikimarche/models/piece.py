"""Piece: one document of the marché, a tree of articles."""

import uuid

from django.db import models
from django.db.models import Deferrable, Q
from django.db.models.functions import Now
from django.urls import reverse

from procurement.marches.models import Marche
from procurement.ui.validators import validate_ligne
from wikimarche.enums import StatutPiece, TypePiece


class Piece(models.Model):
    """Ordered inside its marché by ``rang``. Its text is the tree of its articles."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    marche = models.ForeignKey(Marche, on_delete=models.PROTECT, related_name="pieces")
    type = models.CharField("type", max_length=6, choices=TypePiece)
    titre = models.CharField("titre", max_length=300, validators=[validate_ligne])
    rang = models.PositiveSmallIntegerField("rang")
    statut = models.CharField(
        "état", max_length=12, choices=StatutPiece, default=StatutPiece.BROUILLON
    )
    created_at = models.DateTimeField("créée le", db_default=Now())

    class Meta:
        verbose_name = "pièce"
        ordering = ["rang", "created_at"]
        constraints = [
            models.CheckConstraint(
                name="piece_type_connu",
                condition=Q(type__in=TypePiece.values),
                violation_error_message="Ce type de pièce n’existe pas.",
            ),
            models.CheckConstraint(
                name="piece_statut_connu",
                condition=Q(statut__in=StatutPiece.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            # Two pièces that change places share a rang for the length of a statement.
            models.UniqueConstraint(
                name="piece_rang_unique",
                fields=["marche", "rang"],
                deferrable=Deferrable.DEFERRED,
                violation_error_message="Une autre pièce a déjà cette place dans le marché.",
            ),
        ]

    def __str__(self) -> str:
        return self.titre

    def get_absolute_url(self) -> str:
        """Path of the page of the pièce, without host."""
        return reverse("wikimarche:piece_detail", args=[self.pk])
