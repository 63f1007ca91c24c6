"""Reads shaped for the pages of a pièce."""

from wikimarche.selectors.comparisons import (
    ComparisonView,
    compare_versions,
    list_changes,
    read_comparison,
)
from wikimarche.selectors.drafts import (
    DraftArticle,
    DraftPassages,
    chain_of_file,
    first_brought,
    job_of,
    page_of,
    read_draft,
    read_passages,
)
from wikimarche.selectors.histories import ArticleHistory, read_article_history
from wikimarche.selectors.live import Fiche, News, articles_changed_since, people_here, read_fiche
from wikimarche.selectors.objets import name_objects
from wikimarche.selectors.pages import (
    ArticleView,
    PieceView,
    context_of,
    list_retired,
    read_article_view,
    read_piece,
    render_articles,
    render_some,
)
from wikimarche.selectors.pieces import (
    count_articles,
    empty_variables,
    importations_to_check,
    list_pieces,
    number_of,
    piece_points,
    version_links,
    waiting_importations,
    waiting_readings,
)
from wikimarche.selectors.renvois import broken_renvois, cited_before, present_articles
from wikimarche.selectors.states import ArticleState, read_state
from wikimarche.selectors.versions import (
    Seance,
    find_version,
    last_version,
    list_seances,
    list_versions,
    number_seen,
    version_marks,
    words_changed_at,
)


__all__ = [
    "ArticleHistory",
    "ArticleState",
    "ArticleView",
    "ComparisonView",
    "DraftArticle",
    "DraftPassages",
    "Fiche",
    "News",
    "PieceView",
    "Seance",
    "articles_changed_since",
    "broken_renvois",
    "chain_of_file",
    "cited_before",
    "compare_versions",
    "context_of",
    "count_articles",
    "empty_variables",
    "find_version",
    "first_brought",
    "importations_to_check",
    "job_of",
    "last_version",
    "list_changes",
    "list_pieces",
    "list_retired",
    "list_seances",
    "list_versions",
    "name_objects",
    "number_of",
    "number_seen",
    "page_of",
    "people_here",
    "piece_points",
    "present_articles",
    "read_article_history",
    "read_article_view",
    "read_comparison",
    "read_draft",
    "read_fiche",
    "read_passages",
    "read_piece",
    "read_state",
    "render_articles",
    "render_some",
    "version_links",
    "version_marks",
    "waiting_importations",
    "waiting_readings",
    "words_changed_at",
]
