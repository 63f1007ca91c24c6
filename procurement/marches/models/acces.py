"""AccesExceptionnel: who runs the platform reads one marché, for a reason, for a while, before everybody."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from procurement.marches.models.marche import Marche


PHRASE = r"^(?=.{20})(\S+\s+){4}\S"
"""Five words and twenty signs at least: a reason that somebody may contest, not « test »."""
LONGEST = timedelta(days=1)


class AccesExceptionnel(models.Model):
    """Stands until ``expire_le`` by the clock of the database, or until somebody closes it before.

    The right itself is in the function ``marches_roles``: observateur, and nothing more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    marche = models.ForeignKey(Marche, on_delete=models.PROTECT, related_name="acces_exceptionnels")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acces_exceptionnels"
    )
    motif = models.CharField(
        "motif",
        max_length=300,
        validators=[
            RegexValidator(PHRASE, "Dites pourquoi en une vraie phrase\u202f: cinq mots au moins.")
        ],
    )
    ouvert_le = models.DateTimeField("ouvert le")
    expire_le = models.DateTimeField("expire le")
    fini_le = models.DateTimeField("fini le", null=True, blank=True)
    ferme_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="fermé par",
    )

    class Meta:
        verbose_name = "accès exceptionnel"
        verbose_name_plural = "accès exceptionnels"
        ordering = ["-ouvert_le"]
        constraints = [
            models.UniqueConstraint(
                name="acces_en_cours_unique",
                fields=["marche", "user"],
                condition=Q(fini_le__isnull=True),
                violation_error_message="Vous avez déjà un accès ouvert à ce marché.",
            ),
            models.CheckConstraint(
                name="acces_motif_en_une_phrase",
                condition=Q(motif__regex=PHRASE),
                violation_error_message="Le motif d’un accès est une vraie phrase.",
            ),
            models.CheckConstraint(
                name="acces_duree_bornee",
                condition=Q(expire_le__gt=F("ouvert_le"))
                & Q(expire_le__lte=F("ouvert_le") + LONGEST),
                violation_error_message="Un accès dure un jour au plus.",
            ),
            models.CheckConstraint(
                name="acces_fini_dans_sa_duree",
                condition=Q(fini_le__isnull=True)
                | Q(fini_le__gte=F("ouvert_le"), fini_le__lte=F("expire_le")),
                violation_error_message="Un accès finit à son échéance au plus tard.",
            ),
            models.CheckConstraint(
                name="acces_ferme_est_fini",
                condition=Q(ferme_par__isnull=True) | Q(fini_le__isnull=False),
                violation_error_message="Un accès fermé par une personne est fini.",
            ),
        ]

    def __str__(self) -> str:
        return f"accès de {self.user}"
