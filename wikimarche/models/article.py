"""Article: a clause with an identity for life. It is retired, never deleted."""

import uuid
from uuid import UUID

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from wikimarche.enums import StatutArticle
from wikimarche.models.piece import Piece


MERGED = "Fusionné dans"
"""How the reason of a retirement by merge begins."""
UNCUT = "Scission de"
"""How the reason of a retirement begins, when the cut that made the article is undone."""


class Article(models.Model):
    """One clause: a title and a body, a ProseMirror document of ``domain/schema.json``.

    rang: order key among its siblings, compared byte by byte (``domain/rank.py``).
    numero: number of its last commit, 0 at birth; each acknowledged edit adds one.
    empreinte: SHA-256 of title and body, comments left out (``domain/canonical.py``).
    numerote: False for front matter (a preamble, a page of definitions), printed without number.
    The printed number (« 7.2 ») is computed from the tree and stored nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="articles")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="enfants"
    )
    rang = models.CharField("rang", max_length=200, db_collation="C")
    titre = models.CharField("titre", max_length=300, blank=True)
    corps = models.JSONField("corps")
    empreinte = models.CharField("empreinte", max_length=64)
    numero = models.PositiveIntegerField(
        "numéro du dernier enregistrement", default=0, validators=[MinValueValidator(0)]
    )
    statut = models.CharField(
        "état", max_length=8, choices=StatutArticle, default=StatutArticle.ACTIF
    )
    numerote = models.BooleanField("numéroté", default=True)
    motif_retrait = models.CharField("motif du retrait", max_length=300, blank=True)
    provenance = models.JSONField("provenance", default=dict, blank=True)
    created_at = models.DateTimeField("créé le", db_default=Now())

    class Meta:
        verbose_name = "article"
        ordering = ["rang"]
        indexes = [models.Index(name="article_de_la_piece", fields=["piece", "rang"])]
        constraints = [
            models.CheckConstraint(
                name="article_statut_connu",
                condition=Q(statut__in=StatutArticle.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="article_retire_motive",
                condition=Q(statut=StatutArticle.ACTIF) | ~Q(motif_retrait=""),
                violation_error_message="Un article retiré porte son motif.",
            ),
            models.CheckConstraint(
                name="article_pas_son_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")),
                violation_error_message="Un article ne se contient pas lui-même.",
            ),
        ]

    def __str__(self) -> str:
        return self.titre or "Article sans titre"

    @property
    def fusionne_dans(self) -> UUID | None:
        """The article its text was merged into, None while it is in the text or retired otherwise."""
        asked = self.provenance.get("fusionne_dans")
        merged = self.statut == StatutArticle.RETIRE and self.motif_retrait.startswith(MERGED)
        return UUID(asked) if merged and asked else None

    @property
    def repris_par(self) -> UUID | None:
        """The article that has its text today: the one it was merged into, or cut from when that cut was undone."""
        uncut = self.statut == StatutArticle.RETIRE and self.motif_retrait.startswith(UNCUT)
        source = self.provenance.get("recolle_dans") if uncut else None
        return UUID(source) if source else self.fusionne_dans

    def is_undoable_in(self, host: "Article", since: str) -> bool:
        """Whether an article reads as it did after this one was cut off it, or merged into it.

        since: « texte_scinde » or « texte_fusionne », what it then read. Comments count for nothing.
        """
        active = host.statut == StatutArticle.ACTIF
        return active and bool(host.empreinte == self.provenance.get(since))
