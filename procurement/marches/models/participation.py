"""Participation: the role of a person on a marché. Ended, never deleted."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.marches.enums import GESTIONNAIRE_DE_TOUT, RoleParticipation
from procurement.marches.models.marche import Marche


class Participation(models.Model):
    """One active role per person and marché.

    portee: the one object of a product that the role holds for, a pièce; none: the whole marché.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    marche = models.ForeignKey(Marche, on_delete=models.PROTECT, related_name="participations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="participations"
    )
    role = models.CharField("rôle", max_length=14, choices=RoleParticipation)
    portee = models.UUIDField("portée", null=True, blank=True)
    is_active = models.BooleanField("en cours", default=True)
    created_at = models.DateTimeField("depuis le", db_default=Now())

    class Meta:
        verbose_name = "participation"
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                name="participation_active_unique",
                fields=["marche", "user"],
                condition=Q(is_active=True),
                violation_error_message="Cette personne participe déjà au marché.",
            ),
            models.CheckConstraint(
                name="participation_role_connu",
                condition=Q(role__in=RoleParticipation.values),
                violation_error_message="Ce rôle n’existe pas.",
            ),
            models.CheckConstraint(
                name="participation_gestionnaire_de_tout",
                condition=Q(portee__isnull=True) | ~Q(role=RoleParticipation.GESTIONNAIRE),
                violation_error_message=GESTIONNAIRE_DE_TOUT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()}"
