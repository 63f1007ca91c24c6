"""The discussions of a pièce, each where its words stand today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from wikimarche.domain.numbering import Numbered, Place, outline
from wikimarche.enums import GenreFil, StatutArticle, StatutFil
from wikimarche.models import Article, Commentaire, Fil, Piece


PAGE = 50
"""Threads shown at once."""


class Ancrage(StrEnum):
    """How a thread holds to the text today."""

    PASSAGE = "passage"
    """Its words are there, in the article said."""
    ARTICLE = "article"
    """It is about a whole article."""
    PIECE = "piece"
    """It is about the whole pièce."""
    RETIRE = "retire"
    """Its words, or its article, are in an article out of the text: they come back with it."""
    ORPHELIN = "orphelin"
    """All its words are gone. It is shown on the article where they were, and tied to nothing else."""


@dataclass(frozen=True, slots=True)
class FilView:
    """A thread ready to print.

    ancrage: how it holds. article: the one it stands on today, None for the whole pièce; numero and
    titre are its own.
    """

    fil: Fil
    commentaires: list[Commentaire]
    ancrage: Ancrage
    article: UUID | None
    numero: str
    titre: str


@dataclass(frozen=True, slots=True)
class FilPage:
    """Some threads among those asked for. total: how many there are in all."""

    fils: list[FilView]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many threads a pièce has. rang: of the last act on one of them, 0 for none."""

    ouverts: int
    resolus: int
    objections: int
    rang: int


@dataclass(frozen=True, slots=True)
class Choix:
    """Which threads to show. None stands for any."""

    statut: StatutFil | None = StatutFil.OUVERT
    genre: GenreFil | None = None
    auteur: UUID | None = None
    article: UUID | None = None
    orphelins: bool = False


_ANCHORS = r"""
SELECT DISTINCT ON (a.id, found.fil[1]) a.id, found.fil[1]::uuid, found.place
  FROM wikimarche_article a
 CROSS JOIN LATERAL regexp_matches(a.corps::text, '"fil": "([0-9a-f-]{36})"', 'g')
       WITH ORDINALITY AS found(fil, place)
 WHERE a.piece_id = %s
 ORDER BY a.id, found.fil[1], found.place
"""
"""Anchors of each article, in the order of its text. A quotation mark inside a text is escaped: no words can forge one."""


def tally_fils(piece: Piece) -> Tally:
    """Count the threads of a pièce. One query."""
    said = Fil.objects.filter(piece=piece).aggregate(
        ouverts=Count("pk", filter=Q(statut=StatutFil.OUVERT)),
        resolus=Count("pk", filter=Q(statut=StatutFil.RESOLU)),
        objections=Count("pk", filter=Q(statut=StatutFil.OUVERT, genre=GenreFil.OBJECTION)),
        rang=Max("rang"),
    )
    return Tally(**{**said, "rang": said["rang"] or 0})


def list_fils(piece: Piece, choix: Choix | None = None, *, page: int = 1) -> FilPage:
    """The threads of a pièce in the order of its text, orphans on the article where their words were.

    Those about the whole pièce come first. choix: by default, the open ones. page: from 1, the last
    one when it is past it. Five queries, whatever their number; all are placed, those shown are read.
    """
    choix = choix or Choix()
    chosen = [_Tie(*row) for row in _chosen(piece, choix).values_list(*_Tie._fields)]
    stands = _Stands(piece)
    placed = [(stands.place(tie), tie) for tie in chosen]
    if choix.orphelins:
        placed = [(stand, tie) for stand, tie in placed if stand.ancrage == Ancrage.ORPHELIN]
    if choix.article is not None:
        placed = [(stand, tie) for stand, tie in placed if stand.article == choix.article]
    placed.sort(key=lambda one: (one[0].ordre, one[1].instant))
    pages = max(1, -(-len(placed) // PAGE))
    page = min(max(page, 1), pages)
    shown = [tie.pk for _, tie in placed[(page - 1) * PAGE : page * PAGE]]
    fils = Fil.objects.select_related("auteur").in_bulk(shown)
    said = _turns_of(shown)
    views = [stands.view(fils[pk], said.get(pk, [])) for pk in shown]
    return FilPage(views, len(placed), page, pages)


def read_fil(fil: Fil) -> FilView:
    """One thread, where it stands today. Three queries."""
    return _Stands(fil.piece).view(fil, _turns_of([fil.pk]).get(fil.pk, []))


class _Tie(NamedTuple):
    """What says where a thread stands."""

    pk: UUID
    article_id: UUID | None
    citation: str
    instant: datetime


class _Stand(NamedTuple):
    """ordre: place of the article in the text, then place of the words in it."""

    ancrage: Ancrage
    article: UUID | None
    ordre: tuple[int, int]


def _chosen(piece: Piece, choix: Choix) -> QuerySet[Fil]:
    fils = Fil.objects.filter(piece=piece)
    if choix.statut is not None:
        fils = fils.filter(statut=choix.statut)
    if choix.genre is not None:
        fils = fils.filter(genre=choix.genre)
    if choix.auteur is not None:
        said = Commentaire.objects.filter(fil=OuterRef("pk"), auteur=choix.auteur)
        fils = fils.filter(Exists(said))
    return fils


def _turns_of(fils: Iterable[UUID]) -> dict[UUID, list[Commentaire]]:
    """The turns of some threads, oldest first. One query."""
    said: dict[UUID, list[Commentaire]] = {}
    turns = Commentaire.objects.filter(fil__in=fils)
    for turn in turns.select_related("auteur", "masque_par").order_by("instant"):
        said.setdefault(turn.fil_id, []).append(turn)
    return said


class _Stands:
    """Where the threads of a pièce stand: its articles and its anchors, read once. Two queries.

    To be made after the threads are read: they are on articles that it knows, and so are anchors,
    read before the articles.
    """

    def __init__(self, piece: Piece) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_ANCHORS, [piece.pk])
            anchors = cursor.fetchall()
        articles = Article.objects.filter(piece=piece).defer("corps")
        self.titles: Mapping[UUID, str] = {article.pk: article.titre for article in articles}
        # What an article said is in the one that has its text, while it stays so.
        self.hosts: Mapping[UUID | None, UUID] = {
            article.pk: host for article in articles if (host := article.repris_par)
        }
        placed = outline(
            Place(
                article.pk,
                article.parent_id,
                article.rang,
                article.statut == StatutArticle.ACTIF,
                article.numerote,
            )
            for article in articles
        )
        self.places: Mapping[UUID, tuple[int, Numbered]] = {
            place.id: (order, place) for order, place in enumerate(placed)
        }
        self.anchors: dict[UUID, tuple[UUID, int]] = {}
        for article, fil, place in anchors:
            if article in self.hosts:
                continue
            known = self.anchors.get(fil)
            # Words cut in two by a split stand in both: the first in the text counts.
            if known is None or self._before(article, known[0]):
                self.anchors[fil] = (article, place)

    def view(self, fil: Fil, commentaires: list[Commentaire]) -> FilView:
        """A thread with its turns, where it stands."""
        stand = self.place(_Tie(fil.pk, fil.article_id, fil.citation, fil.instant))
        numbered = self.places[stand.article][1] if stand.article else None
        return FilView(
            fil=fil,
            commentaires=commentaires,
            ancrage=stand.ancrage,
            article=stand.article,
            numero=numbered.numero if numbered and numbered.present else "",
            titre=self.titles[stand.article] if stand.article else "",
        )

    def place(self, fil: _Tie) -> _Stand:
        """Say where a thread stands."""
        # A mark under the identifier of a thread that quotes nothing ties it to nothing.
        article, place = fil.article_id, 0
        if fil.citation:
            article, place = self.anchors.get(fil.pk, (article, place))
        article = self._last_host(article)
        order = self.places[article][0] if article else -1
        return _Stand(self._ancrage(fil, article), article, (order, place))

    def _last_host(self, article: UUID | None) -> UUID | None:
        """Where the text of an article went in the end. Motives are typed by people: it may turn round."""
        seen = set()
        while article in self.hosts and article not in seen:
            seen.add(article)
            article = self.hosts[article]
        return article

    def _ancrage(self, fil: _Tie, article: UUID | None) -> Ancrage:
        if article is None:
            return Ancrage.PIECE
        if fil.citation and fil.pk not in self.anchors:
            return Ancrage.ORPHELIN
        if not self.places[article][1].present:
            return Ancrage.RETIRE
        return Ancrage.PASSAGE if fil.citation else Ancrage.ARTICLE

    def _before(self, one: UUID, other: UUID) -> bool:
        """An article in the text comes before one that is out of it, then by their order."""
        (order, place), (known, held) = self.places[one], self.places[other]
        return (not place.present, order) < (not held.present, known)
