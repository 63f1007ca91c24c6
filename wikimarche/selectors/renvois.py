"""Cross references: what a renvoi may be put on, and those whose target went away."""

from collections import Counter
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection

from procurement.marches.models import Marche
from procurement.marches.registry import Point
from wikimarche.domain.numbering import Numbered, Place, outline
from wikimarche.domain.render import say_target
from wikimarche.enums import StatutArticle, StatutPiece
from wikimarche.models import Article, Piece


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
_CITING = """
SELECT p.id, a.id, node -> 'attrs' ->> 'article'
  FROM wikimarche_piece p
  JOIN wikimarche_article a ON a.piece_id = p.id
 CROSS JOIN LATERAL jsonb_path_query(a.corps, 'strict $.**.content[*] ? (@.type == "renvoi")')
       AS node
 WHERE p.marche_id = %s AND p.statut <> %s AND a.statut = %s
"""


def present_articles(piece: UUID) -> set[str]:
    """The articles that stand in a pièce, as a renvoi names them. One query."""
    return {str(place.id) for place in _places([piece]).get(piece, ()) if place.present}


def cited_before(article: Article, targets: Iterable[str]) -> set[str]:
    """Those of the targets that one of the last texts of an article cited. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CITED_BEFORE, [sorted(targets), str(article.pk), UNDONE])
        return {target for (target,) in cursor.fetchall()}


def broken_renvois(marche: Marche) -> Iterator[Point]:
    """Renvois of each pièce whose article is not there any more.

    One query without renvoi, three with some, one more for each pièce to mend.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CITING, [marche.pk, StatutPiece.RETIRE, StatutArticle.ACTIF])
        cited = cursor.fetchall()
    if not cited:
        return
    places = _places({piece for piece, _article, _target in cited})
    for piece in Piece.objects.filter(pk__in=places).order_by("rang"):
        pk = piece.pk
        present = {place.id: place.numero for place in places[pk] if place.present}
        known = {str(article) for article in present}
        broken = Counter(
            article
            for where, article, target in cited
            if where == pk and article in present and target not in known
        )
        if not broken:
            continue
        count = broken.total()
        citing = [article for article in present if article in broken]
        titles = dict(Article.objects.filter(pk__in=citing).values_list("pk", "titre"))
        where = ", ".join(say_target(present[article], titles[article]) for article in citing)
        yield Point(
            rang=36,
            titre=f"Corriger les renvois de «\u202f{piece}\u202f»",
            acte="Ouvrir la pièce",
            detail=(
                f"{count} renvois visent un article retiré ou absent"
                if count > 1
                else "Un renvoi vise un article retiré ou absent"
            )
            + f"\u202f: {where}.",
            href=f"{piece.get_absolute_url()}#a-{citing[0]}",
        )


def _places(pieces: Iterable[UUID]) -> dict[UUID, list[Numbered]]:
    """Articles of some pièces in reading order, retired ones included. One query."""
    rows: dict[UUID, list[Place]] = {}
    for piece, pk, parent, rang, statut, numerote in Article.objects.filter(
        piece__in=pieces
    ).values_list("piece", "pk", "parent", "rang", "statut", "numerote"):
        place = Place(pk, parent, rang, statut == StatutArticle.ACTIF, numerote)
        rows.setdefault(piece, []).append(place)
    return {piece: outline(found) for piece, found in rows.items()}
