"""The draft of an imported document, as the screen that corrects its cutting shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.safestring import SafeString, mark_safe

from procurement.jobs.models import Job
from wikimarche.domain.canonical import plain_text
from wikimarche.domain.importing import is_kept, retell_remarks
from wikimarche.domain.importing.draft import AT_THE_TOP, NONE_BEFORE
from wikimarche.domain.numbering import Place, outline
from wikimarche.domain.render import render_block
from wikimarche.enums import StatutArticle
from wikimarche.models import Article, Importation


ARTICLES_SHOWN = 200
PASSAGES_SHOWN = 50
"""Rows of a page, and passages of an article, written at once: a page stays a page."""


@dataclass(frozen=True, slots=True)
class DraftBlock:
    """A block of a draft article: its HTML and whether it could become a title."""

    id: str
    html: SafeString
    texte: str
    is_text: bool
    first: bool


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """A row of the draft. numero: the one it will take; imprime: the one the document printed.

    before: the level of the row before it, 0 for the first one.
    """

    id: str
    numero: str
    imprime: str
    titre: str
    niveau: int
    numerote: bool
    passages: int
    before: int

    @property
    def first(self) -> bool:
        """Whether nothing stands before it."""
        return not self.before

    @property
    def moved_from(self) -> str:
        """The number the document printed, when it is not the one it will take; else empty."""
        return "" if is_kept(self.imprime, self.numero) else self.imprime

    @property
    def bars_up(self) -> str:
        """Why it cannot go one level up, in words; empty when it can."""
        return AT_THE_TOP if self.niveau == 1 else ""

    @property
    def bars_down(self) -> str:
        """Why it cannot go one level down, as far as the row before it says; empty when it can."""
        return NONE_BEFORE if self.before < self.niveau else ""


@dataclass(frozen=True, slots=True)
class DraftPassages:
    """A run of the passages of an article. suite: where the next run starts, None at the end."""

    article: DraftArticle
    blocs: list[DraftBlock]
    suite: int | None

    @property
    def restent(self) -> int:
        """Passages after this run."""
        return self.article.passages - (self.suite or self.article.passages)


def read_draft(importation: Importation) -> list[DraftArticle]:
    """Articles of the draft in order, numbered as they will be. No query."""
    rows = importation.decoupage.get("articles", [])
    numbers = _numbers(rows)
    levels = [0, *(row["niveau"] for row in rows)]
    return [
        DraftArticle(
            id=row["id"],
            numero=numbers[row["id"]],
            imprime=row.get("numero_imprime", ""),
            titre=row["titre"],
            niveau=row["niveau"],
            numerote=row["numerote"],
            passages=_count_passages(row["corps"]),
            before=before,
        )
        for before, row in zip(levels, rows, strict=False)
    ]


def read_remarks(importation: Importation) -> list[str]:
    """What the reading leaves to look at; the numbers that change are those of the draft as it stands."""
    return retell_remarks(importation.rapport, importation.decoupage.get("articles", []))


def page_of(articles: Sequence[DraftArticle], wanted: str | None) -> Page[DraftArticle]:
    """Page of a draft by its number; the first or the last one when there is no such page."""
    return Paginator(articles, ARTICLES_SHOWN).get_page(wanted)


def _count_passages(corps: dict[str, Any]) -> int:
    """An article without text holds one empty paragraph, which is nothing to read."""
    blocs = corps.get("content", ())
    if len(blocs) == 1 and blocs[0]["type"] == "paragraph" and not blocs[0].get("content"):
        return 0
    return len(blocs)


def read_passages(
    importation: Importation, articles: Sequence[DraftArticle], article: str, start: int = 0
) -> DraftPassages | None:
    """Passages of an article of the draft from one on, None when there is no such article."""
    rows = importation.decoupage.get("articles", [])
    for shown, row in zip(articles, rows, strict=True):
        if shown.id == article:
            content = row["corps"].get("content", ())
            end = start + PASSAGES_SHOWN
            blocs = [
                _block(block, first=rank == 0)
                for rank, block in enumerate(content[start:end], start=start)
            ]
            return DraftPassages(shown, blocs, end if end < len(content) else None)
    return None


def job_of(importation: Importation) -> Job | None:
    """The job that reads the document. One query."""
    return Job.objects.filter(cle=f"importation:{importation.pk}").first()


def first_brought(importation: Importation) -> Article | None:
    """The first article that an accepted document brought, None when none is in the text. One query."""
    brought = Article.objects.filter(
        piece=importation.piece_id,
        provenance__importation=str(importation.pk),
        statut=StatutArticle.ACTIF,
        parent=None,
    )
    return brought.order_by("rang").first()


def _block(block: dict[str, Any], *, first: bool) -> DraftBlock:
    return DraftBlock(
        id=(block.get("attrs") or {}).get("id", ""),
        html=mark_safe(render_block(block)),  # noqa: S308, the writer of the domain escapes
        texte=plain_text({"content": [block]}),
        is_text=block["type"] in {"paragraph", "heading"},
        first=first,
    )


def _numbers(rows: list[dict[str, Any]]) -> dict[str, str]:
    path: list[UUID] = []
    places = []
    for rank, row in enumerate(rows):
        del path[row["niveau"] - 1 :]
        parent = path[-1] if path else None
        path.append(UUID(row["id"]))
        places.append(Place(path[-1], parent, f"{rank:06d}", numerote=row["numerote"]))
    return {str(place.id): place.numero for place in outline(places)}
