"""Corrections of the cutting, before the draft is accepted: pure functions on the articles.

A draft is the imported tuple of articles plus a list of operations: applying them again gives the
same draft, dropping the last one undoes it. Operations are JSON objects naming articles and blocks
by identifier: {"op": "promouvoir", "article": …}.
"""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from wikimarche.domain.importing.assembly import TITLE_LIMIT
from wikimarche.domain.importing.pieces import (
    NIVEAU_MAX,
    ImportedArticle,
    ImportedPiece,
    ImportRefused,
    Json,
    plain_of,
)
from wikimarche.domain.importing.renumbering import tell_moved
from wikimarche.domain.importing.spaces import join_spaces


AT_THE_TOP = "L’article est déjà au premier niveau."
NONE_BEFORE = "Aucun article de même niveau ne précède celui-ci."

Draft = tuple[ImportedArticle, ...]
_NAMESPACE = uuid.UUID("3f0d7c52-1a4e-5b7a-8d2e-7c1b6a5d4e30")


class CorrectionRefused(ImportRefused):
    """The correction cannot be applied; the message is a French sentence for the person."""


class Correction(NamedTuple):
    """A stored draft after one correction, and what is needed to take it back.

    place: of the first article that differs; avant: the articles that stood from there; apres: how
    many stand there now.
    """

    articles: list[Json]
    place: int
    avant: list[Json]
    apres: int

    def as_json(self) -> Json:
        """Return what `take_back` reads; it weighs what changed, whatever the draft weighs."""
        return {"place": self.place, "avant": self.avant, "apres": self.apres}


def apply_operation(articles: Sequence[Json], operation: Mapping[str, Any]) -> Correction:
    """Correct the articles of a stored draft (ImportedArticle as dicts) once.

    operation: {"op", "article", and "bloc" or "titre" where the correction asks for them}.
    Raises CorrectionRefused, an ImportRefused.
    """
    draft = tuple(ImportedArticle(**article) for article in articles)
    rows = {id(article): row for article, row in zip(draft, articles, strict=True)}
    after = [
        rows.get(id(article)) or asdict(article)
        for article in apply_corrections(draft, [operation])
    ]
    most = min(len(articles), len(after))
    head = next((n for n in range(most) if articles[n] is not after[n]), most)
    tail = next(
        (n for n in range(most - head) if articles[-1 - n] is not after[-1 - n]), most - head
    )
    return Correction(
        after, head, list(articles[head : len(articles) - tail]), len(after) - tail - head
    )


def take_back(articles: Sequence[Json], correction: Mapping[str, Any]) -> list[Json]:
    """Return the articles as they stood before a correction (`Correction.as_json`)."""
    place = correction["place"]
    return [*articles[:place], *correction["avant"], *articles[place + correction["apres"] :]]


def apply_corrections(draft: Draft, operations: Iterable[Mapping[str, Any]]) -> Draft:
    """Return the draft after each operation, in order.

    Raises CorrectionRefused at the first one that does not apply.
    """
    for operation in operations:
        function = CORRECTIONS.get(str(operation.get("op", "")))
        if function is None:
            raise CorrectionRefused("Cette correction n’existe pas.")
        asked = inspect.signature(function).parameters
        arguments = {key: str(operation[key]) for key in asked if key in operation}
        try:
            draft = function(draft, **arguments)
        except TypeError as error:
            raise CorrectionRefused("Cette correction est incomplète.") from error
    return draft


def merge_with_previous(draft: Draft, *, article: str) -> Draft:
    """Put the article at the end of the previous one; its title becomes a heading there."""
    index = _find(draft, article)
    if index == 0:
        raise CorrectionRefused("Le premier article n’a pas d’article précédent.")
    previous, merged = draft[index - 1], draft[index]
    blocks = previous.blocs if _has_content(previous) else []
    if merged.titre:
        blocks.append(_heading(merged.titre, merged.id))
    blocks += merged.blocs if _has_content(merged) else []
    target = _with_blocks(previous, blocks)
    return _relevel((*draft[: index - 1], target, *draft[index + 1 :]))


def split_at_block(draft: Draft, *, article: str, bloc: str, titre: str = "") -> Draft:
    """Start a new article of the same level at a block. Its title is given, or empty."""
    index = _find(draft, article)
    current = draft[index]
    at = _block(current, bloc)
    if at == 0:
        raise CorrectionRefused("L’article commence déjà à ce bloc.")
    blocks = current.blocs
    fresh = _new_article(current, bloc, titre, blocks[at:])
    return (*draft[:index], _with_blocks(current, blocks[:at]), fresh, *draft[index + 1 :])


def promote(draft: Draft, *, article: str) -> Draft:
    """Move the article and what it holds one level up."""
    index = _find(draft, article)
    if draft[index].niveau == 1:
        raise CorrectionRefused(AT_THE_TOP)
    return _shift(draft, index, -1)


def demote(draft: Draft, *, article: str) -> Draft:
    """Move the article and what it holds one level down, under the previous one."""
    index = _find(draft, article)
    if index == 0 or draft[index - 1].niveau < draft[index].niveau:
        raise CorrectionRefused(NONE_BEFORE)
    if any(draft[i].niveau >= NIVEAU_MAX for i in _branch(draft, index)):
        raise CorrectionRefused("L’article est déjà au niveau le plus profond.")
    return _shift(draft, index, 1)


def make_heading(draft: Draft, *, article: str, bloc: str) -> Draft:
    """Make the title of a new article of a paragraph or heading; what follows goes with it."""
    index = _find(draft, article)
    current = draft[index]
    at = _block(current, bloc)
    block = current.blocs[at]
    titre = join_spaces(plain_of(block))
    if block["type"] not in ("paragraph", "heading") or not titre:
        raise CorrectionRefused("Seul un paragraphe peut devenir un titre.")
    if len(titre) > TITLE_LIMIT:
        raise CorrectionRefused("Ce paragraphe est trop long pour être un titre.")
    blocks = current.blocs
    fresh = _new_article(current, bloc, titre, blocks[at + 1 :])
    kept = _with_blocks(current, blocks[:at])
    return (*draft[:index], kept, fresh, *draft[index + 1 :])


def make_paragraph(draft: Draft, *, article: str) -> Draft:
    """Make a paragraph of the article's title; its text joins the previous article."""
    index = _find(draft, article)
    current = draft[index]
    if index == 0:
        lead = _with_blocks(current, [_paragraph(current.titre, current.id), *current.blocs])
        return (replace(lead, titre=""), *draft[1:])
    previous = draft[index - 1]
    blocks = previous.blocs if _has_content(previous) else []
    if current.titre:
        blocks.append(_paragraph(current.titre, current.id))
    blocks += current.blocs if _has_content(current) else []
    return _relevel((*draft[: index - 1], _with_blocks(previous, blocks), *draft[index + 1 :]))


def rename(draft: Draft, *, article: str, titre: str) -> Draft:
    """Change the title of an article."""
    index = _find(draft, article)
    titre = join_spaces(titre)
    if len(titre) > TITLE_LIMIT:
        raise CorrectionRefused("Ce titre est trop long.")
    return (*draft[:index], replace(draft[index], titre=titre), *draft[index + 1 :])


def unnumber(draft: Draft, *, article: str) -> Draft:
    """Take its number away from an article: front matter, with what it holds."""
    return _set_number(draft, article, numerote=False)


def number(draft: Draft, *, article: str) -> Draft:
    """Give its number back to an article."""
    return _set_number(draft, article, numerote=True)


CORRECTIONS: dict[str, Callable[..., Draft]] = {
    "fusionner": merge_with_previous,
    "scinder": split_at_block,
    "promouvoir": promote,
    "retrograder": demote,
    "en_titre": make_heading,
    "en_paragraphe": make_paragraph,
    "numeroter": number,
    "renommer": rename,
    "sans_numero": unnumber,
}


def correct_piece(piece: ImportedPiece, operations: Iterable[Mapping[str, Any]]) -> ImportedPiece:
    """Return the pièce with its cutting corrected, comments and suggestions following their block."""
    articles = apply_corrections(piece.articles, operations)
    if articles == piece.articles:
        return piece
    places = {b["attrs"]["id"]: a.id for a in articles for b in a.blocs}
    alive = {a.id for a in articles}
    origin = {a.id: a.blocs[0]["attrs"]["id"] for a in piece.articles}

    def moved(remark: Any) -> Any:
        home = places.get(remark.bloc)
        if home is None and remark.article not in alive:
            home = places.get(origin.get(remark.article, ""), articles[0].id)
        return replace(remark, article=home) if home else remark

    levels: dict[str, int] = {}
    for article in articles:
        levels[str(article.niveau)] = levels.get(str(article.niveau), 0) + 1
    told = tell_moved(articles)
    others = [remark for remark in piece.report.remarques if remark not in piece.report.numeros]
    report = replace(
        piece.report,
        articles=len(articles),
        levels=dict(sorted(levels.items())),
        numeros=told,
        remarques=[*told, *others],
    )
    return replace(
        piece,
        articles=articles,
        comments=tuple(moved(comment) for comment in piece.comments),
        suggestions=tuple(moved(suggestion) for suggestion in piece.suggestions),
        report=report,
    )


def find_homes(articles: Sequence[Json], remarks: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say for each remark of a stored draft which article its passage is in now, « » for none.

    remarks: ImportedComment or ImportedSuggestion as dicts. They keep the place they were read at:
    the block is looked for first, then the article its block or its title became.
    """
    alive = {str(row["id"]) for row in articles}
    places: dict[str, str] = {}
    for row in articles:
        for bloc in _identifiers(row["corps"]):
            places.setdefault(bloc, str(row["id"]))

    def home(article: str, bloc: str) -> str:
        if bloc in places:
            return places[bloc]
        for known in (_cut_off(article, bloc), article):
            if known in alive:
                return known
        return places.get(_identifier(article, "titre"), "")

    return [home(remark["article"], remark["bloc"]) for remark in remarks]


def _identifiers(node: Json) -> Iterable[str]:
    for child in node.get("content", ()):
        if identifier := (child.get("attrs") or {}).get("id"):
            yield identifier
        yield from _identifiers(child)


def _find(draft: Draft, article: str) -> int:
    for index, candidate in enumerate(draft):
        if candidate.id == article:
            return index
    raise CorrectionRefused("Cet article n’est pas dans le document importé.")


def _block(article: ImportedArticle, bloc: str) -> int:
    for index, block in enumerate(article.blocs):
        if block["attrs"]["id"] == bloc:
            return index
    raise CorrectionRefused("Ce bloc n’est pas dans l’article.")


def _branch(draft: Draft, index: int) -> range:
    end = index + 1
    while end < len(draft) and draft[end].niveau > draft[index].niveau:
        end += 1
    return range(index, end)


def _set_number(draft: Draft, article: str, *, numerote: bool) -> Draft:
    index = _find(draft, article)
    level = draft[index].niveau
    for above in reversed(draft[:index]):
        if above.niveau < level:
            level = above.niveau
            if not above.numerote:
                raise CorrectionRefused(
                    "L’article qui contient celui-ci est sans numéro\u202f: celui-ci n’en a pas non plus."
                )
    if draft[index].numerote == numerote:
        already = "déjà numéroté" if numerote else "déjà sans numéro"
        raise CorrectionRefused(f"Cet article est {already}.")
    return (*draft[:index], replace(draft[index], numerote=numerote), *draft[index + 1 :])


def _shift(draft: Draft, index: int, step: int) -> Draft:
    moved = _branch(draft, index)
    return _relevel(
        tuple(
            replace(article, niveau=article.niveau + step) if rank in moved else article
            for rank, article in enumerate(draft)
        )
    )


def _relevel(draft: Draft) -> Draft:
    """Close the gaps: an article is at most one level below the one before it."""
    out: list[ImportedArticle] = []
    for article in draft:
        most = out[-1].niveau + 1 if out else 1
        out.append(replace(article, niveau=most) if article.niveau > most else article)
    return tuple(out)


def _has_content(article: ImportedArticle) -> bool:
    return any(b.get("content") or b["type"] in ("image", "critere") for b in article.blocs)


def _identifier(*parts: str) -> str:
    return uuid.uuid5(_NAMESPACE, "\n".join(parts)).hex[:10]


def _with_blocks(article: ImportedArticle, blocks: list[Json]) -> ImportedArticle:
    """Return the article with these blocks, identifiers kept unique, never empty."""
    seen: set[str] = set()
    out = []
    for rank, block in enumerate(blocks):
        identifier = block["attrs"]["id"]
        while identifier in seen:
            identifier = _identifier(article.id, identifier, str(rank))
        seen.add(identifier)
        out.append({**block, "attrs": {**block["attrs"], "id": identifier}})
    if not out:
        out = [{"type": "paragraph", "attrs": {"id": _identifier(article.id, "vide")}}]
    return replace(article, corps={"type": "doc", "content": out})


def _new_article(
    origin: ImportedArticle, bloc: str, titre: str, blocks: list[Json]
) -> ImportedArticle:
    identifier = _cut_off(origin.id, bloc)
    titre = join_spaces(titre)[:TITLE_LIMIT]
    fresh = ImportedArticle(identifier, titre, origin.niveau, {"type": "doc", "content": []})
    return _with_blocks(fresh, blocks)


def _cut_off(article: str, bloc: str) -> str:
    """Name the article that begins at a block of another one."""
    return str(uuid.uuid5(_NAMESPACE, f"{article}\n{bloc}"))


def _heading(titre: str, article: str) -> Json:
    return {
        "type": "heading",
        "attrs": {"id": _identifier(article, "titre"), "level": 1},
        "content": [{"type": "text", "text": titre}],
    }


def _paragraph(titre: str, article: str) -> Json:
    return {
        "type": "paragraph",
        "attrs": {"id": _identifier(article, "titre")},
        "content": [{"type": "text", "text": titre}],
    }
