"""What is compared: articles and pièces at one version."""

from dataclasses import dataclass
from uuid import UUID

from wikimarche.domain.schema import Json


@dataclass(frozen=True, slots=True)
class ArticleState:
    """An article at one version. corps: ProseMirror JSON; statut: « actif » or « retire ».

    numerote: False for front matter, which takes no number. fusion: of a retired one, the article
    that took its text, in quotation marks; '' otherwise.
    """

    id: UUID
    parent: UUID | None
    rang: str
    titre: str
    corps: Json
    statut: str = "actif"
    numerote: bool = True
    fusion: str = ""


@dataclass(frozen=True, slots=True)
class PieceState:
    """A pièce at one version: its articles in any order, retired ones included."""

    articles: tuple[ArticleState, ...]
