"""Organisation, its directions and its members."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.organisations.enums import Fonction, TypeOrganisation
from procurement.organisations.validators import validate_siret
from procurement.ui.validators import validate_ligne


class Organisation(models.Model):
    """A public buyer, a supplier or a group of citizens; the SIRET is absent for the latter."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nom = models.CharField("nom", max_length=200, validators=[validate_ligne])
    type = models.CharField("type", max_length=20, choices=TypeOrganisation)
    siret = models.CharField(
        "SIRET", max_length=14, unique=True, null=True, blank=True, validators=[validate_siret]
    )
    created_at = models.DateTimeField("créée le", db_default=Now())

    class Meta:
        verbose_name = "organisation"
        ordering = ["nom"]
        constraints = [
            models.CheckConstraint(
                name="organisation_type_connu",
                condition=Q(type__in=TypeOrganisation.values),
                violation_error_message="Ce type d’organisation n’existe pas.",
            ),
            models.CheckConstraint(
                name="organisation_siret_sauf_collectif",
                condition=Q(type=TypeOrganisation.COLLECTIF) | Q(siret__isnull=False),
                violation_error_message="Un acheteur ou un fournisseur a un SIRET.",
            ),
            models.CheckConstraint(
                name="organisation_siret_non_vide",
                condition=Q(siret=None) | Q(siret__regex=r"^[0-9]{14}$"),
                violation_error_message="Un SIRET compte quatorze chiffres.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom


class Direction(models.Model):
    """A department of the organisation: the group that gives a visa."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="directions"
    )
    nom = models.CharField("nom", max_length=150, validators=[validate_ligne])
    sigle = models.CharField("sigle", max_length=20, blank=True)
    is_juridique = models.BooleanField("direction juridique", default=False)
    created_at = models.DateTimeField("créée le", db_default=Now())

    class Meta:
        verbose_name = "direction"
        ordering = ["nom"]
        constraints = [
            models.UniqueConstraint(
                name="direction_nom_unique",
                fields=["organisation", "nom"],
                violation_error_message="Cette direction existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return self.nom


class Membership(models.Model):
    """A person works for an organisation, in one of its directions. Ended, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    direction = models.ForeignKey(
        Direction, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    fonction = models.CharField("fonction", max_length=20, choices=Fonction)
    intitule = models.CharField("intitulé du poste", max_length=120, blank=True)
    is_active = models.BooleanField("en fonction", default=True)
    created_at = models.DateTimeField("depuis le", db_default=Now())
    ended_at = models.DateTimeField("jusqu’au", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "appartenance"
        constraints = [
            models.UniqueConstraint(
                name="appartenance_unique",
                fields=["organisation", "user"],
                violation_error_message="Cette personne appartient déjà à l’organisation.",
            ),
            models.CheckConstraint(
                name="appartenance_fonction_connue",
                condition=Q(fonction__in=Fonction.values),
                violation_error_message="Cette fonction n’existe pas.",
            ),
            models.CheckConstraint(
                name="appartenance_fin_datee",
                condition=Q(is_active=True, ended_at=None)
                | Q(is_active=False, ended_at__isnull=False),
                violation_error_message="Une appartenance terminée porte sa date de fin.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"

    def clean(self) -> None:
        """Raise ValidationError under direction when it belongs to another organisation."""
        if self.direction and self.direction.organisation_id != self.organisation_id:
            raise ValidationError(
                {"direction": "Cette direction est celle d’une autre organisation."}
            )
