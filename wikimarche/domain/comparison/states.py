"""What is compared: articles and pièces at one version."""

from dataclasses import dataclass
from uuid import UUID

from wikimarche.domain.schema import Json


@dataclass(frozen=True, slots=True)
class ArticleState:
    """An article at one version. corps: ProseMirror JSON; statut: « actif » or « retire ».

    numerote: False for front matter, which takes no number.
    """

    id: UUID
    parent: UUID | None
    rang: str
    titre: str
    corps: Json
    statut: str = "actif"
    numerote: bool = True


@dataclass(frozen=True, slots=True)
class PieceState:
    """A pièce at one version: its articles in any order, retired ones included."""

    articles: tuple[ArticleState, ...]
