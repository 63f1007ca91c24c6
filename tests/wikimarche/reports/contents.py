"""A pièce ready to be written, made from a draft."""

from datetime import UTC, datetime

from wikimarche.domain.importing import number_by_level
from wikimarche.reports.contents import ArticleContent, PieceContent


def content_of(piece, **more):
    numbers = number_by_level(piece.articles)
    articles = tuple(
        ArticleContent(a.id, numbers.get(a.id, ""), a.niveau, a.titre, a.corps)
        for a in piece.articles
    )
    fields = {
        "titre": piece.titre or "Cahier des clauses",
        "type_libelle": "Cahier des clauses administratives particulières",
        "marche": "Entretien des espaces verts",
        "organisation": "Région des Trois-Vallées",
        "version": "12",
        "empreinte": "ab" * 32,
        "instant": datetime(2026, 3, 2, 14, 5, tzinfo=UTC),
        "articles": articles,
        "images": {image.cle: image.contenu for image in piece.images if image.contenu},
    }
    return PieceContent(**(fields | more))
