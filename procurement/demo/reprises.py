"""From the text as it should read back to the draft it came from.

The texts on disk are the ones the pièces arrived at. A draft is made by undoing corrections; the
story makes them again, each in the name of its author.
"""

import re
from collections.abc import Sequence


Pairs = Sequence[tuple[str, str]]
"""(as first written, as it should read)."""

_CHAPTER = re.compile(r"^# (.+?)(?: \{#[\w-]+\})?$", re.MULTILINE)


def undo(text: str, *reprises: Pairs) -> str:
    """Put first writings back. Raises ValueError for a correction that is not in the text, once."""
    for pairs in reprises:
        for first, final in pairs:
            if text.count(final) != 1:
                raise ValueError(
                    f"«\u202f{final}\u202f» est {text.count(final)} fois dans le texte."
                )
            text = text.replace(final, first)
    return text


def borrow(text: str, chapters: Sequence[str], words: Pairs) -> str:
    """Replace words in some chapters, as if they came from a former contract."""
    parts, at, inside = [], 0, False
    for found in _CHAPTER.finditer(text):
        parts.append(_say(text[at : found.start()], words) if inside else text[at : found.start()])
        at, inside = found.start(), found[1] in chapters
    parts.append(_say(text[at:], words) if inside else text[at:])
    return "".join(parts)


def _say(text: str, words: Pairs) -> str:
    for first, final in words:
        text = re.sub(rf"{re.escape(final)}\b", first, text)
    return text


PRESTATAIRE = (
    ("le prestataire", "le titulaire"),
    ("Le prestataire", "Le titulaire"),
    ("du prestataire", "du titulaire"),
    ("au prestataire", "au titulaire"),
)
REGION = (
    ("de la Région", "de l’acheteur"),
    ("à la Région", "à l’acheteur"),
    ("par la Région", "par l’acheteur"),
    ("la Région peut", "l’acheteur peut"),
    ("La Région peut", "L’acheteur peut"),
    ("la Région prononce", "l’acheteur prononce"),
)
