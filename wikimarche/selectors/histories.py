"""History of one article: who last touched each passage, and its earlier texts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from procurement.audit.selectors import fields_at
from procurement.marches.domain.variables import say_paths
from procurement.marches.selectors import say_variables
from wikimarche.domain.blame import Authorship, BlockBlame, Passage, mark_lines
from wikimarche.domain.redaction import EMPTIED
from wikimarche.domain.schema import show_invisible
from wikimarche.enums import GenreVersion
from wikimarche.models import Article, Commit, Version
from wikimarche.selectors.pages import ArticleView, read_article_view
from wikimarche.selectors.versions import Seance, list_seances


BLAME_COMMITS = 3000
"""Commits replayed to say who wrote what; the text that was there before them has no name."""

MAX_CUTS = 6
"""Splits and merges gone through to find the author of a passage that came from another article."""

SESSIONS = 40
_RESTORED = GenreVersion.RESTAURATION
_SAID = ("numero", "seance", "instant", "structure", "genre")


@dataclass(frozen=True, slots=True)
class Trace:
    """What the page says of the origin of a passage."""

    auteur: str
    initiales: str
    version: int
    instant: datetime
    seance: int
    personne_id: UUID

    @property
    def cle(self) -> tuple[str, int]:
        """What passages written in one go have in common."""
        return self.auteur, self.seance

    def __str__(self) -> str:
        return self.auteur


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """The page of one article's history."""

    vue: ArticleView
    seances: list[Seance]
    blame: list[BlockBlame[Trace]]
    partial: bool
    """Older commits exist than those the passages were traced through."""


def read_article_history(article: Article) -> ArticleHistory:
    """Sessions of an article and the origin of each of its passages, sign by sign."""
    authorship, partial = _authorship(article)
    values = say_variables(article.piece.marche)
    blocks = authorship.blame(article.corps) if authorship else []
    marks = [mark_lines(block) for block in article.corps.get("content", ())]
    return ArticleHistory(
        vue=read_article_view(article),
        seances=list_seances(article.piece, article=article.pk, limit=SESSIONS),
        blame=[
            _say_variables(_marked(_gathered(bloc), lines), values)
            for bloc, lines in zip(blocks, marks, strict=False)
            if any(passage.texte.strip() for passage in bloc.passages)
        ],
        partial=partial,
    )


def _gathered(bloc: BlockBlame[Trace]) -> BlockBlame[Trace]:
    """Say once what one author wrote in one session; a space goes with what precedes it."""
    found: list[Passage[Trace]] = []
    for passage in bloc.passages:
        last = found[-1] if found else None
        if last is None or (passage.trace.cle != last.trace.cle and passage.texte.strip()):
            found.append(passage)
            continue
        same = passage.trace.cle == last.trace.cle
        latest = max(last.trace, passage.trace, key=lambda trace: trace.version)
        found[-1] = Passage(
            last.start, passage.end, last.texte + passage.texte, latest if same else last.trace
        )
    return replace(bloc, passages=tuple(found))


def _marked(bloc: BlockBlame[Trace], marks: list[str]) -> BlockBlame[Trace]:
    """Print the bullets and the numbers of a list before its lines."""
    if not any(marks):
        return bloc
    line, passages = 0, []
    for n, passage in enumerate(bloc.passages):
        texte = marks[0] if n == 0 else ""
        for sign in passage.texte:
            texte += sign
            if sign == "\n":
                line += 1
                texte += marks[line]
        passages.append(replace(passage, texte=texte))
    return replace(bloc, passages=tuple(passages))


def _say_variables(bloc: BlockBlame[Trace], values: Mapping[str, str]) -> BlockBlame[Trace]:
    """Write a block as pages do: data of the fiche by their value, ␦ for signs that turn a text."""
    return replace(
        bloc,
        passages=tuple(
            replace(passage, texte=show_invisible(say_paths(passage.texte, values)))
            for passage in bloc.passages
        ),
    )


def _authorship(article: Article) -> tuple[Authorship[Trace] | None, bool]:
    """The origin of each sign of an article, and whether its oldest commits were left out."""
    first = max(article.numero - BLAME_COMMITS, 0)
    found = _replay(article.piece_id, article.pk, first, article.numero, depth=0)
    return found, first > 0


def _replay(
    piece: UUID, article: UUID, first: int, last: int, *, depth: int
) -> Authorship[Trace] | None:
    """The commits of an article after ``first`` up to ``last``, replayed on the text it had."""
    commits = _commits(article, first, last)
    # Nothing is replayed over a redacted commit: the text starts after the one that follows it.
    lost = max((n for n, commit in enumerate(commits) if commit.pas == EMPTIED), default=None)
    if lost is not None:
        first = commits[lost + 1].numero if lost + 1 < len(commits) else last
        commits = commits[lost + 2 :]
    start = _start(article, first)
    if start is None:
        return None
    fields, trace = start
    source = (fields.get("provenance") or {}).get("scinde_de") if not first else None
    lent = (
        _replay_source(piece, UUID(source), fields["provenance"]["version"], depth=depth)
        if source
        else None
    )
    found = Authorship(fields["corps"], trace, lent=lent)
    merged = _merged_into(article, [commit for commit in commits if commit.structure])
    lents = {
        revision: _replay_source(piece, *with_this, depth=depth)
        for revision, with_this in merged.items()
    }
    back = _put_back(found.copy(), commits, lents)
    kept = {}
    for n, commit in enumerate(commits):
        if n in back.values():
            kept[n] = found.copy()
        _play(found, commit, lents)
        if n in back:
            found.put_back(kept[back[n]])
    return found


Lents = Mapping[int, Authorship[Trace] | None]


def _play(found: Authorship[Trace], commit: "_Commit", lents: Lents) -> None:
    by_hand = not commit.structure and commit.genre == GenreVersion.AUTO
    found.commit(commit.pas, commit.trace, by_hand=by_hand, lent=lents.get(commit.revision))


def _put_back(found: Authorship[Trace], commits: "list[_Commit]", lents: Lents) -> dict[int, int]:
    """By restoration, the commit before which the text last was what it gives back."""
    last = max((n for n, commit in enumerate(commits) if commit.genre == _RESTORED), default=-1)
    seen: dict[int, int] = {}
    back: dict[int, int] = {}
    for n, commit in enumerate(commits[: last + 1]):
        seen[found.digest] = n
        _play(found, commit, lents)
        if commit.genre == _RESTORED and found.digest in seen:
            back[n] = seen[found.digest]
    return back


def _replay_source(
    piece: UUID, article: UUID, numero: int, *, depth: int
) -> Authorship[Trace] | None:
    """Another article as it stood when its text came here; None past a few cuts of cuts."""
    if depth == MAX_CUTS:
        return None
    first = max(numero - BLAME_COMMITS, 0)
    return _replay(piece, article, first, numero, depth=depth + 1)


@dataclass(frozen=True, slots=True)
class _Commit:
    """Steps of one version of an article, and what the page says of them."""

    pas: list[dict[str, Any]]
    trace: Trace
    revision: int
    structure: bool
    genre: str
    numero: int


def _commits(article: UUID, first: int, last: int) -> list[_Commit]:
    rows = (
        Commit.objects.filter(article=article, numero__gt=first, numero__lte=last)
        .order_by("numero")
        .values_list(
            "pas",
            "numero",
            "revision_id",
            *(f"revision__version_de_piece__{name}" for name in _SAID),
            "auteur_id",
            "auteur__prenom",
            "auteur__nom",
        )
    )
    return [
        _Commit(
            pas,
            _trace(numero, seance, instant, auteur, prenom, nom),
            revision,
            structure,
            genre,
            place,
        )
        for pas, place, revision, numero, seance, instant, structure, genre, auteur, prenom, nom in rows
    ]


def _trace(
    numero: int, seance: int, instant: datetime, auteur: UUID, prenom: str, nom: str
) -> Trace:
    return Trace(
        f"{prenom} {nom}", f"{prenom[:1]}{nom[:1]}".upper(), numero, instant, seance, auteur
    )


def _start(article: UUID, numero: int) -> tuple[dict[str, Any], Trace] | None:
    """The text an article had after its commit ``numero`` (0: at birth), and what to say of it."""
    version = _birth(article) if not numero else _version_of(article, numero)
    fields = fields_at(Article, [article], version.revision_id).get(article) if version else None
    if version is None or not fields:
        return None
    auteur = version.auteur
    trace = _trace(
        version.numero, version.seance, version.instant, auteur.pk, auteur.prenom, auteur.nom
    )
    if numero:
        trace = replace(trace, auteur=f"Avant la version {version.numero + 1}", initiales="…")
    return fields, trace


def _version_of(article: UUID, numero: int) -> Version | None:
    return (
        Version.objects.filter(revision__commits__article=article, revision__commits__numero=numero)
        .select_related("auteur")
        .first()
    )


_MERGED = """
SELECT v.revision_id, v.object_id,
       (nullif(v.serialized_data, '')::jsonb -> 0 -> 'fields' ->> 'numero')::integer
  FROM reversion_version v
  JOIN django_content_type t ON t.id = v.content_type_id
   AND t.app_label = 'wikimarche' AND t.model = 'article'
 WHERE v.revision_id = ANY(%s) AND v.object_id <> %s
   AND nullif(v.serialized_data, '')::jsonb -> 0 -> 'fields' ->> 'statut' = 'retire'
   AND nullif(v.serialized_data, '')::jsonb -> 0 -> 'fields' ->> 'parent' IS DISTINCT FROM %s
"""


def _merged_into(article: UUID, commits: list[_Commit]) -> dict[int, tuple[UUID, int]]:
    """By revision, the article that was merged into this one and the commit it had reached."""
    if not commits:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _MERGED, [[commit.revision for commit in commits], str(article), str(article)]
        )
        return {revision: (UUID(pk), numero) for revision, pk, numero in cursor.fetchall()}


def _birth(article: UUID) -> Version | None:
    """The version that made the article: an import, an addition, a split."""
    return (
        Version.objects.filter(
            revision__version__object_id=str(article),
            revision__version__content_type__app_label="wikimarche",
            revision__version__content_type__model="article",
        )
        .select_related("auteur")
        .order_by("numero")
        .first()
    )
