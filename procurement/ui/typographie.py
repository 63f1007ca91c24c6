"""French typography: dates, hours, amounts, plurals. Pure functions without Django, shared by pages, mails, files and domains.

Narrow no-break space (U+202F) between thousands; no-break space (U+00A0) before € % and units, and after n°.
"""

import datetime
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo


PARIS = ZoneInfo("Europe/Paris")
"""The time that people read, in pages, mails and files: that of settings.TIME_ZONE."""
FINE = "\u202f"
INSECABLE = "\u00a0"
MOIS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
MOIS_COURTS = (
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)
JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
NOMBRES = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
]

Moment = datetime.date | datetime.datetime
M = TypeVar("M", datetime.date, datetime.datetime)


def _local(value: M) -> M:
    """Return an aware instant in the time of Paris; a plain date is left as it is."""
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(PARIS)
    return value


def format_date(value: Moment, *, court: bool = False, annee: bool = True) -> str:
    r"""Return « 12 mars 2026 », « 1er mars 2026 », or with court « 12 févr. ».

    >>> format_date(datetime.date(2026, 3, 1))
    '1er\xa0mars 2026'
    >>> format_date(datetime.date(2026, 2, 12), court=True, annee=False)
    '12\xa0févr.'
    """
    value = _local(value)
    jour = "1er" if value.day == 1 else str(value.day)
    mois = (MOIS_COURTS if court else MOIS)[value.month - 1]
    return f"{jour}{INSECABLE}{mois}" + (f" {value.year}" if annee else "")


def format_heure(value: datetime.datetime) -> str:
    """Return « 14 h 05 », or « 12 h » on the hour."""
    value = _local(value)
    heure = f"{value.hour}{INSECABLE}h"
    return heure + (f"{INSECABLE}{value.minute:02d}" if value.minute else "")


def format_instant(value: datetime.datetime) -> str:
    """Return « 12 mars 2026 à 14 h 05 »."""
    return f"{format_date(value)} à{INSECABLE}{format_heure(value)}"


def format_depuis(value: datetime.datetime, *, now: datetime.datetime | None = None) -> str:
    """Return the shortest exact words for a past instant, from « à l’instant » to the full date."""
    here = _local(now or datetime.datetime.now(datetime.UTC))
    value = _local(value)
    seconds = (here - value).total_seconds()
    days = (here.date() - value.date()).days
    if 0 <= seconds < 60:
        return "à l’instant"
    if 0 <= seconds < 3600:
        return f"il y a {int(seconds // 60)}{INSECABLE}min"
    if days == 0:
        return f"aujourd’hui à{INSECABLE}{format_heure(value)}"
    if days == 1:
        return f"hier à{INSECABLE}{format_heure(value)}"
    if value.year == here.year:
        return f"{format_date(value, annee=False)} à{INSECABLE}{format_heure(value)}"
    return format_instant(value)


def format_echeance(value: Moment, *, now: datetime.datetime | None = None) -> str:
    """Return the distance of a coming day: « aujourd’hui », « demain », « dans 8 jours », « passé »."""
    today = _local(now or datetime.datetime.now(datetime.UTC)).date()
    day = _local(value).date() if isinstance(value, datetime.datetime) else value
    days = (day - today).days
    if days < 0:
        return f"passé de {-days}{INSECABLE}{'jour' if days == -1 else 'jours'}"
    return {0: "aujourd’hui", 1: "demain"}.get(days, f"dans {days}{INSECABLE}jours")


def format_nombre(value: Decimal | float, decimales: int = 0) -> str:
    r"""Return a number with U+202F between thousands and a decimal comma.

    >>> format_nombre(1240000)
    '1\u202f240\u202f000'
    >>> format_nombre(Decimal("12500.5"), 2)
    '12\u202f500,50'
    """
    quantum = Decimal(1).scaleb(-decimales)
    rounded = Decimal(str(value)).quantize(quantum, rounding=ROUND_HALF_UP)
    return f"{rounded:,.{decimales}f}".replace(",", FINE).replace(".", ",").replace("-", "−")


def format_montant(value: Decimal | float, taxe: str = "HT") -> str:
    r"""Return « 12 500,00 € HT »; taxe is HT, TTC or empty.

    >>> format_montant(12500)
    '12\u202f500,00\xa0€\xa0HT'
    """
    return f"{format_nombre(value, 2)}{INSECABLE}€" + (f"{INSECABLE}{taxe}" if taxe else "")


def format_octets(value: int) -> str:
    r"""Return the size of a file, rounded up: what is past a limit never reads as the limit.

    As frontend/editor/poids.js does. A « Mo » is a million octets.

    >>> format_octets(340), format_octets(1_240_000), format_octets(25_000_001)
    ('340\xa0octets', '1,3\xa0Mo', '26\xa0Mo')
    """
    if value < 1000:
        return f"{value}{INSECABLE}{'octet' if value < 2 else 'octets'}"
    unit, size = next(
        (one for one in (("ko", 10**3), ("Mo", 10**6)) if -(-value // one[1]) < 1000), ("Go", 10**9)
    )
    tenths = -(-10 * value // size)
    if tenths < 100 and tenths % 10:
        return f"{format_nombre(Decimal(tenths) / 10, 1)}{INSECABLE}{unit}"
    return f"{format_nombre(-(-value // size))}{INSECABLE}{unit}"


def format_pluriel(nombre: int, singulier: str, pluriel: str = "") -> str:
    """Return « 0 avis », « 1 pièce », « 5 pièces »: in French zero is singular."""
    mot = singulier if abs(nombre) < 2 else pluriel or f"{singulier}s"
    return f"{format_nombre(nombre)}{INSECABLE}{mot}"


_BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def strip_bidi(text: str) -> str:
    """Take away the signs that turn the direction of what follows: French text needs none.

    >>> strip_bidi("M\u202etrès")
    'Mtrès'
    """
    return text.translate(_BIDI)


_CONTROLS = {
    **dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)], " "),
    0xFFFE: None,
    0xFFFF: None,
}


def strip_controls(text: str) -> str:
    r"""Put a space for each sign of command: Word's own line break, escapes, what XML forbids.

    >>> strip_controls("Lot 1\x0bNettoyage\n\x1b[31m"), strip_controls("a\ufffeb")
    ('Lot 1 Nettoyage\n [31m', 'ab')
    """
    return text.translate(_CONTROLS)


# Letters to Unicode, and drawn as nothing: fillers of Hangul, the empty cell of braille.
_BLANK = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}


def is_visible(text: str) -> bool:
    """Tell whether a text has at least one letter, figure or sign that one sees.

    >>> is_visible("n° 3"), is_visible(""), is_visible("\u200b \u00a0"), is_visible("\u3164")
    (True, False, False, False)
    """
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in text)


_SPACES = re.compile(r"[^\S\u00a0\u202f]+")


def join_spaces(text: str) -> str:
    r"""Return one line, a space between words; those that hold a sign to its word stay what they are.

    >>> join_spaces(" Délais\t\u202f: \n neuf ")
    'Délais \u202f: neuf'
    """
    return _SPACES.sub(" ", text).strip()


_NARROW, _WIDE = re.compile(r" (?=[»;!?])|(?<=«) "), re.compile(r" (?=[:%€])")


def print_ligne(text: str) -> str:
    r"""Return a line as one prints it: French apostrophes, and spaces that leave no sign alone at the end of a line.

    As titles and texts are when they are typed (frontend/editor/titre.js, typing.js). A sign stands for a sign, so that no
    length changes. Never for what is compared letter by letter: a code, a name, words to find in a text.

    >>> print_ligne("L'eau ; 5 %")
    'L’eau\u202f; 5\xa0%'
    """
    return _WIDE.sub(INSECABLE, _NARROW.sub(FINE, text.replace("'", "’")))


def read_ligne(text: str) -> str:
    """Return a line as it is kept: no sign of command nor that turns it; what nobody would see is nothing.

    >>> read_ligne("M\u202etrès"), read_ligne("\u200b")
    ('Mtrès', '')
    """
    text = join_spaces(strip_controls(strip_bidi(text)))
    return text if is_visible(text) else ""


_UNSEEN = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])


def strip_invisible(text: str) -> str:
    """Take away every sign that is not seen, to compare or to search.

    >>> strip_invisible("net\u200btoyage\u202e")
    'nettoyage'
    """
    return strip_bidi(text).translate(_UNSEEN)


def format_en_lettres(nombre: int, *, feminin: bool = False) -> str:
    """Return small counts in words, as titles want them (« trois choses »), larger ones in figures."""
    if feminin and nombre == 1:
        return "une"
    return NOMBRES[nombre] if 0 <= nombre < len(NOMBRES) else format_nombre(nombre)


def shorten(text: str, most: int) -> str:
    """Cut a text after a whole word, for a line that has no room for two.

    >>> shorten("Fourniture de mobilier scolaire", 20)
    'Fourniture de…'
    """
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
