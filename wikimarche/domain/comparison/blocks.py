"""Blocks: the content of two articles, items or cells, compared block by block."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from wikimarche.domain.comparison.changes import Bloc, Op
from wikimarche.domain.comparison.matching import Item, item_of, match, reading_order
from wikimarche.domain.comparison.tables import compare_tables
from wikimarche.domain.comparison.words import compare_inline
from wikimarche.domain.schema import Json


_TEXT_BLOCKS: Final = frozenset({"paragraph", "heading"})


_ATOM_BLOCKS: Final = frozenset({"image", "critere"})


def compare_blocks(avant: Sequence[Json], apres: Sequence[Json]) -> tuple[Bloc, ...]:
    """Compare two lists of blocks, in the order after, withdrawn ones at their old place.

    avant, apres: block JSON. Works for the blocks of an article, the items of a list, the
    paragraphs of a cell.
    """
    if avant == apres:
        return tuple(Bloc(Op.EGAL, node, node) for node in apres)
    old, new = [item_of(node) for node in avant], [item_of(node) for node in apres]
    pairs = match(old, new, _same_family)
    blocs: list[Bloc] = []
    for was, now, moved in reading_order(old, new, pairs):
        if now is None:
            blocs.append(Bloc(Op.RETRAIT, was.node if was else None, None))
        elif was is None:
            blocs.append(Bloc(Op.AJOUT, None, now.node))
        else:
            bloc = _compare_pair(was, now)
            blocs.append(replace(bloc, deplace=True) if moved else bloc)
    return tuple(blocs)


def _same_family(old: Item, new: Item) -> bool:
    return _text_kind(old) == _text_kind(new)


def _text_kind(item: Item) -> str:
    kind: str = item.clean["type"]
    return "text" if kind in _TEXT_BLOCKS else kind


def _compare_pair(old: Item, new: Item) -> Bloc:
    if old.key == new.key:
        return Bloc(Op.EGAL, old.node, new.node)
    kind = new.clean["type"]
    before, after = old.clean.get("content") or (), new.clean.get("content") or ()
    if kind in _TEXT_BLOCKS:
        segments = compare_inline(before, after)
        words = any(segment.op in {Op.AJOUT, Op.RETRAIT, Op.MODIFIE} for segment in segments)
        return Bloc(Op.MODIFIE if words else Op.FORME, old.node, new.node, segments)
    if kind == "table":
        enfants = compare_tables(old.node, new.node, compare_blocks)
    elif kind in _ATOM_BLOCKS:
        resized = kind == "image" and _without_size(old.clean) == _without_size(new.clean)
        return Bloc(Op.FORME if resized else Op.MODIFIE, old.node, new.node)
    else:
        enfants = compare_blocks(old.node.get("content") or (), new.node.get("content") or ())
    quiet = {Op.EGAL, Op.FORME}
    same_words = all(enfant.op in quiet and not enfant.deplace for enfant in enfants)
    return Bloc(Op.FORME if same_words else Op.MODIFIE, old.node, new.node, enfants=enfants)


def _without_size(image: Json) -> Json:
    sizes = {"largeur", "hauteur"}
    return {key: value for key, value in image["attrs"].items() if key not in sizes}
