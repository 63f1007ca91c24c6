"""Cross references: what a renvoi may be put on."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from wikimarche.domain.numbering import Numbered, Place, outline
from wikimarche.enums import StatutArticle
from wikimarche.models import Article


UNDONE = 50
"""Last texts of an article in which a renvoi that comes back is looked for: an undo goes no further."""

_CITED_BEFORE = """
SELECT c.cible FROM unnest(%s::text[]) AS c(cible) WHERE EXISTS (
    SELECT FROM (
        SELECT v.serialized_data AS texte FROM reversion_version v
          JOIN django_content_type t ON t.id = v.content_type_id
           AND t.app_label = 'wikimarche' AND t.model = 'article'
         WHERE v.object_id = %s AND v.db = 'default'
         ORDER BY v.id DESC LIMIT %s) AS d
     WHERE strpos(d.texte, '"article": "' || c.cible || '"') > 0)
"""


def present_articles(piece: UUID) -> set[str]:
    """The articles that stand in a pièce, as a renvoi names them. One query."""
    return {str(place.id) for place in places_of([piece]).get(piece, ()) if place.present}


def cited_before(article: Article, targets: Iterable[str]) -> set[str]:
    """Those of the targets that one of the last texts of an article cited. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CITED_BEFORE, [sorted(targets), str(article.pk), UNDONE])
        return {target for (target,) in cursor.fetchall()}


def places_of(pieces: Iterable[UUID]) -> dict[UUID, list[Numbered]]:
    """Articles of some pièces in reading order, retired ones included. One query."""
    rows: dict[UUID, list[Place]] = {}
    for piece, pk, parent, rang, statut, numerote in Article.objects.filter(
        piece__in=pieces
    ).values_list("piece", "pk", "parent", "rang", "statut", "numerote"):
        place = Place(pk, parent, rang, statut == StatutArticle.ACTIF, numerote)
        rows.setdefault(piece, []).append(place)
    return {piece: outline(found) for piece, found in rows.items()}
