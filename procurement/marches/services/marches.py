"""Opening a marché and keeping its fiche."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from procurement.access.registry import resource_of, rule_of
from procurement.access.services import require
from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import FICHE, PHRASES, Marche, Participation
from procurement.marches.permissions import Action, roles_on_marche
from procurement.organisations.models import Organisation
from procurement.ui.typographie import print_ligne


class Overtaken(Exception):
    """Somebody wrote between the reading that a merge was made on and the lock: merge again."""


@transaction.atomic
def create_marche(*, by: User, organisation: Organisation, objet: str, **fiche: Any) -> Marche:
    """Open a marché; its author becomes gestionnaire.

    Raises ValidationError on a broken constraint or a field that is not of the fiche.
    """
    fiche = _read({"objet": objet.strip(), **fiche})
    marche = Marche(organisation=organisation, **fiche)
    if not marche.reference:
        marche.reference = _next_reference(organisation)
    marche.full_clean()
    participation = Participation(marche=marche, user=by, role=RoleParticipation.GESTIONNAIRE)
    with recording(
        by=by, tag="marches:marche:created", obj=marche, details={"objet": marche.objet}
    ):
        marche.save()
        participation.full_clean()
        participation.save()
    return marche


@transaction.atomic
def update_marche(
    *, by: User, marche: Marche, vus: Mapping[str, Any] | None = None, **fiche: Any
) -> Marche:
    """Change data of the fiche; what does not change is not written.

    vus: the values that the new ones were merged with.
    Raises ValidationError on a broken constraint or a field that is not of the fiche, and Overtaken
    when vus is given and is no longer what is stored.
    """
    fiche = _read(fiche)
    marche = lock_marche(marche, by=by, action=Action.MARCHE_UPDATE)
    if vus is not None and any(getattr(marche, name) != vus[name] for name in fiche):
        raise Overtaken
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
    marche = lock_marche(marche, by=by, action=Action.MARCHE_SHARE)
    if marche.partage_juridique != partage:
        marche.partage_juridique = partage
        tag = "marches:marche:shared" if partage else "marches:marche:unshared"
        with recording(by=by, tag=tag, obj=marche):
            marche.save(update_fields=["partage_juridique"])
    return marche


def lock_marche(marche: Marche, *, by: User, action: str, on: Any = None) -> Marche:
    """Take the row of a marché for the length of the transaction, as it is now, and decide again.

    action: what the person does, to the marché or to one of its rows (on): a participation, a pièce.
    Raises AccessRefused when she may not, or may not any more.
    """
    locked = Marche.objects.select_for_update(of=("self",), no_key=True).get(pk=marche.pk)
    if on is None:
        require(by, action, locked, held=roles_on_marche(by, locked))
    else:
        on.marche = locked
        require(by, action, on, held=resource_of(rule_of(action).resource).roles(by, on))
    return locked


def hold_marche(pk: UUID) -> Marche:
    """Keep a marché as it is now until the end of the transaction: its state, who has which role.

    Many may hold it at once; lock_marche waits for them, and they for it. A transaction that holds
    a marché never locks it afterwards: two such would wait for each other.
    """
    return Marche.objects.raw("SELECT * FROM marches_marche WHERE id = %s FOR SHARE", [pk])[0]


def _read(fiche: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a fiche, its phrases as they are printed. Raises ValidationError on a field it has not."""
    unknown = set(fiche) - set(FICHE)
    if unknown:
        raise ValidationError(f"La fiche n’a pas de champ {', '.join(sorted(unknown))}.")
    return {
        name: print_ligne(value) if name in PHRASES and isinstance(value, str) else value
        for name, value in fiche.items()
    }


def _next_reference(organisation: Organisation) -> str:
    """Number marchés by year inside the organisation: « M 2026-021 »."""
    # Two marchés opened at once must not take one number.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    prefix = f"M {timezone.localdate().year}-"
    # As numbers: as text, « 1000 » comes before « 999 ».
    taken = Marche.objects.filter(
        organisation=organisation, reference__regex=rf"^{prefix}\d{{3,6}}$"
    ).values_list("reference", flat=True)
    last = max((int(reference.removeprefix(prefix)) for reference in taken), default=0)
    return f"{prefix}{last + 1:03d}"


def _say(value: object) -> str:
    return "" if value is None else str(value)
