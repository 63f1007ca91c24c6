"""Presence: an open page says that its person is here, and where she writes."""

from uuid import UUID

from django.db.models.functions import Now

from procurement.accounts.models import User
from wikimarche.models import Article, Piece, Presence


def show_presence(*, by: User, piece: Piece, article: UUID | None) -> None:
    """Say that a person has the pièce open. Of no value as evidence; forgotten when she leaves."""
    known = (
        article if article and Article.objects.filter(pk=article, piece=piece).exists() else None
    )
    Presence.objects.bulk_create(
        [Presence(piece=piece, user=by, article_id=known, vue_le=Now())],
        update_conflicts=True,
        unique_fields=["piece", "user"],
        update_fields=["article", "vue_le"],
    )
