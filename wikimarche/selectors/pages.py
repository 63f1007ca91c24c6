"""The page of a pièce: outline, articles as HTML, state of the text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from procurement.marches.domain.variables import VARIABLES, read_variables
from procurement.marches.models import Marche
from procurement.marches.selectors import criteres_of
from wikimarche.domain.numbering import Numbered, Place, outline
from wikimarche.domain.render import Context, LigneCritere, Renvoi, render_corps, render_notes
from wikimarche.enums import StatutArticle
from wikimarche.models import Article, Piece, Version
from wikimarche.selectors.states import ArticleState
from wikimarche.selectors.versions import last_version


BLANK = re.compile(r'<p(?: data-b="\w*")?>(?:<br>)?</p>|')
NIL = UUID(int=0)
LIBELLES = {variable.chemin: variable.words for variable in VARIABLES}


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article ready to print.

    number: « 7.2 », "" for a retired one. level: 1 at the top. html: its body, safe. notes: the
    list of its footnotes, which a printed page places by itself.
    numero: version of the article, for the editor. actif: not retired itself; present: nor held
    by a retired one.
    """

    id: UUID
    parent: UUID | None
    number: str
    level: int
    titre: str
    html: SafeString
    notes: SafeString
    numero: int
    actif: bool
    present: bool
    motif_retrait: str
    provenance: dict[str, Any]
    empreinte: str

    @property
    def shown(self) -> SafeString:
        """The body on screen: its footnotes are at its foot."""
        return self.html + self.notes

    @property
    def is_blank(self) -> bool:
        """A chapter that is a title only: its one paragraph has nothing."""
        return BLANK.fullmatch(self.html) is not None

    @property
    def url(self) -> str:
        """Address of its history and place."""
        return _address("article_detail", self.id)

    @property
    def commits_url(self) -> str:
        """Address of its commits."""
        return _address("article_commits", self.id)

    @property
    def heading(self) -> int:
        """Level of the HTML heading: h2 at the top, h6 at most."""
        return min(self.level + 1, 6)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the outline, with what it holds."""

    article: ArticleView
    enfants: list["Entry"]


@dataclass(frozen=True, slots=True)
class PieceView:
    """A pièce ready to print: its articles in reading order and its last version."""

    piece: Piece
    articles: list[ArticleView]
    retired: list[ArticleView]
    version: Version | None

    @property
    def outline(self) -> list[Entry]:
        """The articles as a tree."""
        entries = {view.id: Entry(view, []) for view in self.articles}
        roots: list[Entry] = []
        for view in self.articles:
            holder = entries.get(view.parent) if view.parent else None
            (holder.enfants if holder else roots).append(entries[view.id])
        return roots

    @property
    def numero(self) -> int:
        """Number of the last version, 0 for a pièce just created."""
        return self.version.numero if self.version else 0


def read_piece(piece: Piece) -> PieceView:
    """Everything the page of a pièce prints. Three queries, whatever the length of its history."""
    articles = list(Article.objects.filter(piece=piece).defer("texte").order_by("rang"))
    views = render_articles(piece.marche, articles)
    return PieceView(
        piece=piece,
        articles=[view for view in views if view.present],
        retired=[view for view in views if not view.actif],
        version=last_version(piece),
    )


def list_retired(piece: Piece) -> list[Article]:
    """Articles taken out of the text, in the order of the plan. One query."""
    return list(
        Article.objects.filter(piece=piece, statut=StatutArticle.RETIRE)
        .only("id", "titre", "motif_retrait", "piece_id", "rang")
        .order_by("rang")
    )


def read_article_view(article: Article) -> ArticleView:
    """One article as the page prints it, number included. Three queries."""
    return render_some(article.piece, [article])[0]


def render_some(piece: Piece, articles: Sequence[Article]) -> list[ArticleView]:
    """Some articles of a pièce as its page prints them, in reading order. Two queries."""
    if not articles:
        return []
    rows = list(
        Article.objects.filter(piece=piece).only(
            "id", "parent_id", "rang", "statut", "titre", "numerote"
        )
    )
    wanted = {article.pk: article for article in articles}
    context = context_of(piece.marche, rows)
    return [
        _view(wanted[place.id], place, context) for place in _outline(rows) if place.id in wanted
    ]


def render_articles(
    marche: Marche, articles: Sequence[Article] | Sequence[ArticleState], *, comments: bool = True
) -> list[ArticleView]:
    """Put articles in reading order, number and render them. One query, for the criteria."""
    by_id = {article.id: article for article in articles}
    context = context_of(marche, articles, comments=comments)
    return [_view(by_id[place.id], place, context) for place in _outline(articles)]


def image_url(fichier: str) -> str:
    """Address of an image of the text, behind the gate of its pièce."""
    return reverse("wikimarche:image", args=[fichier])


def _address(name: str, pk: UUID) -> str:
    """An address of an article; a page of 400 articles has three of them each."""
    return _pattern(name).replace(str(NIL), str(pk))


@cache
def _pattern(name: str) -> str:
    return reverse(f"wikimarche:{name}", args=[NIL])


def _outline(articles: Iterable[Article | ArticleState]) -> list[Numbered]:
    return outline(
        Place(article.id, _parent(article), article.rang, _is_active(article), article.numerote)
        for article in articles
    )


def _parent(article: Article | ArticleState) -> UUID | None:
    return article.parent_id if isinstance(article, Article) else article.parent


def _is_active(article: Article | ArticleState) -> bool:
    if isinstance(article, Article):
        return article.statut == StatutArticle.ACTIF
    return article.actif


def context_of(
    marche: Marche, articles: Iterable[Article | ArticleState], *, comments: bool = True
) -> Context:
    """What the articles of a pièce need to be written: variables, numbers, criteria. One query."""
    articles = list(articles)
    by_id = {article.id: article for article in articles}
    return Context(
        variables=read_variables(marche),
        libelles=LIBELLES,
        renvois={
            str(place.id): Renvoi(
                place.numero, by_id[place.id].titre, not _is_active(by_id[place.id])
            )
            for place in _outline(articles)
        },
        image_url=image_url,
        criteres=[LigneCritere(critere.intitule, critere.poids) for critere in criteres_of(marche)],
        comments=comments,
    )


def _view(article: Article | ArticleState, place: Numbered, context: Context) -> ArticleView:
    return ArticleView(
        id=article.id,
        parent=_parent(article),
        number=place.numero,
        level=place.level,
        titre=article.titre,
        # render_corps escapes every text and writes known markup only.
        html=mark_safe(render_corps(article.corps, context)),  # noqa: S308
        notes=mark_safe(render_notes(article.corps)),  # noqa: S308
        numero=article.numero,
        actif=_is_active(article),
        present=place.present,
        motif_retrait=article.motif_retrait,
        provenance=getattr(article, "provenance", {}) or {},
        empreinte=article.empreinte,
    )
