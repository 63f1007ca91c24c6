"""Fil: a discussion about some words of a pièce, an article or the whole of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from wikimarche.enums import GenreFil, StatutFil
from wikimarche.models.article import Article
from wikimarche.models.piece import Piece


class Fil(models.Model):
    """A thread of comments. Its identifier is what its anchor, a mark of the text, holds.

    article: where it was opened, None when it is about the whole pièce; the words it is anchored to
        may have moved to another since (``selectors.fils``).
    citation: those words as they read when it was opened, "" when it is about the whole article.
    version: number of the version of the pièce that held them.
    rang: grows with each act on a thread of the pièce; an open page asks for what came after one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="fils")
    article = models.ForeignKey(
        Article, on_delete=models.PROTECT, null=True, blank=True, related_name="fils"
    )
    genre = models.CharField("genre", max_length=20, choices=GenreFil)
    statut = models.CharField("état", max_length=6, choices=StatutFil, default=StatutFil.OUVERT)
    citation = models.CharField("passage", max_length=700, blank=True)
    version = models.PositiveIntegerField("version de la pièce")
    rang = models.PositiveIntegerField("rang du dernier geste")
    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    instant = models.DateTimeField("ouvert le", db_default=Now())

    class Meta:
        verbose_name = "fil"
        ordering = ["instant"]
        indexes = [models.Index(name="fil_de_la_piece", fields=["piece", "rang"])]
        constraints = [
            models.CheckConstraint(
                name="fil_genre_connu",
                condition=Q(genre__in=GenreFil.values),
                violation_error_message="Ce genre de commentaire n’existe pas.",
            ),
            models.CheckConstraint(
                name="fil_statut_connu",
                condition=Q(statut__in=StatutFil.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="fil_cite_un_article",
                condition=Q(citation="") | Q(article__isnull=False),
                violation_error_message="Un passage cité est celui d’un article.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_genre_display()} sur {self.article or self.piece}"

    @property
    def bloque(self) -> bool:
        """Whether it stops the publication."""
        return self.genre == GenreFil.OBJECTION and self.statut == StatutFil.OUVERT
