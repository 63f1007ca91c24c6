"""Importation: a document from Word on its way to becoming articles."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.documents.models import StoredFile
from wikimarche.enums import StatutImport
from wikimarche.models.piece import Piece


class Importation(models.Model):
    """The file received, what was read in it, and the cutting into articles being corrected.

    nom, without fichier: of a document that was refused once received; it is no longer kept.
    decoupage: the draft tree (``domain/importing``), with its own number to refuse stale changes.
    empreinte: what the draft hashes to, which the journal keeps at each correction.
    annulations: what each correction replaced, newest last, so that it can be undone.
    empreinte_annulations: what they hash to, empty when there are none; kept likewise.
    version: of the pièce, the one its articles came in with; None until it is accepted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="importations")
    fichier = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    nom = models.CharField("nom du fichier refusé", max_length=255, blank=True)
    statut = models.CharField(
        "état", max_length=12, choices=StatutImport, default=StatutImport.EN_LECTURE
    )
    rapport = models.JSONField("rapport", default=dict, blank=True)
    decoupage = models.JSONField("découpage", default=dict, blank=True)
    empreinte = models.CharField("empreinte du découpage", max_length=64, blank=True)
    annulations = models.JSONField("découpages précédents", default=list, blank=True)
    empreinte_annulations = models.CharField(
        "empreinte des découpages précédents", max_length=64, blank=True
    )
    numero = models.PositiveIntegerField("numéro du découpage", default=0)
    version = models.PositiveIntegerField("version de la pièce", null=True, blank=True)
    raison = models.CharField("raison du refus", max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("reçu le", db_default=Now())

    class Meta:
        verbose_name = "importation"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="importation_statut_connu",
                condition=Q(statut__in=StatutImport.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="importation_refus_motive",
                condition=~Q(statut=StatutImport.REFUSE) | ~Q(raison=""),
                violation_error_message="Un refus porte sa raison.",
            ),
            models.CheckConstraint(
                name="importation_fichier_garde",
                condition=Q(statut=StatutImport.REFUSE) | Q(fichier__isnull=False),
                violation_error_message="Seul un document refusé n’est plus gardé.",
            ),
        ]

    def __str__(self) -> str:
        return self.fichier.nom if self.fichier else self.nom

    @property
    def document(self) -> StoredFile:
        """The file received, which every importation has but a refused one."""
        if self.fichier is None:
            raise StoredFile.DoesNotExist(f"The document of importation {self.pk} is not kept.")
        return self.fichier
