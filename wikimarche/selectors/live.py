"""What an open page asks for every few seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db.models.functions import Now
from django.utils.safestring import SafeString, mark_safe

from procurement.marches.models import Marche
from procurement.marches.selectors import donnees_of
from wikimarche.domain.render import render_criteres
from wikimarche.enums import GenreVersion
from wikimarche.models import Article, Piece, Presence, Version
from wikimarche.selectors.pages import ArticleView, lines_of, render_some


HERE = timedelta(seconds=20)
"""A person who has not asked for that long has left."""
MAX_NEWS = 200


@dataclass(frozen=True, slots=True)
class News:
    """What changed since a version. authors: article → name of who touched it last."""

    version: int
    instant: datetime | None
    articles: list[ArticleView]
    structure: bool
    authors: Mapping[UUID, str]


def articles_changed_since(piece: Piece, version: int) -> News:
    """Articles whose text changed after a version, as the page prints them.

    structure: the plan changed, or so much did that the page should take it whole again.
    One query when nothing changed, five otherwise.
    """
    rows = list(
        Version.objects.filter(piece=piece, numero__gt=version)
        .order_by("-numero")
        .values_list(
            "numero", "instant", "article", "structure", "genre", "auteur__prenom", "auteur__nom"
        )[: MAX_NEWS + 1]
    )
    if not rows:
        return News(version, None, [], False, {})
    whole = len(rows) > MAX_NEWS or any(row[3] or row[2] is None for row in rows)
    authors: dict[UUID, str] = {}
    for _, _, article, _, genre, prenom, nom in rows:
        # An anchor changes what is shown, and nobody wrote.
        if article and genre != GenreVersion.COMMENTAIRE:
            authors.setdefault(article, f"{prenom} {nom}")
    changed = {row[2] for row in rows if row[2]}
    articles = list(Article.objects.filter(piece=piece, pk__in=changed))
    return News(rows[0][0], rows[0][1], render_some(piece, articles), whole, authors)


@dataclass(frozen=True, slots=True)
class Fiche:
    """The data of a fiche as an open page holds them.

    criteres: the table of the criteria, in HTML. empreinte: another one when any of them changes.
    """

    variables: list[dict[str, str | bool]]
    criteres: SafeString
    empreinte: str


def read_fiche(marche: Marche) -> Fiche:
    """Every datum that a text may cite, with its value today, and its criteria. Two queries."""
    variables: list[dict[str, str | bool]] = [
        {
            "chemin": donnee.chemin,
            "libelle": donnee.words,
            "valeur": donnee.valeur,
            "offerte": donnee.offerte,
        }
        for donnee in donnees_of(marche)
    ]
    criteres = mark_safe(render_criteres(lines_of(marche)))  # noqa: S308 - every word is escaped
    held = repr((variables, criteres)).encode()
    return Fiche(variables, criteres, sha256(held).hexdigest()[:16])


def people_here(piece: Piece) -> list[Presence]:
    """Who has the pièce open now. One query."""
    return list(
        Presence.objects.filter(piece=piece, vue_le__gt=Now() - HERE)
        .select_related("user")
        .order_by("user__nom")
    )
