"""Reads shaped for the pages of a pièce."""

from wikimarche.selectors.pages import (
    ArticleView,
    PieceView,
    read_article_view,
    read_piece,
    render_articles,
)
from wikimarche.selectors.pieces import list_pieces
from wikimarche.selectors.states import read_state
from wikimarche.selectors.versions import (
    find_version,
    last_version,
    list_seances,
    list_versions,
    version_marks,
)


__all__ = [
    "ArticleView",
    "PieceView",
    "find_version",
    "last_version",
    "list_pieces",
    "list_seances",
    "list_versions",
    "read_article_view",
    "read_piece",
    "read_state",
    "render_articles",
    "version_marks",
]
