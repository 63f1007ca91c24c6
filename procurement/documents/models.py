"""StoredFile: bytes kept once under their SHA-256, outside the web root."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.documents.enums import A_ANALYSER, StatutFichier


class StoredFile(models.Model):
    """One received or produced file. The bytes never change; two rows may share them.

    Of an infected file the row alone stays: its name, its SHA-256, and the signature found.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField("empreinte", max_length=64, db_index=True)
    nom = models.CharField("nom", max_length=255)
    type_mime = models.CharField("type", max_length=100)
    taille = models.BigIntegerField("taille en octets")
    statut = models.CharField("état", max_length=24, choices=StatutFichier)
    signature = models.CharField("logiciel malveillant reconnu", max_length=200, blank=True)
    analysed_at = models.DateTimeField("dernière analyse demandée le", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("reçu le", db_default=Now())
    chaine = models.UUIDField(
        "chaîne du journal",
        null=True,
        blank=True,
        editable=False,
        help_text="Celle du marché dont il vient\u202f; celle de la plateforme quand il n’y en a pas.",
    )

    class Meta:
        verbose_name = "fichier"
        constraints = [
            models.CheckConstraint(
                name="fichier_statut_connu",
                condition=Q(statut__in=StatutFichier.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="fichier_empreinte_sha256",
                condition=Q(sha256__regex="^[0-9a-f]{64}$"),
                violation_error_message="L’empreinte d’un fichier est un SHA-256 en hexadécimal.",
            ),
            models.CheckConstraint(
                name="fichier_taille_positive",
                condition=Q(taille__gte=0),
                violation_error_message="La taille d’un fichier est positive.",
            ),
            models.CheckConstraint(
                name="fichier_infecte_nomme",
                condition=Q(statut=StatutFichier.INFECTEE, signature__gt="")
                | (~Q(statut=StatutFichier.INFECTEE) & Q(signature="")),
                violation_error_message="Un fichier infecté, et lui seul, nomme ce qu’il contient.",
            ),
        ]
        indexes = [
            models.Index(
                name="fichier_a_analyser",
                fields=["analysed_at", "created_at"],
                condition=Q(statut__in=A_ANALYSER),
            ),
        ]

    def __str__(self) -> str:
        return self.nom
