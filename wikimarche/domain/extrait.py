"""The words that a search found, shown in the sentence where they stand."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass


BEFORE, LENGTH = 60, 240
"""Signs shown before the first word found, and in all."""
SHORTEST = 4
"""Signs of a stem below which it is not shortened."""
_WORD = re.compile(r"\w+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})


@dataclass(frozen=True, slots=True)
class Morceau:
    """A piece of an excerpt. found: it is one of the words that were looked for."""

    texte: str
    found: bool = False

    def __str__(self) -> str:
        return self.texte


def fold(words: str) -> str:
    """Take case and accents away from a word, as ``wikimarche_nu`` does in the database.

    >>> fold("Pénalités de l’ŒUVRE")
    'penalites de l’oeuvre'
    """
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFC", words).lower())
    return "".join(one for one in plain if not unicodedata.combining(one)).translate(_LIGATURES)


def cut_excerpt(texte: str, stems: Collection[str]) -> list[Morceau]:
    """Cut the sentence around the first word found; the beginning of the text when none is in it.

    stems: beginnings of words, folded.

    >>> [one.texte for one in cut_excerpt("Le titulaire encourt des pénalités de retard.", {"penal"})
    ...  if one.found]
    ['pénalités']

    A stem is not always how its word begins: « nationaux » is kept as « national ».

    >>> [one.texte for one in cut_excerpt("Les seuils nationaux.", {"national"}) if one.found]
    ['nationaux']
    """
    texte = " ".join(texte.split())
    folded = [fold(word[0]) for word in _WORD.finditer(texte)]
    stems = {_begin(stem, folded) for stem in stems}
    hits = [word.span() for word in _WORD.finditer(texte) if _is_found(word[0], stems)]
    start = _head(texte, hits[0][0]) if hits else 0
    end = _tail(texte, start)
    return list(_pieces(texte, start, end, hits))


def _begin(stem: str, words: Collection[str]) -> str:
    """The stem, or its longest beginning, up to two signs shorter, that begins one of the words."""
    tried = (
        stem[: len(stem) - less] for less in range(3) if not less or len(stem) - less >= SHORTEST
    )
    return next((one for one in tried if any(word.startswith(one) for word in words)), stem)


def _is_found(word: str, stems: Collection[str]) -> bool:
    folded = fold(word)
    return any(folded.startswith(stem) for stem in stems)


def _head(texte: str, hit: int) -> int:
    """Where the excerpt begins: on a word, not far before the first one found."""
    if hit <= BEFORE:
        return 0
    return texte.rfind(" ", 0, hit - BEFORE + 1) + 1


def _tail(texte: str, start: int) -> int:
    if len(texte) - start <= LENGTH:
        return len(texte)
    cut = texte.rfind(" ", start, start + LENGTH)
    return cut if cut > start else start + LENGTH


def _pieces(texte: str, start: int, end: int, hits: list[tuple[int, int]]) -> Iterator[Morceau]:
    at = start
    if start:
        yield Morceau("… ")
    for first, last in hits:
        if first < start or last > end:
            continue
        if at < first:
            yield Morceau(texte[at:first])
        yield Morceau(texte[first:last], found=True)
        at = last
    rest = texte[at:end] + (" …" if end < len(texte) else "")
    if rest:
        yield Morceau(rest)
