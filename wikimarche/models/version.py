"""Version: what a revision meant for the pièce. Append-only."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from wikimarche.enums import UNMARKED, GenreVersion
from wikimarche.models.article import Article
from wikimarche.models.piece import Piece


class Version(models.Model):
    """One numbered state of a pièce, bound to the django-reversion revision that holds its content.

    numero: dense from 1 in the pièce.
    seance: numero of the first version of the work session (same author, same article, gaps under
        five minutes); a session is what lists show.
    empreinte: SHA-256 of the whole pièce (``wikimarche_empreinte_piece`` in the database).
    article: the article touched, when only one was.
    operation: identifier shared with the journal.
    """

    revision = models.OneToOneField(
        "reversion.Revision", on_delete=models.PROTECT, related_name="version_de_piece"
    )
    # Without an index of their own: those below begin with them, and hold versions in order.
    piece = models.ForeignKey(
        Piece, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    numero = models.PositiveIntegerField("numéro")
    genre = models.CharField("genre", max_length=12, choices=GenreVersion)
    nom = models.CharField("nom", max_length=120, blank=True)
    resume = models.CharField("résumé", max_length=300, blank=True)
    article = models.ForeignKey(
        Article, on_delete=models.PROTECT, null=True, related_name="versions", db_index=False
    )
    structure = models.BooleanField("l’ordre ou le découpage a changé", default=False)
    seance = models.PositiveIntegerField("séance")
    empreinte = models.CharField("empreinte", max_length=64)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="versions"
    )
    operation = models.UUIDField("opération")
    instant = models.DateTimeField("instant", db_default=Now())

    class Meta:
        verbose_name = "version"
        ordering = ["-numero"]
        constraints = [
            models.UniqueConstraint(
                name="version_numero_unique",
                fields=["piece", "numero"],
                violation_error_message="Ce numéro de version existe déjà.",
            ),
            models.CheckConstraint(
                name="version_genre_connu",
                condition=Q(genre__in=GenreVersion.values),
                violation_error_message="Ce genre de version n’existe pas.",
            ),
            models.CheckConstraint(
                name="version_nommee_a_un_nom",
                condition=~Q(genre=GenreVersion.NOMMEE) | ~Q(nom=""),
                violation_error_message="Une version nommée porte un nom.",
            ),
        ]
        indexes = [
            models.Index(
                name="version_nommees",
                fields=["piece", "numero"],
                condition=~Q(genre__in=UNMARKED),
            ),
            models.Index(name="version_des_seances", fields=["piece", "seance", "numero"]),
            models.Index(name="version_de_l_auteur", fields=["article", "auteur", "-numero"]),
        ]

    def __str__(self) -> str:
        return self.nom or f"Version {self.numero}"
