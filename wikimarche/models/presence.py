"""Presence: who is on which pièce now, and where she writes. Forgotten after a few seconds."""

from django.conf import settings
from django.db import models

from wikimarche.models.article import Article
from wikimarche.models.piece import Piece


class Presence(models.Model):
    """One row per person and pièce, refreshed by each poll; of no value as evidence."""

    piece = models.ForeignKey(Piece, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, null=True, related_name="+")
    vue_le = models.DateTimeField("vue le")

    class Meta:
        verbose_name = "présence"
        constraints = [
            models.UniqueConstraint(
                name="presence_unique",
                fields=["piece", "user"],
                violation_error_message="Cette personne est déjà sur cette pièce.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} sur {self.piece_id}"
