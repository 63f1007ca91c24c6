"""The page of a pièce: outline, articles as HTML, state of the text."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from procurement.documents.services import measure_image
from procurement.marches.models import Marche
from procurement.marches.selectors import name_variables, read_variables, say_criteres
from procurement.ui.fragments import Memory
from wikimarche.domain.numbering import Numbered, Place, outline
from wikimarche.domain.render import (
    FROM_FICHE,
    Context,
    LigneCritere,
    Renvoi,
    render_corps,
    render_notes,
)
from wikimarche.enums import StatutArticle
from wikimarche.models import Article, Image, Piece, Version
from wikimarche.selectors.states import ArticleState
from wikimarche.selectors.versions import last_version


BLANK = re.compile(r'<p(?: data-b="\w*")?>(?:<br>)?</p>|')
NIL = UUID(int=0)
IMAGE = '"image"'
NODES_FROM_FICHE = tuple(f'"{node}"' for node in FROM_FICHE)


@dataclass(frozen=True, slots=True)
class Fusion:
    """Where the text of a retired article went. intacte: nothing changed there since."""

    titre: str
    intacte: bool

    def __str__(self) -> str:
        return self.titre


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article ready to print.

    number: « 7.2 », "" for a retired one. level: 1 at the top. html: its body, safe. notes: the
    list of its footnotes, which a printed page places by itself.
    numero: version of the article, for the editor. actif: not retired itself; present: nor held
    by a retired one. fusion: the article its text was merged into.
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
    provenance: dict[str, Any] = field(hash=False)
    empreinte: str
    fusion: Fusion | None = None

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
        return article_address("article_detail", self.id)

    @property
    def commits_url(self) -> str:
        """Address of its commits."""
        return article_address("article_commits", self.id)

    @property
    def comment_url(self) -> str:
        """Address where one comments it whole."""
        return article_address("fil_open", self.id)

    @property
    def heading(self) -> int:
        """Level of the HTML heading: h2 at the top, h6 at most."""
        return min(self.level + 1, 6)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the outline, with what it holds."""

    article: ArticleView
    enfants: tuple["Entry", ...]


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
        here = {view.id for view in self.articles}
        held: dict[UUID | None, list[ArticleView]] = {}
        for view in self.articles:
            held.setdefault(view.parent if view.parent in here else None, []).append(view)

        def below(parent: UUID | None) -> tuple[Entry, ...]:
            return tuple(Entry(view, below(view.id)) for view in held.get(parent, ()))

        return list(below(None))

    @property
    def numero(self) -> int:
        """Number of the last version, 0 for a pièce just created."""
        return self.version.numero if self.version else 0


def read_piece(piece: Piece) -> PieceView:
    """Everything the page of a pièce prints. Four queries, whatever the length of its history.

    The version is read before the text: what is saved in between is in the text already, or comes
    with the next poll. The other way round it would be in neither.
    """
    version = last_version(piece)
    articles = list(
        Article.objects.filter(piece=piece)
        .defer("corps")
        .annotate(corps_json=Cast("corps", TextField()))
        .order_by("rang")
    )
    views = render_articles(piece.marche, articles)
    return PieceView(
        piece=piece,
        articles=[view for view in views if view.present],
        retired=[view for view in views if not view.actif],
        version=version,
    )


@dataclass(frozen=True, slots=True)
class Retire:
    """An article out of the text, as the list of what can come back shows it."""

    id: UUID
    titre: str
    motif_retrait: str
    fusion: Fusion | None


def list_retired(piece: Piece) -> list[Retire]:
    """Articles taken out of the text, in the order of the plan. One query."""
    articles = list(
        Article.objects.filter(piece=piece)
        .only(
            "id", "titre", "motif_retrait", "piece_id", "rang", "statut", "empreinte", "provenance"
        )
        .order_by("rang")
    )
    return [
        Retire(article.pk, article.titre, article.motif_retrait, _fusion(article, articles))
        for article in articles
        if not _is_active(article)
    ]


def read_article_view(article: Article) -> ArticleView:
    """One article as the page prints it, number included. Four queries."""
    return render_some(article.piece, [article])[0]


def render_some(piece: Piece, articles: Sequence[Article]) -> list[ArticleView]:
    """Some articles of a pièce as its page prints them, in reading order. Three queries."""
    if not articles:
        return []
    rows = list(
        Article.objects.filter(piece=piece).only(
            "id", "parent_id", "rang", "statut", "titre", "numerote", "empreinte"
        )
    )
    wanted = {article.pk: article for article in articles}
    context = context_of(piece.marche, rows)
    return [
        _view(wanted[place.id], place, context, _fusion(wanted[place.id], rows))
        for place in _outline(rows)
        if place.id in wanted
    ]


def render_articles(
    marche: Marche, articles: Sequence[Article] | Sequence[ArticleState], *, comments: bool = True
) -> list[ArticleView]:
    """Put articles in reading order, number and render them. Two queries, for the lots and the criteria."""
    by_id = {article.id: article for article in articles}
    places = _outline(articles)
    context = _context(marche, by_id, places, comments=comments)
    told = _print_of(context)
    return [
        _view(by_id[place.id], place, context, _fusion(by_id[place.id], articles), told)
        for place in places
    ]


def image_url(fichier: str) -> str:
    """Address of an image of the text, behind the gate of its pièce."""
    return reverse("wikimarche:image", args=[fichier])


def article_address(name: str, pk: UUID) -> str:
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
    """What the articles of a pièce need to be written: variables, numbers, criteria. Two queries."""
    by_id = {article.id: article for article in articles}
    return _context(marche, by_id, _outline(by_id.values()), comments=comments)


def _context(
    marche: Marche,
    by_id: Mapping[UUID, Article | ArticleState],
    places: Iterable[Numbered],
    *,
    comments: bool,
) -> Context:
    return Context(
        variables=read_variables(marche),
        libelles=name_variables(marche),
        renvois={
            str(place.id): Renvoi(place.numero, by_id[place.id].titre, not place.present)
            for place in places
        },
        image_url=image_url,
        image_size=_sizes_of(marche),
        criteres=lines_of(marche),
        comments=comments,
    )


def lines_of(marche: Marche) -> list[LigneCritere]:
    """The rows of the criteria table of a fiche. One query."""
    return [LigneCritere(intitule, poids, lot=lot) for intitule, lot, poids in say_criteres(marche)]


def _sizes_of(marche: Marche) -> Callable[[str], tuple[int, int] | None]:
    """Sizes of the images of a marché: one query at the first image, none for a text without any."""

    @cache
    def files() -> dict[str, str]:
        rows = Image.objects.filter(piece__marche=marche).values_list("pk", "fichier__sha256")
        return {str(pk): sha256 for pk, sha256 in rows}

    def size(fichier: str) -> tuple[int, int] | None:
        sha256 = files().get(fichier)
        return measure_image(sha256) if sha256 else None

    return size


def _fusion(
    article: Article | ArticleState, articles: Iterable[Article | ArticleState]
) -> Fusion | None:
    if not isinstance(article, Article) or (asked := article.fusionne_dans) is None:
        return None
    host = next((other for other in articles if other.id == asked), None)
    if not isinstance(host, Article):
        return None
    return Fusion(str(host), article.is_undoable_in(host, "texte_fusionne"))


_bodies: Memory[tuple[SafeString, SafeString]] = Memory(16_000_000)
"""Bodies by the JSON they are written from: about two thousand articles of an ordinary length."""


def _print_of(context: Context) -> str:
    """One text for all that a context says; images apart."""
    said = (context.variables, context.libelles, context.renvois, context.criteres)
    return f"{context.comments} {sha256(repr(said).encode()).hexdigest()}"


def _body(
    article: Article | ArticleState, context: Context, told: str
) -> tuple[SafeString, SafeString]:
    """The body of an article and its notes; remembered when they depend on its JSON and on told."""
    text: str = getattr(article, "corps_json", "")

    def write() -> tuple[SafeString, SafeString]:
        corps = json.loads(text) if text else article.corps
        # render_corps escapes every text and writes known markup only.
        return mark_safe(render_corps(corps, context)), mark_safe(render_notes(corps))  # noqa: S308

    if not text or IMAGE in text:
        return write()
    ours = told if any(node in text for node in NODES_FROM_FICHE) else str(context.comments)
    return _bodies.get((text, ours), write, lambda body: len(text) + len(body[0]) + len(body[1]))


def _view(
    article: Article | ArticleState,
    place: Numbered,
    context: Context,
    fusion: Fusion | None,
    told: str = "",
) -> ArticleView:
    html, notes = _body(article, context, told)
    return ArticleView(
        id=article.id,
        parent=_parent(article),
        number=place.numero,
        level=place.level,
        titre=article.titre,
        html=html,
        notes=notes,
        numero=article.numero,
        actif=_is_active(article),
        present=place.present,
        motif_retrait=article.motif_retrait,
        provenance=getattr(article, "provenance", {}) or {},
        empreinte=article.empreinte,
        fusion=fusion,
    )
