"""Searching everything that a person may see: her marchés, their pièces, the words of their articles."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, FloatField, Func, QuerySet, TextField, Value
from django.db.models.functions import Concat

from procurement.accounts.models import User
from procurement.audit.querysets import Prepared
from procurement.marches.domain.variables import LIBELLES
from procurement.marches.models import Marche
from procurement.marches.selectors import marches_visible_to
from wikimarche.domain.canonical import plain_text
from wikimarche.domain.extrait import Morceau, cut_excerpt
from wikimarche.domain.render import say_target
from wikimarche.enums import StatutArticle, StatutPiece
from wikimarche.models import Article, Piece
from wikimarche.selectors.pieces import number_within, pieces_visible_to


LENGTH = 200
"""Signs of a question: beyond, they are not read."""
FEW, MANY = 5, 30
"""Marchés and pièces shown; articles shown."""
WEIGHED = 500
"""Articles put in order of closeness: those whose title answers, then the newest."""
_NODE = re.compile(r"\{\{ (.*?) \}\}")

# Stems as the index keeps them, without the words that say nothing (« le », « pour »).
_STEMS = Prepared("""
SELECT lexeme FROM unnest(to_tsvector('pg_catalog.french', public.wikimarche_nu(%s::text)))
 WHERE ts_lexize('pg_catalog.french_stem', lexeme) <> '{}'
""")


@dataclass(frozen=True, slots=True)
class ArticleTrouve:
    """An article whose words answer. nom: « article 7.2 »; sous_titre: its title, unless nom says it.

    extrait: the words found, in their sentence.
    """

    nom: str
    sous_titre: str
    href: str
    piece: str
    marche: Marche
    extrait: list[Morceau]


@dataclass(frozen=True, slots=True)
class Trouvailles:
    """What a question found. mots: whether it held any word to look for.

    marches and pieces: the first; nombre_marches, nombre_pieces: how many there are. more: there are
    other articles than those.
    """

    mots: bool
    marches: Sequence[Marche] = ()
    nombre_marches: int = 0
    pieces: Sequence[Piece] = ()
    nombre_pieces: int = 0
    articles: Sequence[ArticleTrouve] = ()
    more: bool = False

    def __bool__(self) -> bool:
        return bool(self.marches or self.pieces or self.articles)


def search_all(user: User, words: str) -> Trouvailles:
    """Find what a person may see and that holds every word, whatever the case, accent or ending.

    Retired pièces and articles are left out. Nine queries at most.
    """
    words = words.replace("\x00", " ")[:LENGTH]
    stems = sorted({stem for (stem,) in _STEMS.rows([words])})
    if not stems:
        return Trouvailles(mots=False)
    marches = _named(marches_visible_to(user), stems, Concat("objet", Value(" "), "reference"))
    pieces = _named(
        pieces_visible_to(user).exclude(statut=StatutPiece.RETIRE).select_related("marche"),
        stems,
        Concat("type", Value(" "), "titre"),
    )
    found = _articles(user, stems)
    return Trouvailles(
        mots=True,
        marches=list(marches[:FEW]),
        nombre_marches=marches.count(),
        pieces=list(pieces[:FEW]),
        nombre_pieces=pieces.count(),
        articles=_shown(found[:MANY], stems),
        more=len(found) > MANY,
    )


def _query(stems: Sequence[str]) -> "Func[Any]":
    """Each stem must begin a word."""
    asked = " & ".join(
        "'{}':*".format(stem.replace("\\", "\\\\").replace("'", "''")) for stem in stems
    )
    # Cast, and not read by to_tsquery, which would cut a stem into words again.
    return Func(Value(asked), template="%(expressions)s::tsquery")


def _matches(mots: "Func[Any]", stems: Sequence[str]) -> "Func[Any]":
    return Func(
        mots,
        _query(stems),
        template="%(expressions)s",
        arg_joiner=" @@ ",
        output_field=BooleanField(),
    )


def _named(rows: QuerySet[Any], stems: Sequence[str], words: Any) -> QuerySet[Any]:
    return rows.filter(_matches(_words(words), stems)).order_by("-created_at", "pk")


def _words(words: Any) -> "Func[Any]":
    """What is searched in a title or a name, read at each question: they are short."""
    plain = Func(words, function="public.wikimarche_nu", output_field=TextField())
    return Func(
        Value("french"), plain, template="to_tsvector(%(expressions)s)", output_field=TextField()
    )


def _articles(user: User, stems: Sequence[str]) -> list[Article]:
    """The closest articles, titles first."""
    mots = Func("titre", "corps", function="public.wikimarche_mots", output_field=TextField())
    answering = Article.objects.filter(
        _matches(mots, stems),
        statut=StatutArticle.ACTIF,
        piece__in=pieces_visible_to(user).exclude(statut=StatutPiece.RETIRE),
    ).order_by(_matches(_words("titre"), stems).desc(), "-created_at", "pk")
    rank = Func(mots, _query(stems), function="ts_rank_cd", output_field=FloatField())
    return list(
        Article.objects.filter(pk__in=answering.values("pk")[:WEIGHED])
        .select_related("piece__marche")
        .order_by(rank.desc(), "-created_at", "pk")[: MANY + 1]
    )


def _shown(articles: Sequence[Article], stems: Sequence[str]) -> list[ArticleTrouve]:
    numbers = number_within({article.piece_id for article in articles})
    return [
        ArticleTrouve(
            nom=say_target(numbers.get(article.pk, ""), article.titre),
            sous_titre=article.titre if article.pk in numbers else "",
            href=f"{article.piece.get_absolute_url()}#a-{article.pk}",
            piece=str(article.piece),
            marche=article.piece.marche,
            extrait=cut_excerpt(_read(article), stems),
        )
        for article in articles
    ]


def _read(article: Article) -> str:
    """The text on one line; a datum of the fiche by its name, as its value would be a query a marché."""
    text = plain_text(article.corps).replace("\t", " · ")
    return _NODE.sub(lambda node: f"[{LIBELLES.get(node[1], '…')}]", text)
