"""Writing the lots and the criteria of a marché: rows keep their identity, whatever their place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.marches.domain.events import CHANGEMENTS
from procurement.marches.domain.weights import is_over, say_percent, say_shares, share_out
from procurement.marches.enums import NatureCritere
from procurement.marches.models import Critere, Lot, Marche
from procurement.marches.permissions import Action
from procurement.marches.services.marches import Overtaken, lock_marche
from procurement.ui.typographie import format_montant, print_ligne


LOT = ("intitule", "montant_estime")
CRITERE = ("intitule", "portee", "nature", "poids")


@transaction.atomic
def set_lots(
    *,
    by: User,
    marche: Marche,
    lots: Sequence[Mapping[str, Any]],
    vus: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Lot]:
    """Write the lots in the order given: « intitule », « montant_estime » or None, « id » or "".

    A lot keeps its identity through its « id », and its place before or after the other lots kept;
    one without is new. Lots that the list does not name are withdrawn, never deleted, and the
    criteria of each go with it. vus: the lots as they were merged with, by id.
    Raises ValidationError, and Overtaken when vus is given and is no longer what is stored.
    """
    marche = lock_marche(marche, by=by, action=Action.MARCHE_UPDATE)
    stored = {str(lot.pk): lot for lot in Lot.objects.filter(marche=marche, retire=False)}
    _refuse_overtaken(stored, LOT, vus)
    kept = [_row(stored, row, Lot(marche=marche)) for row in lots]
    wanted = [
        _read(
            Lot,
            numero=numero,
            intitule=str(row["intitule"]),
            montant_estime=row.get("montant_estime"),
        )
        for numero, row in enumerate(lots, start=1)
    ]
    named = {lot.pk for lot in kept}
    orphans = {
        str(critere.pk): critere
        for critere in Critere.objects.filter(marche=marche, retire=False)
        .exclude(lot=None)
        .select_related("lot")
        if critere.lot_id not in named
    }
    changes = _changes(stored, kept, wanted) | {
        f"Critère «\u202f{label}\u202f»": change
        for label, change in _changes(orphans, [], []).items()
    }
    details = {"lots": len(lots), CHANGEMENTS: changes}
    with recording(by=by, tag="marches:lots:set", obj=marche, details=details):
        _withdraw(stored, kept)
        _withdraw(orphans, [])
        _set_aside(kept)
        for place in _order_of_writing(kept):
            _write(kept[place], wanted[place])
    return kept


@transaction.atomic
def set_criteres(
    *,
    by: User,
    marche: Marche,
    criteres: Sequence[Mapping[str, Any]],
    vus: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Critere]:
    """Write the award criteria of a marché: « intitule », « nature », « poids » in %, « id », « portee ».

    portee: the key of a lot of the marché whose offers alone it weighs; "" or none for those of
    every lot. Each lot is awarded on the criteria common to all and on its own, whose
    weights add up to 100 at most: a rule of this platform, so that a weight reads as a share. Less
    is a draft, which the page of the marché and the passage to the next step say. The code asks
    for a weighting, or for an order of importance where weighting is not possible (CCP, art.
    R2152-12, formal procedures), not for a total. Criteria that the list does not name are
    withdrawn. vus: as for set_lots.
    Raises ValidationError with a French sentence, and Overtaken.
    """
    marche = lock_marche(marche, by=by, action=Action.MARCHE_UPDATE)
    lots = {str(lot.pk): lot for lot in Lot.objects.filter(marche=marche, retire=False)}
    wanted = [
        _read(
            Critere,
            rang=rang,
            intitule=str(row["intitule"]),
            nature=row["nature"],
            poids=row["poids"],
        )
        | {"lot": _lot_of(lots, str(row.get("portee") or ""), read=vus is not None)}
        for rang, row in enumerate(criteres, start=1)
    ]
    shares = share_out(
        [(str(row["lot"].pk) if row["lot"] else "", row["poids"]) for row in wanted],
        [(key, f"Lot {lot.numero}") for key, lot in lots.items()],
    )
    if is_over(shares):
        raise ValidationError(say_shares(shares), code="poids")
    stored = {
        str(critere.pk): critere
        for critere in Critere.objects.filter(marche=marche, retire=False).select_related("lot")
    }
    _refuse_overtaken(stored, CRITERE, vus)
    kept = [_row(stored, row, Critere(marche=marche)) for row in criteres]
    details = {"criteres": len(criteres), CHANGEMENTS: _changes(stored, kept, wanted)}
    with recording(by=by, tag="marches:criteres:set", obj=marche, details=details):
        _withdraw(stored, kept)
        for critere, values in zip(kept, wanted, strict=True):
            _write(critere, values)
    return kept


def _read(model: type[Lot | Critere], *, intitule: str, **given: Any) -> dict[str, Any]:
    """The columns of a row as they are kept: the intitulé as it is printed, numbers as numbers.

    Raises ValidationError, under the name of each column that cannot be read.
    """
    read: dict[str, Any] = {}
    faults: dict[str, ValidationError] = {}
    for name, value in {"intitule": print_ligne(intitule.strip()), **given}.items():
        try:
            read[name] = getattr(model, name).field.clean(value, None)
        except ValidationError as fault:
            faults[name] = fault
    if faults:
        raise ValidationError(faults)
    return read


ASIDE = 10_000
"""Above any number of lot, within a small integer."""


def _set_aside(lots: Sequence[Lot]) -> None:
    """Free the numbers of the lots that moved, when some pass others: two lots never share one."""
    numbers = [lot.numero for lot in lots if lot.numero is not None]
    if numbers == sorted(numbers):
        return
    for number, lot in enumerate(lots, start=1):
        if lot.numero not in (None, number):
            lot.numero += ASIDE
            lot.save(update_fields=["numero"])


def _order_of_writing(lots: Sequence[Lot]) -> list[int]:
    """Places in the order in which no lot takes a number that another still bears.

    Those that come down first, from the front; those that go up, from the back; then the new ones.
    """
    places = range(len(lots))
    new = [place for place in places if lots[place].numero is None]
    up = [place for place in places if place not in new and lots[place].numero < place + 1]
    down = [place for place in places if place not in new and place not in up]
    return [*down, *reversed(up), *new]


def _refuse_overtaken(
    stored: Mapping[str, Any], names: Sequence[str], seen: Mapping[str, Mapping[str, Any]] | None
) -> None:
    if seen is None:
        return
    now = {key: {name: getattr(row, name) for name in names} for key, row in stored.items()}
    if list(now.items()) != list(seen.items()):
        raise Overtaken


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "intitule": str,
    "numero": lambda number: f"n°\u00a0{number}",
    "rang": lambda number: f"n°\u00a0{number}",
    "lot": lambda lot: "tous les lots" if lot is None else f"lot {lot.numero}",
    "nature": lambda nature: str(NatureCritere(nature).label),
    "poids": say_percent,
    "montant_estime": lambda amount: "sans montant" if amount is None else format_montant(amount),
}
"""How the journal says each column of a row."""


def _changes(
    stored: Mapping[str, Any], kept: Sequence[Any], wanted: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, str]]:
    """What becomes of each row, for the journal: its label → « avant » and « après », "" for none."""
    named = {row.pk for row in kept}
    rows = [
        *zip([_held(row) if str(row.pk) in stored else {} for row in kept], wanted, strict=True),
        *((_held(row), {}) for row in stored.values() if row.pk not in named),
    ]
    changes: dict[str, dict[str, str]] = {}
    for before, after in rows:
        changed = [name for name in _WORDS if before.get(name) != after.get(name)]
        if not (before and after):
            changed.remove("intitule")
            # A criterion that was or will be common says so where that changes only.
            changed = [name for name in changed if name != "lot" or (before or after)["lot"]]
        if changed:
            label = (after or before)["intitule"]
            label += f" ({len(changes) + 1})" if label in changes else ""
            changes[label] = {"avant": _say(before, changed), "après": _say(after, changed)}
    return changes


def _held(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _WORDS if hasattr(row, name)}


def _say(values: Mapping[str, Any], names: Sequence[str]) -> str:
    return ", ".join(_WORDS[name](values[name]) for name in names if name in values)


def _row(stored: Mapping[str, Any], row: Mapping[str, Any], new: Any) -> Any:
    key = str(row.get("id") or "")
    if not key:
        return new
    if key not in stored:
        raise ValidationError("Cette ligne n’est pas de ce marché, ou n’y est plus.", code="ligne")
    return stored[key]


def _lot_of(lots: Mapping[str, Lot], key: str, *, read: bool) -> Lot | None:
    """The lot of a key. read: it was offered, so that one that is missing was withdrawn meanwhile."""
    if key and key not in lots:
        if read:
            raise Overtaken
        raise ValidationError("Ce lot n’est pas de ce marché, ou n’y est plus.", code="lot")
    return lots.get(key)


def _withdraw(stored: Mapping[str, Any], kept: Sequence[Any]) -> None:
    named = {row.pk for row in kept}
    for row in stored.values():
        if row.pk not in named:
            row.retire = True
            row.save(update_fields=["retire"])


def _write(row: Any, wanted: Mapping[str, Any]) -> None:
    """Save what changes, and nothing when nothing does."""
    if all(getattr(row, name) == wanted[name] for name in wanted):
        return
    for name, value in wanted.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
