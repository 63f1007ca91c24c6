"""Likeness: giving a document imported again the identifiers of the articles it looks like."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from rapidfuzz import fuzz

from wikimarche.domain.canonical import canonical_json, canonical_node, plain_text
from wikimarche.domain.comparison.states import ArticleState, PieceState


LIKE: Final = 70.0
"""Likeness, out of 100, from which an article without common identifier is an old one edited."""


def adopt_identifiers(old: PieceState, new: PieceState) -> PieceState:
    """Give articles of new the identifiers of the old articles they look like."""
    known = {article.id for article in old.articles}
    kept = {article.id for article in new.articles if article.id in known}
    free_old = [a for a in old.articles if a.id not in kept and a.statut == "actif"]
    free_new = [a for a in new.articles if a.id not in kept]
    names: dict[UUID, UUID] = {}
    by_content: dict[str, list[ArticleState]] = {}
    for article in free_old:
        by_content.setdefault(_content_key(article), []).append(article)
    for article in free_new:
        if candidates := by_content.get(_content_key(article)):
            names[article.id] = candidates.pop(0).id
    taken = set(names.values())
    texts_old = {a.id: f"{a.titre}\n{plain_text(a.corps)}" for a in free_old if a.id not in taken}
    texts_new = {a.id: f"{a.titre}\n{plain_text(a.corps)}" for a in free_new if a.id not in names}
    scores = []
    for place, (n, text) in enumerate(texts_new.items()):
        for other, (i, was) in enumerate(texts_old.items()):
            score = fuzz.ratio(was, text, score_cutoff=LIKE)
            if score:
                scores.append((-score, abs(place - other), place, n, i))
    for _score, _distance, _place, n, i in sorted(scores, key=lambda s: s[:3]):
        if n not in names and i not in taken:
            names[n] = i
            taken.add(i)
    return PieceState(
        tuple(
            replace(
                article,
                id=names.get(article.id, article.id),
                parent=names.get(article.parent, article.parent) if article.parent else None,
            )
            for article in new.articles
        )
    )


def _content_key(article: ArticleState) -> str:
    return f"{article.titre}\n{canonical_json(canonical_node(article.corps))}"
