"""Invitation: a role offered by e-mail. The link is kept hashed, serves once, for seven days."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.marches.enums import GESTIONNAIRE_DE_TOUT, RoleParticipation
from procurement.marches.models.marche import Marche
from procurement.organisations.enums import Fonction


OFFERED = {one.value: one.label for one in (Fonction.INVITE, Fonction.AGENT)}
"""Functions that an invitation may give; the others are given by who runs the platform."""


class Invitation(models.Model):
    """Waiting until accepted, revoked or past ``expire_le``. portee: as in ``Participation``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    marche = models.ForeignKey(Marche, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField("adresse électronique")
    role = models.CharField("rôle", max_length=14, choices=RoleParticipation)
    portee = models.UUIDField("portée", null=True, blank=True)
    fonction = models.CharField(
        "fonction", max_length=14, choices=OFFERED, default=Fonction.AGENT, editable=False
    )
    mot = models.CharField("mot d’accompagnement", max_length=500, blank=True)
    jeton_sha256 = models.CharField(
        "empreinte du lien", max_length=64, unique=True, null=True, blank=True
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("envoyée le", db_default=Now())
    expire_le = models.DateTimeField("expire le")
    acceptee_le = models.DateTimeField("acceptée le", null=True, blank=True)
    acceptee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    revoquee_le = models.DateTimeField("révoquée le", null=True, blank=True)

    class Meta:
        verbose_name = "invitation"
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                name="invitation_en_attente_unique",
                fields=["marche", "email"],
                condition=Q(acceptee_le__isnull=True, revoquee_le__isnull=True),
                violation_error_message="Une invitation attend déjà cette personne.",
            ),
            models.CheckConstraint(
                name="invitation_role_connu",
                condition=Q(role__in=RoleParticipation.values),
                violation_error_message="Ce rôle n’existe pas.",
            ),
            models.CheckConstraint(
                name="invitation_gestionnaire_de_tout",
                condition=Q(portee__isnull=True) | ~Q(role=RoleParticipation.GESTIONNAIRE),
                violation_error_message=GESTIONNAIRE_DE_TOUT,
            ),
            models.CheckConstraint(
                name="invitation_fonction_ordinaire",
                condition=Q(fonction__in=list(OFFERED)),
                violation_error_message="Une invitation ne donne pas cette fonction.",
            ),
            models.CheckConstraint(
                name="invitation_acceptee_par_quelqu_un",
                condition=Q(acceptee_le__isnull=True) | Q(acceptee_par__isnull=False),
                violation_error_message="Une invitation acceptée l’est par une personne.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.get_role_display().lower()}"
