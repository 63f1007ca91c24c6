"""Variables: the data of the fiche that the text of a pièce shows, filled everywhere at once."""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from procurement.audit.domain.redaction import CAVIARDE
from procurement.ui.typographie import INSECABLE, format_date, format_instant, format_montant


def say_months(value: int) -> str:
    """Write a duration.

    >>> say_months(48).replace(INSECABLE, "_")
    '48_mois'
    """
    return f"{value}{INSECABLE}mois"


def say_renewals(value: int) -> str:
    """Write how many times a marché may be renewed.

    >>> say_renewals(3).replace(INSECABLE, "_"), say_renewals(0)
    ('reconductible 3_fois', 'non reconductible')
    """
    return f"reconductible {value}{INSECABLE}fois" if value else "non reconductible"


def say_count(value: int) -> str:
    """Write a count in figures."""
    return str(value)


@dataclass(frozen=True, slots=True)
class Variable:
    """A datum of the fiche.

    chemin: what the node of the text holds, « marche.duree_mois ».
    words: what the writer picks in the list.
    field: attribute of the marché, or of what it is attached to (« organisation.nom »).
    say: value → text.
    """

    chemin: str
    words: str
    field: str
    say: Callable[[Any], str] = str


VARIABLES: tuple[Variable, ...] = (
    Variable("organisation.nom", "Nom de l’organisation", "organisation.nom"),
    Variable("organisation.siret", "SIRET de l’organisation", "organisation.siret"),
    Variable("marche.objet", "Objet du marché", "objet"),
    Variable("marche.reference", "Référence du marché", "reference"),
    Variable("marche.direction", "Direction en charge", "direction.nom"),
    Variable("marche.nature", "Nature du marché", "get_nature_display"),
    Variable("marche.procedure", "Procédure", "get_procedure_display"),
    Variable("marche.technique", "Technique d’achat", "get_technique_display"),
    Variable("marche.cpv", "Code CPV", "cpv"),
    Variable("marche.montant_estime", "Montant estimé", "montant_estime", format_montant),
    Variable("marche.duree_mois", "Durée du marché", "duree_mois", say_months),
    Variable("marche.reconductions", "Nombre de reconductions", "reconductions", say_count),
    Variable("marche.lieu_execution", "Lieu d’exécution", "lieu_execution"),
    Variable("marche.publication", "Date de publication prévue", "publication_prevue", format_date),
    Variable("marche.date_limite", "Date limite des offres", "date_limite_offres", format_instant),
    Variable("marche.attribution", "Date d’attribution prévue", "attribution_prevue", format_date),
    Variable("marche.debut_execution", "Début d’exécution", "debut_execution", format_date),
)
LOT_VARIABLES: tuple[Variable, ...] = (
    Variable("numero", "numéro", "numero", say_count),
    Variable("intitule", "intitulé", "intitule"),
    Variable("montant_estime", "montant estimé", "montant_estime", format_montant),
)
"""What each lot says; the node of the text holds « lot.<its identifier>.intitule »."""
NOMBRE_LOTS = "marche.nombre_lots"
LOT = "lot."


@dataclass(frozen=True, slots=True)
class Donnee:
    """A datum of one fiche. valeur: "" when the fiche does not say yet. offerte: it may be put in a text."""

    chemin: str
    words: str
    valeur: str
    offerte: bool = True


_PATH = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
BY_PATH = {variable.chemin: variable for variable in VARIABLES}
LIBELLES = {variable.chemin: variable.words for variable in VARIABLES}


def list_donnees(marche: object, lots: Iterable[Any], lost: Container[Any] = ()) -> list[Donnee]:
    """Write every datum of a fiche: those of the marché, the number of its lots, then each lot.

    lots: all of them in order, withdrawn ones too: what still cites one has its name, and no value.
    lost: keys of what was redacted, whose every datum is « caviardé ».
    """
    every = list(lots)
    kept = [lot for lot in every if not lot.retire]
    count = (
        CAVIARDE if any(lot.pk in lost for lot in every) else say_count(len(kept)) if kept else ""
    )
    own = [Donnee(v.chemin, v.words, _read(marche, v, lost)) for v in VARIABLES]
    own.append(Donnee(NOMBRE_LOTS, "Nombre de lots", count))
    return own + [
        Donnee(
            f"{LOT}{lot.id.hex}.{variable.chemin}",
            f"Lot {lot.numero or CAVIARDE}{' (retiré)' if lot.retire else ''}, {variable.words}",
            "" if lot.retire else _read(lot, variable, lost),
            offerte=not lot.retire,
        )
        for lot in every
        for variable in LOT_VARIABLES
    ]


def say_paths(text: str, values: Mapping[str, str]) -> str:
    """Write the data that a plain text names by their path: their value, or else their name.

    They stand apart from the words typed against them, which would read as one with the value.

    >>> say_paths("Durée{{ marche.duree_mois }}, {{ marche.cpv }}", {"marche.duree_mois": "4 ans"})
    'Durée 4 ans, Code CPV'
    """

    def say(found: re.Match[str]) -> str:
        chemin = found[1]
        value = values.get(chemin) or (BY_PATH[chemin].words if chemin in BY_PATH else chemin)
        before = " " if text[: found.start()][-1:].isalnum() else ""
        after = " " if text[found.end() :][:1].isalnum() else ""
        return f"{before}{value}{after}"

    return _PATH.sub(say, text)


def _read(obj: object, variable: Variable, lost: Container[Any]) -> str:
    value: Any = obj
    for name in variable.field.split("."):
        # A marché has one organisation for ever: nothing hides whose it is.
        if name != "organisation" and getattr(value, "pk", None) in lost:
            return CAVIARDE
        value = getattr(value, name, None)
        if value is None:
            return ""
    if callable(value):
        value = value()
    return variable.say(value) if value not in ("", None) else ""
