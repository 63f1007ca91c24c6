"""Taking a marché from one step to another, and back."""

from django.core.exceptions import ValidationError
from django.db import transaction

from procurement.access.services import AccessRefused
from procurement.accounts.models import User
from procurement.audit.services import recording, seal_evidence
from procurement.marches.enums import StatutMarche
from procurement.marches.models import Marche
from procurement.marches.permissions import Action
from procurement.marches.services.marches import lock_marche
from procurement.marches.workflow import SEALED, is_back, may_move, needs_reason
from procurement.ui.typographie import is_visible


OVERTAKEN = "etape"
"""Code of the refusal: the marché is no longer at the step that was seen."""
MOTIF = 500
"""Longest reason, in characters."""


@transaction.atomic
def move_marche(
    *,
    by: User,
    marche: Marche,
    statut: StatutMarche,
    motif: str = "",
    depuis: StatutMarche | None = None,
) -> Marche:
    """Take the marché to another step. A step is where the purchase stands, no legal act.

    motif: why; owed when one goes back or when the purchase stops. depuis: the step that the
    person saw; refused (ValidationError, code « etape ») when somebody has moved the marché since.
    Raises AccessRefused (409) when no arrow leads there, ValidationError on a missing reason.
    """
    marche = lock_marche(marche, by=by, action=Action.MARCHE_MOVE)
    old, motif = StatutMarche(marche.statut), motif.strip() if is_visible(motif) else ""
    if depuis not in (None, old):
        raise ValidationError(_overtaken(old, wanted=statut), code=OVERTAKEN)
    if old == statut:
        return marche
    if not may_move(old, statut):
        raise AccessRefused(
            f"De l’étape «\u202f{old.label}\u202f», on ne passe pas à «\u202f{statut.label}\u202f».",
            status=409,
        )
    if not motif and needs_reason(old, statut):
        raise ValidationError({"motif": "Dites pourquoi\u202f: l’histoire du marché le garde."})
    if len(motif) > MOTIF:
        raise ValidationError({"motif": f"Le motif tient en {MOTIF} caractères."})
    marche.statut = statut
    details = {"avant": str(old), "après": str(statut)} | ({"motif": motif} if motif else {})
    tag = "marches:marche:returned" if is_back(old, statut) else "marches:marche:moved"
    with recording(by=by, tag=tag, obj=marche, details=details):
        marche.save(update_fields=["statut"])
    if statut in SEALED and not is_back(old, statut):
        # After the commit, and whatever comes of it: a seal holds nobody up. The night makes the next.
        transaction.on_commit(seal_evidence, robust=True)
    return marche


def _overtaken(old: StatutMarche, *, wanted: StatutMarche) -> str:
    if old == wanted:
        return f"Le marché est déjà à l’étape «\u202f{old.label}\u202f»\u202f: rien d’autre n’a changé."
    return (
        f"Une autre personne vient de mener le marché à l’étape «\u202f{old.label}\u202f»."
        " Rien n’a changé\u202f: relisez ce que ce passage changerait, puis décidez."
    )
