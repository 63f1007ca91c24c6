"""History of one article: who last touched each passage, and its earlier texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from procurement.audit.selectors import fields_at
from procurement.marches.domain.variables import read_variables
from wikimarche.domain.blame import BlockBlame, Revision, blame
from wikimarche.models import Article, Version
from wikimarche.selectors.pages import ArticleView, read_article_view
from wikimarche.selectors.versions import Seance, list_seances


BLAME_SESSIONS = 40
VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Trace:
    """What the page says of the origin of a passage."""

    auteur: str
    initiales: str
    version: int
    instant: datetime

    def __str__(self) -> str:
        return self.auteur


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """The page of one article's history."""

    vue: ArticleView
    seances: list[Seance]
    blame: list[BlockBlame[Trace]]
    partial: bool
    """Older sessions exist than those the passages were traced through."""


def read_article_history(article: Article) -> ArticleHistory:
    """Sessions of an article and the origin of each of its passages, over its latest sessions."""
    seances = list_seances(article.piece, article=article.pk, limit=BLAME_SESSIONS)
    values = read_variables(article.piece.marche)
    return ArticleHistory(
        vue=read_article_view(article),
        seances=seances,
        blame=[_say_variables(bloc, values) for bloc in blame(_revisions(article, seances))],
        partial=len(seances) == BLAME_SESSIONS,
    )


def _say_variables(bloc: BlockBlame[Trace], values: Mapping[str, str]) -> BlockBlame[Trace]:
    """Print the value of a datum of the fiche in the place of its path."""

    def say(found: re.Match[str]) -> str:
        return values.get(found[1]) or found[1]

    return replace(
        bloc,
        passages=tuple(
            replace(passage, texte=VARIABLE.sub(say, passage.texte)) for passage in bloc.passages
        ),
    )


def _revisions(article: Article, seances: list[Seance]) -> list[Revision[Trace]]:
    """One state per session, oldest first; the birth of the article counts as the first."""
    ends = {seance.derniere: seance for seance in seances}
    versions = {
        version.numero: version
        for version in Version.objects.filter(piece=article.piece_id, numero__in=list(ends))
    }
    found = []
    first = _birth(article)
    if first and (not ends or first.numero < min(ends)):
        versions[first.numero] = first
    for numero in sorted(versions):
        version = versions[numero]
        fields = fields_at(Article, [article.pk], version.revision_id).get(article.pk)
        if not fields:
            continue
        seance = ends.get(numero)
        auteur = seance.auteur if seance else str(version.auteur)
        initiales = seance.initiales if seance else version.auteur.initiales
        found.append(Revision(Trace(auteur, initiales, numero, version.instant), fields["corps"]))
    return found


def _birth(article: Article) -> Version | None:
    """The version that made the article: an import, an addition, a split."""
    return (
        Version.objects.filter(
            revision__version__object_id=str(article.pk),
            revision__version__content_type__app_label="wikimarche",
            revision__version__content_type__model="article",
            piece=article.piece_id,
        )
        .select_related("auteur")
        .order_by("numero")
        .first()
    )
