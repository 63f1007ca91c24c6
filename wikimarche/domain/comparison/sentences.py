"""Sentences: a change said in French, for lists, announcements and tools."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from wikimarche.domain.canonical import block_text
from wikimarche.domain.comparison.changes import Bloc, Changement, Genre, Op, Segment


def describe(change: Changement) -> str:
    """Say a change in a few French words, for lists and announcements."""
    if Genre.AJOUT in change.genres:
        return "Article rétabli" if change.avant is not None else "Article ajouté"
    if Genre.RETRAIT in change.genres:
        return f"Article fusionné dans {change.fusion}" if change.fusion else "Article retiré"
    parts = []
    if change.geste:
        parts.append(change.geste_fait)
    if change.cellules:
        parts.append(f"{change.cellules} cellule{'s' if change.cellules > 1 else ''}")
    total = change.mots.total
    if Genre.TEXTE in change.genres and total:
        parts.append(f"{total} mot{'s' if total > 1 else ''}")
    if change.forme_seule:
        parts.append("mise en forme")
    sentence = ", ".join(parts) if len(parts) != 2 else ", et ".join(parts)
    return sentence[:1].upper() + sentence[1:]


_EXCERPT: Final = 40


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    short = words if len(words) <= _EXCERPT else words[: _EXCERPT - 1].rstrip() + "…"
    return f"«\u202f{short}\u202f»"


def _edits(blocs: Sequence[Bloc]) -> Iterator[tuple[str, str]]:
    """Yield (text before, text after) of each place edited, '' where there is nothing."""
    for bloc in blocs:
        if bloc.op is Op.AJOUT:
            yield "", block_text(bloc.apres)
        elif bloc.op is Op.RETRAIT:
            yield block_text(bloc.avant), ""
        elif bloc.segments:
            yield from _edits_of(bloc.segments)
        else:
            yield from _edits(bloc.enfants)


def _edits_of(segments: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    before = ""
    for segment in segments:
        if segment.op is Op.RETRAIT:
            before = segment.text
        elif segment.op is Op.AJOUT:
            yield before, segment.text
            before = ""
        elif before:
            yield before, ""
            before = ""
        yield from _edits_of(segment.note)
    if before:
        yield before, ""


def tell_edit(
    change: Changement, *, limit: int = 2, say: Callable[[str], str] = lambda text: text
) -> str:
    """Say what was done as a phrase whose subject is the author: « remplace « année » par « trimestre » ».

    At most limit edits are told, then how many more there are. '' when nothing changed.
    say: writes the data that the text names by their path.
    """
    if Genre.AJOUT in change.genres:
        return "rétablit l’article" if change.avant is not None else "écrit l’article"
    if Genre.RETRAIT in change.genres:
        return f"fusionne l’article dans {change.fusion}" if change.fusion else "retire l’article"
    told = [f"{change.geste} l’article"] if change.geste else []
    edits = [*_edits_of(change.titre), *_edits(change.blocs)]
    edits = [(before, after) for before, after in edits if before.strip() or after.strip()]
    former = ""
    for before, after in edits[:limit]:
        if before.strip() and after.strip():
            verb, words = "remplace", f"{_excerpt(say(before))} par {_excerpt(say(after))}"
        elif after.strip():
            verb, words = "ajoute", _excerpt(say(after))
        else:
            verb, words = "retire", _excerpt(say(before))
        # Said once: « ajoute « ne » et « pas » ».
        told.append(words if verb == former else f"{verb} {words}")
        former = verb
    if change.forme_seule:
        told.append("change la mise en forme")
    sentence = ", ".join(told[:-1]) + (" et " if len(told) > 1 else "") + "".join(told[-1:])
    more = len(edits) - limit
    if more > 0:
        sentence += (
            f", et {more} autre{'s' if more > 1 else ''} modification{'s' if more > 1 else ''}"
        )
    return sentence
