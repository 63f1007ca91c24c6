"""What an import keeps beside the text: comments and tracked changes of the document received."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from procurement.ui.typographie import format_date, format_instant
from wikimarche.domain.importing import find_homes
from wikimarche.domain.render import say_target
from wikimarche.domain.schema import show_invisible
from wikimarche.enums import StatutImport
from wikimarche.models import Article, Importation
from wikimarche.selectors.drafts import ARTICLES_SHOWN, DraftArticle


FIRST, RUN = 10, 100
"""Remarks written with the page, then each time one asks for the others."""
NATURES = {
    "insertion": "Insertion",
    "suppression": "Suppression",
    "paragraphe_insere": "Paragraphe ajouté",
    "paragraphe_supprime": "Paragraphe supprimé",
}
GENRES = {"commentaires": "comments", "suggestions": "tracked_changes"}
"""Where the draft keeps them, and where the report counts those of the file."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person had written in the document. quand: as the document says it.

    nature: of a tracked change, « » for a comment. citation: the words a comment bears on.
    lieu: its article in the cutting. href: that article, on this page then in the pièce.
    """

    auteur: str
    quand: str
    nature: str
    texte: str
    citation: str
    lieu: str
    href: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A run of remarks of one kind. total: those kept. ailleurs: those of the file that only it holds.

    suite: where the next run starts, None at the end.
    """

    genre: str
    total: int
    ailleurs: int
    debut: int
    rows: list[Remark]
    suite: int | None

    @property
    def restent(self) -> int:
        """Remarks after this run."""
        return self.total - (self.suite or self.total)


def read_kept(
    importation: Importation, articles: Sequence[DraftArticle], genre: str, start: int = 0
) -> Kept:
    """Comments or tracked changes kept with an import, from one on, in the order of the document.

    start: past the end, the last run is given. articles: its draft, as ``read_draft`` gives it. One query once accepted, none before.
    """
    held = importation.decoupage.get(genre, [])
    if start >= len(held):
        start = _last_start(len(held))
    end = start + (RUN if start else FIRST)
    shown = held[start:end]
    homes = find_homes(importation.decoupage.get("articles", []), shown)
    ranks = {article.id: rank for rank, article in enumerate(articles)}
    links = _links(importation, ranks, homes)
    rows = [
        Remark(
            auteur=show_invisible(remark["auteur"]) or "Sans nom",
            quand=_say_when(remark["date"]),
            nature=_say_nature(remark.get("nature", "")),
            texte=show_invisible(remark["texte"]),
            citation=show_invisible(remark.get("citation", "")),
            lieu=_say_place(articles[ranks[home]]) if home in ranks else "",
            href=links.get(home, ""),
        )
        for remark, home in zip(shown, homes, strict=True)
    ]
    told = int(importation.rapport.get(GENRES[genre], 0))
    return Kept(
        genre=genre,
        total=len(held),
        ailleurs=max(0, told - len(held)),
        debut=start,
        rows=rows,
        suite=end if end < len(held) else None,
    )


def _last_start(total: int) -> int:
    """Where the last run of so many remarks starts."""
    return FIRST + (total - FIRST - 1) // RUN * RUN if total > FIRST else 0


def _links(importation: Importation, ranks: dict[str, int], homes: Sequence[str]) -> dict[str, str]:
    if importation.statut == StatutImport.A_VERIFIER:
        detail = reverse("wikimarche:importation_detail", args=[importation.pk])
        return {
            home: f"{detail}?page={ranks[home] // ARTICLES_SHOWN + 1}&article={home}#l-{home}"
            for home in homes
            if home in ranks
        }
    brought = Article.objects.filter(
        pk__in={UUID(home) for home in homes if home},
        piece=importation.piece_id,
        provenance__importation=str(importation.pk),
    )
    return {
        str(pk): reverse("wikimarche:article_detail", args=[pk])
        for pk in brought.order_by().values_list("pk", flat=True)
    }


def _say_place(article: DraftArticle) -> str:
    titre = f" «\u202f{article.titre}\u202f»" if article.titre and article.numero else ""
    return say_target(article.numero, article.titre) + titre


def _say_nature(nature: str) -> str:
    return NATURES.get(nature, nature.replace("_", " ").capitalize())


def _say_when(said: str) -> str:
    """Say the date a document gives, as it stands there: Word writes the hour of its author’s clock."""
    with suppress(ValueError):
        when = datetime.fromisoformat(said).replace(tzinfo=None)
        return format_instant(when) if "T" in said else format_date(when)
    return show_invisible(said)
