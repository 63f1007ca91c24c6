"""Reads of the pièces of a marché, for its page."""

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from procurement.marches.models import Marche
from wikimarche.enums import StatutArticle
from wikimarche.models import Piece, Version


def list_pieces(marche: Marche) -> QuerySet[Piece]:
    """Pièces in order, each with its number of articles, last version, author and instant. One query."""
    last = Version.objects.filter(piece=OuterRef("pk")).order_by("-numero")
    return (
        Piece.objects.filter(marche=marche)
        .annotate(
            nb_articles=Count("articles", filter=Q(articles__statut=StatutArticle.ACTIF)),
            version=Subquery(last.values("numero")[:1]),
            modifiee_le=Subquery(last.values("instant")[:1]),
            auteur_prenom=Subquery(last.values("auteur__prenom")[:1]),
            auteur_nom=Subquery(last.values("auteur__nom")[:1]),
        )
        .order_by(F("rang"), "created_at")
    )
