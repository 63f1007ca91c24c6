"""Commit: what one browser sent and the server placed, for one article. Append-only."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from wikimarche.domain.redaction import EMPTIED
from wikimarche.models.article import Article


class Commit(models.Model):
    """Steps of one author, as they were applied.

    id: drawn by the browser, so that a commit sent twice is applied once.
    numero: version of the article that this commit makes, dense from 1; None when no step of it
        found a place: it made no version, and is kept for its set-aside text.
    pas: ProseMirror steps after rebase; empty when only the title changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    revision = models.ForeignKey(
        "reversion.Revision", on_delete=models.PROTECT, related_name="commits"
    )
    # Without an index of its own: that of the numbers begins with it.
    article = models.ForeignKey(
        Article, on_delete=models.PROTECT, related_name="commits", db_index=False
    )
    numero = models.PositiveIntegerField("numéro", null=True)
    precedent = models.UUIDField("commit précédent du même navigateur", null=True)
    base = models.PositiveIntegerField("version de départ du navigateur")
    pas = models.JSONField("pas")
    ecartes = models.JSONField("pas qui n’ont pu être placés", default=list)
    titre = models.CharField("nouveau titre", max_length=300, null=True)  # noqa: DJ001
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="commits"
    )

    class Meta:
        verbose_name = "commit"
        ordering = ["numero"]
        constraints = [
            models.UniqueConstraint(
                name="commit_numero_unique",
                fields=["article", "numero"],
                violation_error_message="Ce numéro existe déjà.",
            ),
            models.CheckConstraint(
                name="commit_sans_numero_sans_titre",
                condition=Q(numero__isnull=False) | Q(titre__isnull=True),
                violation_error_message="Un enregistrement sans numéro n’a rien changé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} n°\u00a0{self.numero}"

    @property
    def caviarde(self) -> bool:
        """Whether a redaction took its steps: what was typed since cannot be placed over it."""
        return bool(self.pas == EMPTIED)
