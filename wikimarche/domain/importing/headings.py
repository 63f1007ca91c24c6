"""Headings written as text: « ARTICLE 3 – Objet », « 3.2.1 Titre », « III. », « CHAPITRE 2 ».

A printed number is read, then dropped: numbers are computed from the tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


_SEP = r"[-–—−:.)/°\]]"
_ROMAN = r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_WORDS = {
    "partie": r"PARTIES?",
    "livre": r"LIVRE",
    "titre": r"TITRE",
    "chapitre": r"CHAPITRE|CHAP\.?",
    "section": r"SECTION",
    "article": r"ARTICLE|ART\.?",
    "annexe": r"ANNEXE",
    "lot": r"LOT",
}
_NUM = r"\d{1,3}(?:[.\-]\d{1,3}){0,5}"
# « 5 bis », a number put between two others: it belongs to the number, not to the title.
RANKS = r"bis|ter|quater|quinquies|sexies|septies|octies"
_RANK = rf"(?:\s?(?P<rank>(?i:{RANKS}))(?!\w))?"
_KEYWORD = {
    kind: re.compile(
        rf"^(?:{word})\s*(?:N\s*°|N°|No\.?)?\s*"
        rf"(?P<num>{_NUM}|{_ROMAN}|1er|premier|première|[A-Z]){_RANK}(?!\w)\s*(?P<sep>{_SEP}*)\s*(?P<title>.*)$",
        re.IGNORECASE | re.DOTALL,
    )
    for kind, word in _WORDS.items()
}
_DECIMAL = re.compile(
    rf"^(?:§\s*)?(?P<num>\d{{1,2}}(?:\s?\.\s?\d{{1,2}}){{0,5}}){_RANK}(?=\s|{_SEP})\s*(?P<sep>{_SEP}*)\s*(?P<title>[^\d\s].*)$",
    re.DOTALL,
)
_DASHED = re.compile(
    rf"^(?P<num>\d{{1,2}}(?:-\d{{1,2}}){{1,5}}){_RANK}\s*(?P<sep>{_SEP}*)\s+(?P<title>\S.*)$",
    re.DOTALL,
)
_LETTER_NUM = re.compile(
    rf"^(?P<num>[A-Z](?:\.?\d{{1,2}})(?:\.\d{{1,2}}){{0,4}}){_RANK}\s*(?P<sep>{_SEP}*)\s+(?P<title>\S.*)$",
    re.DOTALL,
)
_ROMAN_RE = re.compile(
    rf"^(?P<num>{_ROMAN})(?P<deep>(?:\.\d{{1,2}}){{0,4}}){_RANK}\s*(?P<sep>{_SEP}+)\s*(?P<title>[^\d\s].*)$",
    re.DOTALL,
)
_LETTER = re.compile(
    rf"^(?P<num>[A-Z]){_RANK}\s*(?P<sep>{_SEP}+)\s+(?P<title>[^\d\s].*)$", re.DOTALL
)
_SMALL = re.compile(r"^(?P<num>[a-z])\s*(?P<sep>[.)\-–])\s+(?P<title>\S.*)$", re.DOTALL)
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}


@dataclass(frozen=True)
class Printed:
    """A number found at the head of a line.

    kind: « article », « chapitre »…, « decimal », « romain », « lettre », « minuscule ».
    depth: components of the number, 1 for « 3 », 3 for « 3.2.1 ».
    separated: a « – », « : » or « . » stands between number and title.
    rank: « bis », « ter »…, « » for most.
    """

    kind: str
    number: tuple[int, ...]
    title: str
    depth: int
    separated: bool
    raw: str
    rank: str = ""

    @property
    def family(self) -> tuple[str, int]:
        """Same family, same level: « Article 3.1 » and « 3.1 » are one family."""
        if self.kind == "article" and self.depth > 1:
            return ("decimal", self.depth)
        return (self.kind, self.depth)


def read_roman(text: str) -> int:
    """Return the value of a Roman number below 90.

    >>> read_roman("XIV")
    14
    """
    values = [_ROMAN_VALUES[letter] for letter in text.upper()]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)


def is_roman(text: str) -> bool:
    """Tell a number that `read_roman` reads."""
    return bool(re.fullmatch(_ROMAN, text))


def _components(num: str) -> tuple[int, ...]:
    num = num.strip()
    if re.fullmatch(r"(?i)1er|premier|première", num):
        return (1,)
    if re.fullmatch(rf"(?i){_ROMAN}", num):
        return (read_roman(num),)
    if re.fullmatch(r"[A-Za-z]", num):
        return (ord(num.upper()) - 64,)
    return tuple(int(part) for part in re.split(r"\s?[.\-]\s?", num) if part.isdigit())


def read_number(text: str) -> Printed | None:
    """Read the number printed at the head of a title, or None.

    >>> read_number("ARTICLE 3 – Objet du marché").title
    'Objet du marché'
    >>> read_number("3.2.1 Délais").number
    (3, 2, 1)
    >>> read_number("Article 5 bis - Avances").rank, read_number("Article 5 bis - Avances").title
    ('bis', 'Avances')
    >>> read_number("2024 : bilan") is None
    True
    """
    text = " ".join(text.split())
    if not text:
        return None
    for kind, pattern in _KEYWORD.items():
        if found := pattern.match(text):
            return _printed(kind, found, _components(found["num"]), separated=bool(found["sep"]))
    if found := _DASHED.match(text) or _DECIMAL.match(text):
        number = _components(found["num"])
        return _printed("decimal", found, number, separated=bool(found["sep"]))
    if found := _ROMAN_RE.match(text):
        number = (read_roman(found["num"]), *_components(found["deep"].lstrip(".")))
        return _printed("romain", found, number, separated=True, deep=found["deep"])
    if found := _LETTER_NUM.match(text):
        raw = found["num"]
        number = (ord(raw[0]) - 64, *_components(raw[1:].lstrip(".")))
        return _printed("lettre", found, number, separated=bool(found["sep"]))
    if found := _LETTER.match(text):
        return _printed("lettre", found, _components(found["num"]), separated=True)
    if found := _SMALL.match(text):
        return _printed("minuscule", found, _components(found["num"]), separated=True)
    return None


def _printed(
    kind: str, found: re.Match[str], number: tuple[int, ...], *, separated: bool, deep: str = ""
) -> Printed:
    rank = (found.groupdict().get("rank") or "").lower()
    title = found["title"].strip()
    return Printed(kind, number, title, len(number), separated, found["num"] + deep, rank)


_SENTENCE = re.compile(
    r"\b(?:est|sont|doit|doivent|peut|peuvent|sera|seront|devra|devront|a été|ont été|"
    r"s’applique|s'applique|s’engage|s'engage|fixe|prévoit|précise|dispose)\b",
    re.IGNORECASE,
)


def looks_like_title(text: str, *, limit: int = 140) -> bool:
    """Tell a title from a sentence by its length, its end and its verbs.

    >>> looks_like_title("Pénalités de retard")
    True
    >>> looks_like_title("du CCAG-TIC s’applique aux pénalités ;")
    False
    """
    text = text.strip()
    if not text or len(text) > limit or text[-1] in ";,":
        return False
    if not any(letter.isalpha() for letter in text):
        return False
    words = text.split()
    if text.endswith(".") and len(words) > 6:
        return False
    return not (len(words) > 8 and _SENTENCE.search(text))


def is_upper(text: str) -> bool:
    """Tell whether the letters of a line are capitals (« 9° e » small words allowed)."""
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) < 3:
        return False
    return sum(letter.isupper() for letter in letters) >= 0.9 * len(letters)


def comes_next(previous: tuple[int, ...] | None, printed: Printed) -> bool:
    """Tell whether a printed number may come right after `previous`; « 5 bis » does after 5."""
    if printed.rank and previous == printed.number:
        return True
    return follows(previous, printed.number)


def follows(previous: tuple[int, ...] | None, number: tuple[int, ...]) -> bool:
    """Tell whether `number` may come right after `previous` in a numbered outline.

    >>> follows((3, 2), (3, 3)), follows((3, 2), (4,)), follows((3,), (3, 1)), follows((3,), (7,))
    (True, True, True, False)
    """
    if not number:
        return False
    if previous is None:
        return all(part <= 1 for part in number)
    for depth in range(min(len(previous), len(number))):
        if number[depth] != previous[depth]:
            tail = number[depth + 1 :]
            step = number[depth] - previous[depth]
            return step in (1, 2) and all(part <= 1 for part in tail)
    return len(number) > len(previous) and all(part <= 1 for part in number[len(previous) :])
