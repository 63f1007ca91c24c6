"""Emptying a passage of the history from the screen: one person asks, another confirms."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from procurement.access.services import AccessRefused, Conflict, can
from procurement.accounts.models import User
from procurement.audit.services import Holding, find_passage, record_event, redact_entries
from procurement.marches.models import AccesExceptionnel, Marche
from procurement.marches.permissions import Action
from procurement.marches.selectors.redactions import (
    ASKED,
    CONFIRMED,
    DROPPED,
    RedactionAsk,
    list_redactions,
)
from procurement.marches.services.marches import lock_marche


def refuse_redaction(held: Sequence[Holding]) -> str:
    """Say why a passage cannot be emptied where it is held; '' when it can.

    The reason of an exceptional access is frozen with its row: no text is there to be changed first.
    """
    present = [each.objet for each in held if each.present]
    if any(objet.startswith(f"{AccesExceptionnel._meta.db_table}:") for objet in present):
        return (
            "Le motif d’un accès exceptionnel tient ce passage\u202f: il reste tel qu’il a été dit."
        )
    if present:
        return "Le texte actuel tient encore ce passage\u202f: retirez-le d’abord du texte, puis recommencez."
    return ""


@transaction.atomic
def ask_redaction(*, by: User, marche: Marche, passage: str, motif: str) -> Sequence[int]:
    """Ask that a passage be emptied wherever the history holds it; nothing is emptied yet.

    The ask is an event: it names the lines and the motive, never the passage. Returns the lines.
    Raises ValidationError when nothing holds it, when the present text does, or when the motive
    repeats it; AccessRefused.
    """
    lock_marche(marche, by=by, action=Action.HISTORY_REDACT)
    passage = " ".join(passage.split())
    if not passage:
        raise ValidationError({"passage": "Donnez le passage à chercher."})
    if passage.casefold() in " ".join(motif.split()).casefold():
        raise ValidationError(
            {"motif": "Le motif reste lisible\u202f: n’y écrivez pas le passage."}
        )
    held = find_passage(chain=marche.pk, passage=passage)
    if not held:
        raise ValidationError({"passage": "Aucune ligne de l’histoire ne tient ce passage."})
    if refusal := refuse_redaction(held):
        raise ValidationError({"passage": refusal})
    lines = [each.seq for each in held]
    _record(by, marche, ASKED, {"motif": motif, "lignes": lines})
    return lines


@transaction.atomic
def confirm_redaction(*, by: User, marche: Marche, demande: int) -> RedactionAsk:
    """Empty the lines of an ask, for ever; two different persons. Raises Conflict, AccessRefused."""
    marche = lock_marche(marche, by=by, action=Action.HISTORY_REDACT)
    asked = _waiting(marche, demande)
    if asked.personne == by.pk:
        raise Conflict("Vous avez demandé ce caviardage\u202f: une autre personne le confirme.")
    first = User.objects.active().filter(pk=asked.personne).first()
    if first is None:
        raise Conflict(
            "La personne qui a demandé ce caviardage n’a plus de compte\u202f: abandonnez la demande."
        )
    if not can(first, Action.HISTORY_REDACT, marche):
        raise Conflict(
            f"{first} n’a plus le droit de caviarder l’histoire de ce marché\u202f: abandonnez la demande,"
            " et demandez-le vous-même."
        )
    try:
        with transaction.atomic():
            redact_entries(
                chain=marche.pk,
                seqs=asked.lignes,
                motif=asked.motif,
                asked_by=first,
                approved_by=by,
            )
    except IntegrityError as error:
        raise Conflict(str(error).splitlines()[0]) from error
    _record(by, marche, CONFIRMED, {"demande": demande, "lignes": list(asked.lignes)})
    return asked


@transaction.atomic
def drop_redaction(*, by: User, marche: Marche, demande: int) -> None:
    """Give an ask up; whoever may ask may. Raises Conflict, AccessRefused."""
    marche = lock_marche(marche, by=by, action=Action.HISTORY_REDACT)
    _waiting(marche, demande)
    _record(by, marche, DROPPED, {"demande": demande})


def _waiting(marche: Marche, demande: int) -> RedactionAsk:
    for asked in list_redactions(marche):
        if asked.seq == demande:
            if not asked.attend:
                raise Conflict("Cette demande de caviardage est déjà réglée.")
            return asked
    raise AccessRefused("Cette demande n’existe pas.", status=404)


def _record(by: User, marche: Marche, tag: str, details: dict[str, object]) -> None:
    record_event(
        by=by,
        tag=tag,
        chain=marche.pk,
        objet=f"{Marche._meta.db_table}:{marche.pk}",
        details=details,
    )
