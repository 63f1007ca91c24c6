"""Articles: two states of a pièce compared; what was added, withdrawn, moved, edited, renumbered."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from wikimarche.domain.comparison.blocks import compare_blocks
from wikimarche.domain.comparison.changes import (
    Bloc,
    Changement,
    Comparison,
    Genre,
    Ligne,
    Op,
    Renumerotation,
    Segment,
)
from wikimarche.domain.comparison.counting import changed_cells, words_of, words_of_segments
from wikimarche.domain.comparison.likeness import adopt_identifiers
from wikimarche.domain.comparison.matching import stayed
from wikimarche.domain.comparison.states import ArticleState, PieceState
from wikimarche.domain.comparison.words import compare_inline
from wikimarche.domain.numbering import Numbered, Place, outline
from wikimarche.domain.schema import Json


def compare(old: PieceState, new: PieceState, *, by_likeness: bool = False) -> Comparison:
    """Compare two states of a pièce, or of one article.

    Articles are matched by identifier: a moved or renumbered one keeps its edits inside. Among the
    children of one parent, those that kept their rank stayed, then those of a longest run in the
    same order, and the others moved; a change of parent is a move. An article is present when it and all that holds it are active.
    by_likeness: match what identifiers do not (a document imported again) by content, then by
    likeness of title and text; the result speaks of the old identifiers.
    """
    if by_likeness:
        new = adopt_identifiers(old, new)
    before = {article.id: article for article in old.articles}
    after = {article.id: article for article in new.articles}
    outline_old = outline(_places(old))
    outline_new = outline(_places(new))
    here_old = {row.id: row for row in outline_old if row.present}
    here_new = {row.id: row for row in outline_new if row.present}
    both_old = [row for row in outline_old if row.id in here_old and row.id in here_new]
    both_new = [row for row in outline_new if row.id in here_old and row.id in here_new]
    moved = _moved(before, after, [row.id for row in both_old], [row.id for row in both_new])
    shifts = _shifts(both_old, both_new, moved)
    changes: dict[UUID, Changement] = {}
    for row in outline_new:
        if row.id not in here_new:
            continue
        was = here_old.get(row.id)
        change = Changement(
            row.id,
            before.get(row.id),
            after[row.id],
            was.numero if was else "",
            row.numero,
            row.level,
            (Genre.DEPLACEMENT,) if row.id in moved else (),
            retrait=shifts.get(row.id, 0),
        )
        changes[row.id] = _edited(change) if was else _whole(change, Genre.AJOUT)
    for row in outline_old:
        if row.id in here_old and row.id not in here_new:
            change = Changement(
                row.id, before[row.id], after.get(row.id), row.numero, "", row.level
            )
            changes[row.id] = _whole(change, Genre.RETRAIT)
    order_old = [row.id for row in outline_old if row.id in here_old]
    order_new = [row.id for row in outline_new if row.id in here_new]
    return Comparison(
        changes, _reading(order_old, order_new, moved), _renumbered(changes, order_new)
    )


def compare_articles(
    avant: ArticleState, apres: ArticleState
) -> tuple[tuple[Segment, ...], tuple[Bloc, ...]]:
    """Compare the titles and the blocks of two states of one article."""
    titre = compare_inline(_title(avant.titre), _title(apres.titre))
    return titre, compare_blocks(avant.corps.get("content") or (), apres.corps.get("content") or ())


def _title(titre: str) -> list[Json]:
    return [{"type": "text", "text": titre}] if titre else []


def _whole(change: Changement, genre: Genre) -> Changement:
    """Fill the change of an article that came or left whole."""
    added = genre is Genre.AJOUT
    op = Op.AJOUT if added else Op.RETRAIT
    state = change.apres if added else change.avant
    if state is None:
        raise ValueError("An article that came or left has a state on that side.")
    titre = tuple(Segment(op, (node,)) for node in _title(state.titre))
    blocs = tuple(
        Bloc(op, None, node) if added else Bloc(op, node, None)
        for node in state.corps.get("content") or ()
    )
    mots = words_of(blocs) + words_of_segments(titre)
    return replace(change, genres=(genre,), titre=titre, blocs=blocs, mots=mots)


def _has_text_change(blocs: Sequence[Bloc]) -> bool:
    return any(
        (bloc.op is not Op.EGAL or bloc.deplace) and bloc.noeud["type"] != "table" for bloc in blocs
    )


def _only_form(titre: Sequence[Segment], blocs: Sequence[Bloc]) -> bool:
    return all(s.op is Op.EGAL for s in titre) and all(
        bloc.op in {Op.EGAL, Op.FORME} and not bloc.deplace for bloc in blocs
    )


def part_of(change: Changement, genre: Genre) -> Changement:
    """Keep of a change what is of one of its kinds: a move has no words, a table has its own."""
    if genre in {Genre.AJOUT, Genre.RETRAIT}:
        return change
    titre = change.titre if genre is Genre.TEXTE else ()
    blocs: tuple[Bloc, ...] = ()
    if genre is not Genre.DEPLACEMENT:
        tables = genre is Genre.TABLEAU
        blocs = tuple(b for b in change.blocs if (b.noeud["type"] == "table") == tables)
    return replace(
        change,
        genres=(genre,),
        titre=titre,
        blocs=blocs,
        mots=words_of(blocs) + words_of_segments(titre),
        cellules=changed_cells(blocs),
        forme_seule=genre is not Genre.DEPLACEMENT and _only_form(titre, blocs),
    )


def _edited(change: Changement) -> Changement:
    """Fill a change with the words, cells and kinds of its edits."""
    if change.avant is None or change.apres is None:
        return change
    avant, apres = change.avant, change.apres
    if avant.titre == apres.titre and avant.corps == apres.corps:
        titre = tuple(Segment(Op.EGAL, (node,)) for node in _title(apres.titre))
        nodes = apres.corps.get("content") or ()
        return replace(change, titre=titre, blocs=tuple(Bloc(Op.EGAL, n, n) for n in nodes))
    titre, blocs = compare_articles(avant, apres)
    genres = list(change.genres)
    cellules = changed_cells(blocs)
    tables = any(b.op is not Op.EGAL and b.noeud["type"] == "table" for b in blocs)
    if tables:
        genres.append(Genre.TABLEAU)
    renamed = any(s.op is not Op.EGAL for s in titre)
    if renamed or _has_text_change(blocs):
        genres.append(Genre.TEXTE)
    edited = renamed or tables or _has_text_change(blocs)
    return replace(
        change,
        genres=tuple(genres),
        titre=titre,
        blocs=blocs,
        mots=words_of(blocs) + words_of_segments(titre),
        cellules=cellules,
        forme_seule=edited and _only_form(titre, blocs),
    )


def _places(piece: PieceState) -> list[Place]:
    return [Place(a.id, a.parent, a.rang, a.statut == "actif", a.numerote) for a in piece.articles]


def _moved(
    before: dict[UUID, ArticleState],
    after: dict[UUID, ArticleState],
    order_old: Sequence[UUID],
    order_new: Sequence[UUID],
) -> set[UUID]:
    moved = {article for article in order_new if before[article].parent != after[article].parent}
    places = {article: place for place, article in enumerate(order_old)}
    siblings: dict[UUID | None, list[UUID]] = {}
    for article in order_new:
        if article not in moved:
            siblings.setdefault(after[article].parent, []).append(article)
    for group in siblings.values():
        moved.update(_moved_among(group, before, after, places))
    return moved


def _moved_among(
    group: Sequence[UUID],
    before: dict[UUID, ArticleState],
    after: dict[UUID, ArticleState],
    places: dict[UUID, int],
) -> set[UUID]:
    """Those of the children of one parent, in their new order, that moved.

    A rank is written by who moves an article: those that kept theirs stayed, and between two of
    them, those of a longest run in the same order.
    """
    moved: set[UUID] = set()
    low, gap = -1, list[UUID]()
    for article in [*group, None]:
        if article is not None and before[article].rang != after[article].rang:
            gap.append(article)
            continue
        high = len(places) if article is None else places[article]
        if high < low:  # the same rank as before, by chance, in a document imported again
            gap.append(article) if article else None
            continue
        within = [other for other in gap if low < places[other] < high]
        kept = stayed([places[other] for other in within])
        moved.update(set(gap) - {within[index] for index in kept})
        low, gap = high, []
    return moved


def _shifts(
    rows_old: Sequence[Numbered], rows_new: Sequence[Numbered], moved: set[UUID]
) -> dict[UUID, int]:
    """Levels gained by the moved articles that are read where they were: indented, or the reverse."""
    places = {row.id: place for place, row in enumerate(rows_old)}
    kept = stayed([places[row.id] for row in rows_new])
    levels = {row.id: row.level for row in rows_old}
    return {
        row.id: row.level - levels[row.id]
        for index, row in enumerate(rows_new)
        if index in kept and row.id in moved
    }


def _reading(
    order_old: Sequence[UUID], order_new: Sequence[UUID], moved: set[UUID]
) -> tuple[Ligne, ...]:
    """Put withdrawn articles, and the places moved ones left, after what they followed."""
    present = set(order_new)
    after: dict[UUID | None, list[Ligne]] = {}
    anchor: UUID | None = None
    for article in order_old:
        if article not in present:
            after.setdefault(anchor, []).append(Ligne(article))
        elif article in moved:
            after.setdefault(anchor, []).append(Ligne(article, parti=True))
        else:
            anchor = article
    lines = list(after.get(None, ()))
    for article in order_new:
        lines.append(Ligne(article))
        if article not in moved:
            lines.extend(after.get(article, ()))
    return tuple(lines)


def _renumbered(
    changes: dict[UUID, Changement], order: Sequence[UUID]
) -> tuple[Renumerotation, ...]:
    return tuple(
        Renumerotation(
            article,
            changes[article].titre_courant,
            changes[article].numero_avant,
            changes[article].numero_apres,
            not changes[article].genres,
        )
        for article in order
        if Genre.AJOUT not in changes[article].genres
        and changes[article].numero_avant != changes[article].numero_apres
    )
