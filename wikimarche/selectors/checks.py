"""What the text of a marché needs mended: data that are cited and empty, renvois that lead nowhere."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.urls import reverse

from procurement.marches.domain.variables import LOT, NOMBRE_LOTS
from procurement.marches.models import Marche
from procurement.marches.permissions import Action as MarcheAction
from procurement.marches.registry import Point
from procurement.marches.selectors import donnees_of
from wikimarche.domain.numbering import Numbered
from wikimarche.domain.render import say_target
from wikimarche.enums import StatutArticle, StatutPiece
from wikimarche.models import Article, Piece
from wikimarche.selectors.renvois import places_of


NAMED = 6
"""Data, or articles, that one line names; it counts the others."""

# One walk through the texts for both: it is most of what this costs.
_CITED = """
SELECT p.id, a.id, node ->> 'type',
       coalesce(node -> 'attrs' ->> 'article', node -> 'attrs' ->> 'chemin')
  FROM wikimarche_piece p
  JOIN wikimarche_article a ON a.piece_id = p.id
 CROSS JOIN LATERAL jsonb_path_query(a.corps,
       'strict $.**.content[*] ? (@.type == "renvoi" || @.type == "variable")') AS node
 WHERE p.marche_id = %s AND p.statut <> %s AND a.statut = %s
"""


class _Cited(NamedTuple):
    """A node of a text. cible: the article a renvoi is to, or the path of a datum."""

    piece: UUID
    article: UUID
    genre: str
    cible: str


def text_lacks(marche: Marche) -> Iterator[Point]:
    """Data cited and empty, by the page where they are said; then, by pièce, renvois that lead nowhere.

    One query where the text cites nothing, five at most, whatever there is to mend.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CITED, [marche.pk, StatutPiece.RETIRE, StatutArticle.ACTIF])
        cited = [_Cited(*row) for row in cursor.fetchall()]
    if not cited:
        return
    places = places_of({node.piece for node in cited})
    pieces = list(Piece.objects.filter(pk__in=places).order_by("rang"))
    # An article under a retired one is out of the text, and so is what it cites.
    present = {place.id for rows in places.values() for place in rows if place.present}
    cited = [node for node in cited if node.article in present]
    rank = {place.id: at for rows in places.values() for at, place in enumerate(rows)}
    cited.sort(key=lambda node: rank[node.article])
    yield from _empty(marche, pieces, [node for node in cited if node.genre == "variable"])
    yield from _broken(pieces, places, [node for node in cited if node.genre == "renvoi"])


def _empty(marche: Marche, pieces: Sequence[Piece], cited: Sequence[_Cited]) -> Iterator[Point]:
    if not cited:
        return
    paths = {node.cible for node in cited}
    empty = [one for one in donnees_of(marche) if one.chemin in paths and not one.valeur]
    of_lots = [one for one in empty if one.chemin == NOMBRE_LOTS or one.chemin.startswith(LOT)]
    known = [one.words for one in empty if one not in of_lots]
    lots = [one.words for one in of_lots if one.offerte]
    gone = {one.chemin: one.words for one in of_lots if not one.offerte}
    for words, titre, acte, page in (
        (known, "Remplir ce que le texte cite", "Compléter la fiche", "marches:marche_update"),
        (lots, "Remplir ce que le texte cite des lots", "Compléter les lots", "marches:lots_set"),
    ):
        if words:
            yield Point(
                rang=35,
                titre=titre,
                acte=acte,
                detail=f"Vide dans les pièces\u202f: {_say_some(words)}.",
                href=reverse(page, args=[marche.pk]),
                action=MarcheAction.MARCHE_UPDATE,
            )
    for piece in pieces:
        # A lot withdrawn is mended in the text: nothing of it can be said on the fiche any more.
        where = [node for node in cited if node.piece == piece.pk and node.cible in gone]
        if where:
            words = list(dict.fromkeys(gone[node.cible] for node in where))
            yield Point(
                rang=35,
                titre=f"Retirer de «\u202f{piece}\u202f» ce qui cite un lot retiré",
                acte="Ouvrir la pièce",
                detail=f"{_say_some(words)}.",
                href=f"{piece.get_absolute_url()}#a-{where[0].article}",
            )


def _broken(
    pieces: Sequence[Piece], places: dict[UUID, list[Numbered]], cited: Sequence[_Cited]
) -> Iterator[Point]:
    lost: dict[UUID, Counter[UUID]] = {}
    for piece in pieces:
        known = {str(place.id) for place in places[piece.pk] if place.present}
        broken = Counter(
            node.article for node in cited if node.piece == piece.pk and node.cible not in known
        )
        if broken:
            lost[piece.pk] = broken
    if not lost:
        return
    citing = {article for broken in lost.values() for article in broken}
    titles = dict(Article.objects.filter(pk__in=citing).values_list("pk", "titre"))
    for piece in pieces:
        if piece.pk not in lost:
            continue
        broken = lost[piece.pk]
        numbers = {place.id: place.numero for place in places[piece.pk]}
        count = broken.total()
        where = [say_target(numbers[article], titles[article]) for article in broken]
        yield Point(
            rang=36,
            titre=f"Corriger les renvois de «\u202f{piece}\u202f»",
            acte="Ouvrir la pièce",
            detail=(
                f"{count} renvois visent un article retiré ou absent"
                if count > 1
                else "Un renvoi vise un article retiré ou absent"
            )
            + f"\u202f: {_say_some(where)}.",
            href=f"{piece.get_absolute_url()}#a-{next(iter(broken))}",
        )


def _say_some(words: Sequence[str]) -> str:
    """Name the first ones and count the others."""
    more = len(words) - NAMED
    if more <= 0:
        return ", ".join(words)
    return f"{', '.join(words[:NAMED])} et {more} autre{'s' if more > 1 else ''}"
