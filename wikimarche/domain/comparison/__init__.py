"""Comparison of two states of a pièce: articles by identifier, blocks by identifier, then words and cells.

The result is data, rich enough for the page (in the text, side by side), the printed redline and
the Word one. Comments and numbers are not content: neither is ever a change. Start with
`articles.compare`, which calls `blocks`, which calls `words` and `tables`.
"""

from wikimarche.domain.comparison.articles import compare, compare_articles, part_of
from wikimarche.domain.comparison.blocks import compare_blocks
from wikimarche.domain.comparison.changes import (
    Bloc,
    Changement,
    Comparison,
    Genre,
    Ligne,
    Mots,
    Op,
    Renumerotation,
    Segment,
)
from wikimarche.domain.comparison.matching import stayed
from wikimarche.domain.comparison.sentences import describe, tell_edit
from wikimarche.domain.comparison.states import ArticleState, PieceState
from wikimarche.domain.comparison.words import compare_inline


__all__ = [
    "ArticleState",
    "Bloc",
    "Changement",
    "Comparison",
    "Genre",
    "Ligne",
    "Mots",
    "Op",
    "PieceState",
    "Renumerotation",
    "Segment",
    "compare",
    "compare_articles",
    "compare_blocks",
    "compare_inline",
    "describe",
    "part_of",
    "stayed",
    "tell_edit",
]
