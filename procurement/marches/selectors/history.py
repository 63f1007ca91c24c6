"""The story of a marché, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, DecimalField
from django.utils import timezone

from procurement.audit.selectors import JournalEntry, list_actors, list_entries
from procurement.marches.domain.events import CHANGEMENTS
from procurement.marches.enums import RoleParticipation, StatutMarche
from procurement.marches.models import Marche
from procurement.marches.registry import (
    document_links,
    event_values,
    event_words,
    places_of,
    version_links,
)
from procurement.ui.typographie import format_date, format_instant, format_montant


QUIET_DETAILS = frozenset(
    {
        *("empreinte_ecartes", "empreinte_pas", "empreinte_piece", "enregistrement", "genre"),
        *("pas", "resume", "seance", "structure", "place", "titre_donne", "version_faite"),
        *("article", "criteres", "lots", "nom", "par", "personne", "type", CHANGEMENTS),
    }
)
"""Details that only a machine reads."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history: who, when, what in words. ecritures: rows of the journal it stands for.

    version: of the pièce, when the act made one; lien: its page. lieu: the pièce it happened in.
    document: page of the document received that the act speaks of, "" for none.
    """

    seq: int
    ecritures: int
    version: int | None
    instant: datetime
    personne: str
    acteur: str
    objet: str
    phrase: str
    details: list[tuple[str, str]]
    caviarde: bool
    empreinte: str
    lien: str = ""
    lieu: str = ""
    document: str = ""

    @property
    def phrase_a_vous(self) -> str:
        """The same, said to the person: « a écrit » is « avez écrit »."""
        for il, vous in (("a ", "avez "), ("n’a ", "n’avez ")):
            if self.phrase.startswith(il):
                return vous + self.phrase.removeprefix(il)
        return self.phrase

    @property
    def jour(self) -> date:
        """The day it happened, here."""
        return timezone.localtime(self.instant).date()


@dataclass(frozen=True, slots=True)
class History:
    """A page of the story of a marché. suite: number to read on before, None at the beginning."""

    events: list[Event]
    suite: int | None
    familles: list[tuple[str, str]]
    personnes: list[tuple[str, str]]
    famille: str
    acteur: str


MOVES = frozenset({"marches:marche:moved", "marches:marche:returned"})
"""Events whose « avant » and « après » are steps."""
FAMILIES = (
    ("marches:", "Fiche et personnes"),
    ("wikimarche:article:", "Texte des articles"),
    ("wikimarche:fil:", "Commentaires"),
    ("wikimarche:version:", "Versions nommées"),
    ("wikimarche:piece:", "Pièces"),
    ("wikimarche:importation:", "Imports"),
    ("documents:", "Fichiers"),
    ("audit:entry:redacted", "Caviardages"),
)
_TOGETHER = {
    "wikimarche:article:": ("wikimarche:article:", "wikimarche:image:"),
    "wikimarche:fil:": (
        "wikimarche:fil:",
        "wikimarche:commentaire:",
        "wikimarche:article:commented",
    ),
    "wikimarche:importation:": ("wikimarche:importation:", "wikimarche:piece:imported"),
    "documents:": ("documents:", "wikimarche:piece:exported"),
}
"""Families that are one for who reads: a thread, and what is said in it."""
HISTORY_PAGE = 50
PLATFORM = "La plateforme"
_UNTITLED = "sans titre"
_ROLES = {role.value: role.label.lower() for role in RoleParticipation}
_STEPS = {step.value: step.label for step in StatutMarche}
HISTORY_ROWS = 1000
"""Rows of the journal read for one page: an import writes one per article."""


def read_history(
    marche: Marche, *, before: int | None = None, famille: str = "", acteur: str = ""
) -> History:
    """One page of events, newest first. Two queries, and what links and names of pièces cost.

    One act is one line however many rows it wrote, and the edits one person made in a row in one
    article the same day are one line too. personnes: all who ever acted here, those who left too.
    """
    entries = list_entries(
        marche.pk,
        before=before,
        limit=HISTORY_ROWS,
        action=_TOGETHER.get(famille, famille),
        acteur=acteur,
    )
    groups: list[list[JournalEntry]] = []
    for entry in entries:
        if groups and _same_act(groups[-1][-1], entry):
            groups[-1].append(entry)
        elif len(groups) < HISTORY_PAGE:
            groups.append([entry])
        else:
            break
    read = sum(len(group) for group in groups)
    last = entries[read - 1].seq if read else 1
    words = event_words()
    events = [_event(group, words) for group in groups]
    links = version_links([(event.objet, event.version) for event in events if event.version])
    documents = document_links([(event.objet, event.version) for event in events])
    places = places_of([event.objet for event in events])
    return History(
        events=[
            replace(
                event,
                lien=links.get((event.objet, event.version or 0), ""),
                document=documents.get((event.objet, event.version), ""),
                lieu=_unless_said(places.get(event.objet, ""), event.phrase),
            )
            for event in events
        ],
        suite=last if last > 1 else None,
        familles=list(FAMILIES),
        personnes=list_actors(marche.pk),
        famille=famille,
        acteur=acteur,
    )


def _same_act(newer: JournalEntry, older: JournalEntry) -> bool:
    if newer.operation and newer.operation == older.operation:
        return True
    return newer.action.endswith(":edited") and _writing(newer) == _writing(older)


def _writing(entry: JournalEntry) -> tuple[str, str, str, date]:
    day = timezone.localtime(entry.instant).date()
    return entry.acteur, entry.action, entry.objet, day


def _unless_said(place: str, phrase: str) -> str:
    return "" if place and f"«\u202f{place}\u202f»" in phrase else place


def _event(group: Sequence[JournalEntry], words: dict[str, str]) -> Event:
    """Say an act by the row that holds its details; ``seq`` and hash are those of its newest row."""
    entry = max(group, key=lambda row: len(row.corps.get("details", {})))
    details = entry.corps.get("details", {})
    words_of = event_values(entry.action) or (_STEPS if entry.action in MOVES else _ROLES)
    sentence = words.get(entry.action, entry.action)
    titre = details.get("article", entry.corps.get("libelle", "")) or details.get("titre_donne", "")
    if not titre:
        untitled = f"{details['place']}, {_UNTITLED}" if details.get("place") else _UNTITLED
        sentence = sentence.replace("«\u202f{article}\u202f»", untitled).replace(
            "«\u202f{libelle}\u202f»", untitled
        )
    said = {
        "nom": "une personne",
        "par": "une autre personne",
        **{name: _say(value, words_of) for name, value in details.items()},
        **({"article": titre} if "article" in details else {}),
        "libelle": entry.corps.get("libelle", ""),
    }
    return Event(
        seq=group[0].seq,
        ecritures=len(group),
        version=made if isinstance(made := details.get("version_faite"), int) else None,
        instant=group[0].instant,
        personne=entry.nom_acteur or PLATFORM,
        acteur=entry.acteur,
        objet=entry.objet,
        phrase=sentence.format_map(_Blank(said)),
        details=[
            _say_change(name, value)
            if isinstance(value, Mapping)
            else (name, str(_say(value, words_of)))
            for name, value in details.items()
            if f"{{{name}}}" not in sentence and name not in QUIET_DETAILS and value
        ]
        + _say_rows(details.get(CHANGEMENTS)),
        caviarde=any(row.caviarde for row in group),
        empreinte=group[0].empreinte,
    )


def _say_rows(changes: object) -> list[tuple[str, str]]:
    """Say what became of each lot, or of each criterion, under its label."""
    if not isinstance(changes, Mapping):
        return []
    return [(str(label), _say_both(None, change)) for label, change in changes.items()]


def _say_change(name: str, change: Mapping[str, str]) -> tuple[str, str]:
    """Say a datum of the fiche that changed: its label, then « de … à … »."""
    try:
        field = Marche._meta.get_field(name)
    except FieldDoesNotExist:
        field = None
    return str(getattr(field, "verbose_name", name)), _say_both(field, change)


def _say_both(field: Any, change: Mapping[str, str]) -> str:
    before, after = (_say_value(field, change.get(when, "")) for when in ("avant", "après"))
    return f"de {before} à {after}"


def _say_value(field: Any, text: str) -> str:
    if not text:
        return "rien"
    if label := dict(getattr(field, "flatchoices", ())).get(text):
        return f"«\u202f{label}\u202f»"
    try:
        if isinstance(field, DateTimeField):
            return format_instant(datetime.fromisoformat(text))
        if isinstance(field, DateField):
            return format_date(date.fromisoformat(text))
        if isinstance(field, DecimalField):
            return format_montant(Decimal(text))
    except (ValueError, InvalidOperation):
        pass
    return text if text.isdecimal() else f"«\u202f{text}\u202f»"


def _say(value: object, words: Mapping[str, str]) -> object:
    """A role, or a step in a move, is said in words; the rest as it is."""
    return words.get(value, value) if isinstance(value, str) else value


class _Blank(dict[str, Any]):
    """A detail that an old event does not have prints as nothing."""

    def __missing__(self, key: str) -> str:
        return ""
