"""Marche: the purchase from need to execution, and its fiche."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from procurement.marches.domain.variables import say_renewals
from procurement.marches.enums import NatureMarche, Procedure, StatutMarche, Technique
from procurement.organisations.models import Direction, Organisation
from procurement.ui.typographie import format_date
from procurement.ui.validators import validate_ligne


FICHE = (
    "objet",
    "reference",
    "direction",
    "nature",
    "procedure",
    "technique",
    "cpv",
    "montant_estime",
    "duree_mois",
    "reconductions",
    "lieu_execution",
    "publication_prevue",
    "date_limite_offres",
    "attribution_prevue",
    "debut_execution",
)
"""Fields of the fiche: what its form shows and update_marche may change."""

PHRASES = ("objet", "lieu_execution")
"""Those that a person writes in words, and that pièces print: they are kept as they are printed."""

DATES = ("publication_prevue", "date_limite_offres", "attribution_prevue", "debut_execution")
YEARS = range(1990, 2200)
"""Years of a purchase; what is typed outside is a slip, and the first years have no hour in UTC."""


class Marche(models.Model):
    """One purchase of one organisation. Its fields are the fiche that every pièce draws on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="marches")
    direction = models.ForeignKey(
        Direction,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="marches",
        verbose_name="direction en charge",
    )
    reference = models.CharField("référence", max_length=30, validators=[validate_ligne])
    objet = models.CharField("objet", max_length=300, validators=[validate_ligne])
    statut = models.CharField(
        "état", max_length=12, choices=StatutMarche, default=StatutMarche.BESOIN
    )
    nature = models.CharField("nature", max_length=12, choices=NatureMarche, blank=True)
    procedure = models.CharField("procédure", max_length=24, choices=Procedure, blank=True)
    technique = models.CharField(
        "technique d’achat", max_length=28, choices=Technique, default=Technique.AUCUNE
    )
    cpv = models.CharField(
        "code CPV",
        max_length=10,
        blank=True,
        validators=[
            RegexValidator(
                r"^[0-9]{8}(-[0-9])?\Z",
                "Un code CPV a huit chiffres, de 0 à 9\u202f; un tiret et sa clé peuvent suivre.",
            )
        ],
    )
    montant_estime = models.DecimalField(
        "montant estimé HT",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0, "Un montant est positif.")],
    )
    duree_mois = models.PositiveSmallIntegerField(
        "durée en mois",
        null=True,
        blank=True,
        validators=[MinValueValidator(1, "Une durée compte au moins un mois.")],
    )
    reconductions = models.PositiveSmallIntegerField(
        "reconductions",
        default=0,
        validators=[MinValueValidator(0, "Un marché se reconduit zéro fois ou plus.")],
    )
    lieu_execution = models.CharField("lieu d’exécution", max_length=200, blank=True)
    publication_prevue = models.DateField("publication prévue", null=True, blank=True)
    date_limite_offres = models.DateTimeField("remise des offres", null=True, blank=True)
    attribution_prevue = models.DateField("attribution prévue", null=True, blank=True)
    debut_execution = models.DateField("début d’exécution", null=True, blank=True)
    partage_juridique = models.BooleanField(
        "partagé avec le service juridique",
        default=False,
        help_text="Les juristes de l’organisation peuvent alors le lire et en vérifier l’histoire.",
    )
    created_at = models.DateTimeField("créé le", db_default=Now())

    class Meta:
        verbose_name = "marché"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                name="marche_reference_unique",
                fields=["organisation", "reference"],
                violation_error_message="Cette référence existe déjà dans votre organisation.",
            ),
            models.CheckConstraint(
                name="marche_statut_connu",
                condition=Q(statut__in=StatutMarche.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="marche_nature_connue",
                condition=Q(nature__in=["", *NatureMarche.values]),
                violation_error_message="Cette nature de marché n’existe pas.",
            ),
            models.CheckConstraint(
                name="marche_procedure_connue",
                condition=Q(procedure__in=["", *Procedure.values]),
                violation_error_message="Cette procédure n’existe pas.",
            ),
            models.CheckConstraint(
                name="marche_technique_connue",
                condition=Q(technique__in=Technique.values),
                violation_error_message="Cette technique d’achat n’existe pas.",
            ),
            models.CheckConstraint(
                name="marche_montant_positif",
                condition=Q(montant_estime__isnull=True) | Q(montant_estime__gte=0),
                violation_error_message="Un montant est positif.",
            ),
            models.CheckConstraint(
                name="marche_attribution_apres_publication",
                condition=Q(attribution_prevue__isnull=True)
                | Q(publication_prevue__isnull=True)
                | Q(attribution_prevue__gte=F("publication_prevue")),
                violation_error_message="L’attribution suit la publication.",
            ),
        ]

    def __str__(self) -> str:
        return self.objet

    def get_absolute_url(self) -> str:
        """Path of the page of the marché, without host."""
        return reverse("marches:marche_detail", args=[self.pk])

    def clean(self) -> None:
        """Raise ValidationError under each date out of YEARS or before an earlier step of the purchase."""
        faults = {
            name: f"L’année va de {YEARS.start} à {YEARS.stop - 1}."
            for name in DATES
            if (day := getattr(self, name)) is not None and day.year not in YEARS
        }
        if faults:
            raise ValidationError(faults)
        offers = self.date_limite_offres and timezone.localtime(self.date_limite_offres).date()
        steps = (
            ("publication_prevue", self.publication_prevue, "La publication", "la publication"),
            ("date_limite_offres", offers, "La remise des offres", "la remise des offres"),
            ("attribution_prevue", self.attribution_prevue, "L’attribution", "l’attribution"),
            ("debut_execution", self.debut_execution, "Le début d’exécution", ""),
        )
        before = None
        for name, day, title, words in steps:
            if day is None:
                continue
            if before and day < before[0]:
                faults[name] = (
                    f"{title} ne peut pas précéder {before[1]}, le {format_date(before[0])}."
                )
            else:
                before = (day, words)
        if faults:
            raise ValidationError(faults)

    @property
    def reconduction(self) -> str:
        """Whether it may be renewed and how often, « reconductible 3 fois »."""
        return say_renewals(self.reconductions)

    @property
    def etapes_faites(self) -> int:
        """How many steps lie behind, for the small drawing in lists; all of them once it is closed."""
        return list(StatutMarche).index(StatutMarche(self.statut)) if not self.est_arrete else 0

    @property
    def est_arrete(self) -> bool:
        """The purchase stopped before its end: no step is under way, and none will be."""
        return self.statut in {StatutMarche.SANS_SUITE, StatutMarche.INFRUCTUEUX}
