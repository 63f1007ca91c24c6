"""Counting: how many words and cells a comparison touches."""

import re
from collections.abc import Sequence
from typing import Final

from wikimarche.domain.canonical import block_text
from wikimarche.domain.comparison.changes import Bloc, Mots, Op, Segment


_WORD: Final = re.compile(r"\w+")


def count_words(text: str) -> int:
    """Count words: runs of letters and digits.

    >>> count_words("l’eau, 12 m³")
    4
    """
    return len(_WORD.findall(text))


def words_of(blocs: Sequence[Bloc]) -> Mots:
    """Count the words of a comparison of blocks; a moved block counts only the words changed in it."""
    total = Mots()
    for bloc in blocs:
        if bloc.op is Op.AJOUT:
            total += Mots(ajoutes=count_words(block_text(bloc.apres)))
        elif bloc.op is Op.RETRAIT:
            total += Mots(retires=count_words(block_text(bloc.avant)))
        elif bloc.segments:
            total += words_of_segments(bloc.segments)
        elif bloc.enfants:
            total += words_of(bloc.enfants)
    return total


def words_of_segments(segments: Sequence[Segment]) -> Mots:
    """Count the words of a comparison of words; a withdrawal followed by an addition is a replacement."""
    added = withdrawn = replaced = 0
    previous = 0
    inside = Mots()
    for segment in segments:
        count = count_words(segment.text) if segment.op in {Op.AJOUT, Op.RETRAIT} else 0
        if segment.op is Op.RETRAIT:
            withdrawn += count
            previous = count
            continue
        if segment.op is Op.AJOUT:
            both = min(previous, count)
            replaced += both
            withdrawn -= both
            added += count - both
        previous = 0
        inside += words_of_segments(segment.note)
    return inside + Mots(added, withdrawn, replaced)


def changed_cells(blocs: Sequence[Bloc]) -> int:
    """Count the cells that changed, were added or withdrawn, in every table."""
    total = 0
    for bloc in blocs:
        if bloc.op is Op.EGAL or not bloc.enfants:
            continue
        if bloc.noeud["type"] == "table":
            total += sum(cell.op is not Op.EGAL for row in bloc.enfants for cell in row.enfants)
        else:
            total += changed_cells(bloc.enfants)
    return total
