"""SavedFilter: a search of the list of marchés that a person keeps under a name."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from procurement.ui.validators import validate_ligne


class SavedFilter(models.Model):
    """One person's own; it shows nothing that she may not see at the moment she opens it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    nom = models.CharField("nom", max_length=60, validators=[validate_ligne])
    requete = models.CharField("recherche", max_length=2000)
    created_at = models.DateTimeField("gardée le", db_default=Now())

    class Meta:
        verbose_name = "recherche gardée"
        verbose_name_plural = "recherches gardées"
        ordering = ["nom"]
        constraints = [
            models.UniqueConstraint(
                name="recherche_nom_unique",
                fields=["user", "nom"],
                violation_error_message="Vous avez déjà une recherche de ce nom.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom
