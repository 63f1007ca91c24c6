"""Articles whose number changes when it is computed, and the words that name them by the old one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from wikimarche.domain.importing.headings import RANKS, is_roman, read_roman
from wikimarche.domain.importing.pieces import NIVEAU_MAX, ImportedArticle, Json, plain_of


NAMED = 6
TITLE_SHOWN = 60
_WORD = r"(?i:articles?|art\.|rubriques?|chapitres?|sections?|parties?|paragraphes?|points?|clauses?|§{1,2})"
_NUMBER = (
    r"(?:\d{1,3}(?:[.\-]\d{1,3})*(?:er|re|ère)?|[A-Z](?:\.?\d{1,2}(?:\.\d{1,2})*)?|[IVXL]{1,7})"
    rf"(?:\s?(?i:{RANKS}))?(?![\w’'°%])(?!\.\s?\d)"
)
_REFERENCE = re.compile(
    rf"(?<!\w){_WORD}\s*(?:n\s?°\s?)?(?P<numbers>{_NUMBER}(?:(?:\s?,\s?|\s?/\s?|\s+(?:et|ou|à)\s+){_NUMBER})*)"
)
# « l’article 4 du CCAG », « de la loi » : the article of another text.
_ELSEWHERE = re.compile(
    r"(?i)\s*(?:du|de\s+la|de\s+l[’']|des|dudit|de\s+ce)\s*(?:C\.?C\.?[AT]\.?G|codes?\b|décret|lois?\b|arrêté|"
    r"ordonnance|directive|cahiers?\s+des\s+clauses\s+\w+\s+générales|règlement\s+(?:\(|général|n°|UE)|"
    r"convention|charte|traité|CGCT|RGPD|CMP\b|CCP\b)"
)
_ONE = re.compile(_NUMBER)


class Moved(NamedTuple):
    """An article whose number is not the one its document printed. numero: « » when it has none."""

    article: ImportedArticle
    numero: str


def number_by_level(articles: Sequence[ImportedArticle]) -> dict[str, str]:
    """Return id → « 3.2 » for the numbered articles of a draft."""
    counters = [0] * (NIVEAU_MAX + 1)
    numbers = {}
    for article in articles:
        if not article.numerote:
            continue
        counters[article.niveau] += 1
        counters[article.niveau + 1 :] = [0] * (NIVEAU_MAX - article.niveau)
        numbers[article.id] = ".".join(str(counters[n]) for n in range(1, article.niveau + 1))
    return numbers


def is_kept(imprime: str, numero: str) -> bool:
    """Tell whether a number is the printed one, a Roman one being the same as its value.

    >>> is_kept("3.2", "3.2"), is_kept("III", "3"), is_kept("4", "3"), is_kept("A", "1")
    (True, True, False, False)
    """
    return not imprime or numero in (_key(imprime), _roman_key(imprime))


def find_moved(articles: Sequence[ImportedArticle]) -> list[Moved]:
    """Return the articles whose number changes, in order."""
    numbers = number_by_level(articles)
    return [
        Moved(article, numbers.get(article.id, ""))
        for article in articles
        if not is_kept(article.numero_imprime, numbers.get(article.id, ""))
    ]


def tell_moved(articles: Sequence[ImportedArticle]) -> list[str]:
    """Say in French which numbers change, then where the text names articles by the old ones."""
    moved = find_moved(articles)
    if not moved:
        return []
    one = len(moved) == 1
    said = "Un article change de numéro" if one else f"{len(moved)} articles changent de numéro"
    numbers = number_by_level(articles)
    printed = {_key(article.numero_imprime) for article in articles if article.numero_imprime}
    old = {_key(article.numero_imprime) for article, _ in moved}
    found = [
        f"«\u202f{words}\u202f» dans {_quote(numbers.get(article.id, ''), article.titre)}"
        for article in articles
        for words in _find_references(article, printed, old)
    ]
    return [f"{said}\u202f: {_some([_tell(*row) for row in moved])}.", _tell_references(found)]


def retell_remarks(rapport: Mapping[str, Any], articles: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the remarks of a report, those of numbers as the draft stands (ImportedArticle as dicts)."""
    told = tell_moved([ImportedArticle(**article) for article in articles])
    before = rapport.get("numeros", [])
    return [*told, *(remark for remark in rapport.get("remarques", []) if remark not in before)]


def _tell(article: ImportedArticle, numero: str) -> str:
    became = f"devient {numero}" if numero else "n’a plus de numéro"
    return f"{_quote(article.numero_imprime, article.titre)} {became}"


def _tell_references(found: Sequence[str]) -> str:
    if not found:
        return "Aucun renvoi écrit en toutes lettres avec un ancien numéro n’a été trouvé dans le texte."
    if len(found) == 1:
        return f"Un renvoi écrit avec un ancien numéro est à relire\u202f: {found[0]}."
    lead = f"{len(found)} renvois écrits avec les anciens numéros sont à relire"
    return f"{lead}\u202f: {_some(found)}."


def _quote(numero: str, titre: str) -> str:
    shown = titre if len(titre) <= TITLE_SHOWN else f"{titre[: TITLE_SHOWN - 1]}…"
    return f"«\u202f{f'{numero} {shown}'.strip()}\u202f»"


def _some(said: Sequence[str]) -> str:
    more = len(said) - NAMED
    named = ", ".join(said[:NAMED])
    return named if more <= 0 else f"{named} et {more} autre{'s' if more > 1 else ''}"


def _find_references(article: ImportedArticle, printed: set[str], old: set[str]) -> Iterator[str]:
    for line in (article.titre, *_lines(article.corps)):
        for found in _REFERENCE.finditer(line):
            if _ELSEWHERE.match(line, found.end()):
                continue
            if any(_known(number[0], printed) in old for number in _ONE.finditer(found["numbers"])):
                yield " ".join(found[0].split())


def _known(number: str, printed: set[str]) -> str:
    """Return the printed number that a reference names: its own, or that of the article above."""
    for key in (_key(number), _roman_key(number)):
        wanted = key
        while wanted:
            if wanted in printed:
                return wanted
            shorter = re.sub(r"(?:\s\w+|\.\d+|(?<=^[A-Z])\d+)$", "", wanted)
            wanted = shorter if shorter != wanted else ""
    return ""


def _key(number: str) -> str:
    """Write a number one way: « 4-1 », « A.1 » and « 5bis » are « 4.1 », « A1 » and « 5 bis ».

    >>> _key("4-1"), _key("A.1"), _key("5bis"), _key("1er")
    ('4.1', 'A1', '5 bis', '1')
    """
    found = re.fullmatch(rf"(.*?)\s?((?i:{RANKS}))?", " ".join(number.split()))
    lead, rank = (found[1], found[2] or "") if found else (number, "")
    lead = re.sub(r"(?:er|re|ère)$", "", lead).replace("-", ".")
    lead = re.sub(r"^([A-Z])\.(?=\d)", r"\1", lead)
    return f"{lead} {rank.lower()}".rstrip()


def _roman_key(number: str) -> str:
    head, *tail = _key(number).split(".")
    return ".".join([str(read_roman(head)), *tail]) if is_roman(head) else ""


def _lines(node: Json) -> Iterator[str]:
    if node["type"] in ("paragraph", "heading"):
        yield plain_of(node)
        return
    for child in node.get("content", ()):
        yield from _lines(child)
