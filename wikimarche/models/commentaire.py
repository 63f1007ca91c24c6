"""Commentaire: one turn in a thread."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from wikimarche.enums import GesteFil
from wikimarche.models.fil import Fil


class Commentaire(models.Model):
    """What a person said in a thread, or did to it: who closed it, with which answer, who opened it again.

    texte: plain text, empty where the act said nothing, or while it is masked: the journal keeps
        what it was, and nothing else does.
    corrige_le: when its author last changed it. masque_par: who masked it, with masque_motif.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    fil = models.ForeignKey(Fil, on_delete=models.PROTECT, related_name="commentaires")
    geste = models.CharField("geste", max_length=8, choices=GesteFil, default=GesteFil.DIT)
    texte = models.TextField("commentaire", max_length=5000, blank=True)
    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    instant = models.DateTimeField("écrit le", db_default=Now())
    corrige_le = models.DateTimeField("corrigé le", null=True, blank=True)
    masque_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    masque_motif = models.CharField("motif du masquage", max_length=300, blank=True)

    class Meta:
        verbose_name = "commentaire"
        ordering = ["instant"]
        indexes = [models.Index(name="commentaire_du_fil", fields=["fil", "instant"])]
        constraints = [
            models.CheckConstraint(
                name="commentaire_geste_connu",
                condition=Q(geste__in=GesteFil.values),
                violation_error_message="Ce geste n’existe pas.",
            ),
            models.CheckConstraint(
                name="commentaire_masque_motive",
                condition=Q(masque_par__isnull=True, masque_motif="")
                | (Q(masque_par__isnull=False, texte="") & ~Q(masque_motif="")),
                violation_error_message="Un commentaire masqué porte un motif, et son texte n’est plus là.",
            ),
        ]

    def __str__(self) -> str:
        return f"Commentaire de {self.auteur}"

    @property
    def masque(self) -> bool:
        """Whether a modérateur took its words away from the screen."""
        return self.masque_par_id is not None
