"""Opening a marché and keeping its fiche."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.marches.enums import RoleParticipation, StatutMarche
from procurement.marches.models import Critere, Lot, Marche, Participation
from procurement.organisations.models import Organisation


FICHE = (
    "objet",
    "reference",
    "direction",
    "nature",
    "procedure",
    "technique",
    "cpv",
    "montant_estime",
    "duree_mois",
    "reconductions",
    "lieu_execution",
    "publication_prevue",
    "date_limite_offres",
    "attribution_prevue",
    "debut_execution",
)
"""Fields of the fiche that update_marche may change."""


@transaction.atomic
def create_marche(*, by: User, organisation: Organisation, objet: str, **fiche: Any) -> Marche:
    """Open a marché; its author becomes gestionnaire.

    Raises ValidationError on a broken constraint or a field that is not of the fiche.
    """
    _refuse_unknown(fiche)
    marche = Marche(organisation=organisation, objet=objet.strip(), **fiche)
    if not marche.reference:
        marche.reference = _next_reference(organisation)
    marche.full_clean()
    participation = Participation(marche=marche, user=by, role=RoleParticipation.GESTIONNAIRE)
    with recording(by=by, tag="marches:marche:created", obj=marche, details={"objet": objet}):
        marche.save()
        participation.full_clean()
        participation.save()
    return marche


@transaction.atomic
def update_marche(*, by: User, marche: Marche, **fiche: Any) -> Marche:
    """Change data of the fiche; what does not change is not written.

    Raises ValidationError on a broken constraint or a field that is not of the fiche.
    """
    _refuse_unknown(fiche)
    marche = _lock(marche)
    old = {name: getattr(marche, name) for name in fiche}
    changed = {name: value for name, value in fiche.items() if old[name] != value}
    if not changed:
        return marche
    for name, value in changed.items():
        setattr(marche, name, value)
    marche.full_clean()
    details = {name: {"avant": _say(old[name]), "après": _say(changed[name])} for name in changed}
    with recording(by=by, tag="marches:marche:updated", obj=marche, details=details):
        marche.save(update_fields=list(changed))
    return marche


@transaction.atomic
def share_marche(*, by: User, marche: Marche, partage: bool) -> Marche:
    """Open the marché to the legal department of the organisation, or close it again."""
    marche = _lock(marche)
    if marche.partage_juridique != partage:
        marche.partage_juridique = partage
        tag = "marches:marche:shared" if partage else "marches:marche:unshared"
        with recording(by=by, tag=tag, obj=marche):
            marche.save(update_fields=["partage_juridique"])
    return marche


@transaction.atomic
def move_marche(*, by: User, marche: Marche, statut: StatutMarche) -> Marche:
    """Record the step the marché has reached."""
    marche = _lock(marche)
    old = marche.statut
    if old != statut:
        marche.statut = statut
        with recording(
            by=by,
            tag="marches:marche:moved",
            obj=marche,
            details={"avant": str(old), "après": str(statut)},
        ):
            marche.save(update_fields=["statut"])
    return marche


@transaction.atomic
def set_lots(*, by: User, marche: Marche, lots: Sequence[Mapping[str, Any]]) -> list[Lot]:
    """Write the lots in the order given: « intitule », « montant_estime » or None.

    Lots past the end of the list are withdrawn, never deleted. Raises ValidationError.
    """
    marche = _lock(marche)
    existing = {lot.numero: lot for lot in Lot.objects.filter(marche=marche)}
    kept = []
    with recording(by=by, tag="marches:lots:set", obj=marche, details={"lots": len(lots)}):
        for numero, row in enumerate(lots, start=1):
            lot = existing.pop(numero, None) or Lot(marche=marche, numero=numero)
            lot.intitule = str(row["intitule"]).strip()
            lot.montant_estime = row.get("montant_estime")
            lot.retire = False
            lot.full_clean()
            lot.save()
            kept.append(lot)
        for lot in existing.values():
            if not lot.retire:
                lot.retire = True
                lot.save(update_fields=["retire"])
    return kept


@transaction.atomic
def set_criteres(
    *, by: User, marche: Marche, criteres: Sequence[Mapping[str, Any]]
) -> list[Critere]:
    """Write the award criteria of the whole marché: « intitule », « nature », « poids » in %.

    Weights must add up to 100 (CCP, art. R2152-12: weighting is published). Criteria past the end
    are withdrawn. Raises ValidationError with a French sentence.
    """
    marche = _lock(marche)
    total = sum((Decimal(row["poids"]) for row in criteres), Decimal(0))
    if criteres and total != 100:
        raise ValidationError(f"Les poids font {total:g} %, il faut 100 %.", code="poids")
    existing = {
        critere.rang: critere for critere in Critere.objects.filter(marche=marche, lot__isnull=True)
    }
    kept = []
    with recording(
        by=by, tag="marches:criteres:set", obj=marche, details={"criteres": len(criteres)}
    ):
        for rang, row in enumerate(criteres, start=1):
            critere = existing.pop(rang, None) or Critere(marche=marche, rang=rang)
            critere.intitule = str(row["intitule"]).strip()
            critere.nature = row["nature"]
            critere.poids = Decimal(row["poids"])
            critere.retire = False
            critere.full_clean()
            critere.save()
            kept.append(critere)
        for critere in existing.values():
            if not critere.retire:
                critere.retire = True
                critere.save(update_fields=["retire"])
    return kept


def _lock(marche: Marche) -> Marche:
    return Marche.objects.select_for_update(of=("self",), no_key=True).get(pk=marche.pk)


def _refuse_unknown(fiche: Mapping[str, Any]) -> None:
    unknown = set(fiche) - set(FICHE)
    if unknown:
        raise ValidationError(f"La fiche n’a pas de champ {', '.join(sorted(unknown))}.")


def _next_reference(organisation: Organisation) -> str:
    """Number marchés by year inside the organisation: « M 2026-021 »."""
    # Two marchés opened at once must not take one number.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    prefix = f"M {datetime.now(UTC).year}-"
    # As numbers: as text, « 1000 » comes before « 999 ».
    taken = Marche.objects.filter(
        organisation=organisation, reference__regex=rf"^{prefix}\d{{3,6}}$"
    ).values_list("reference", flat=True)
    last = max((int(reference.removeprefix(prefix)) for reference in taken), default=0)
    return f"{prefix}{last + 1:03d}"


def _say(value: object) -> str:
    return "" if value is None else str(value)
