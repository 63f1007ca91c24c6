"""StoredFile: bytes kept once under their SHA-256, outside the web root."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from procurement.documents.enums import StatutFichier


class StoredFile(models.Model):
    """One received or produced file. The bytes never change; two rows may share them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField("empreinte", max_length=64, db_index=True)
    nom = models.CharField("nom", max_length=255)
    type_mime = models.CharField("type", max_length=100)
    taille = models.BigIntegerField("taille en octets")
    statut = models.CharField("état", max_length=24, choices=StatutFichier)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("reçu le", auto_now_add=True)

    chaine: uuid.UUID | None = None
    """Chain of the journal that says where the file comes from; for its writing, it is not kept."""

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
        ]

    def __str__(self) -> str:
        return self.nom
