"""Exceptional access: one administrateur, one marché, reading only, with a reason, for a while.

Everybody concerned is told, of its opening and of its end, and the journal of the marché keeps both. The right
ends by the clock of the database, whether the sweep that writes its end has passed or not.
"""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from procurement.access.services import require
from procurement.accounts.models import User
from procurement.audit.selectors import database_now
from procurement.audit.services import record_refusal, recording
from procurement.jobs.services import enqueue
from procurement.marches.enums import DureeAcces
from procurement.marches.models import AccesExceptionnel, Marche
from procurement.marches.permissions import Action, roles_on_acces, roles_on_all
from procurement.marches.selectors.acces import people_concerned
from procurement.organisations.models import Organisation


MAIL = "marches:mail_acces"


def open_acces(
    *, by: User, organisation: Organisation, reference: str, motif: str, duree: DureeAcces
) -> AccesExceptionnel:
    """Open the reading of a marché to oneself; gestionnaires and juristes are told by mail.

    The marché is named by its reference, which somebody gave: none can be looked for, and a
    reference that is nobody's is a refusal of the journal. Raises ValidationError when there is no
    such marché, when one reads it already, or when the reason is no sentence; AccessRefused.
    """
    reference = " ".join(reference.split())
    found = Marche.objects.filter(organisation=organisation, reference=reference).first()
    if found is None:
        words = f"Aucun marché de {organisation} ne porte la référence «\u202f{reference}\u202f»."
        record_refusal(by=by, action=Action.ACCES_OPEN, objet="", reason=words)
        raise ValidationError({"reference": words})
    return _open(by=by, marche=found, motif=motif, duree=duree)


@transaction.atomic
def close_acces(*, by: User, acces: AccesExceptionnel) -> AccesExceptionnel:
    """End an access before its time. Raises AccessRefused (409) when it has ended meanwhile."""
    acces = _lock(acces)
    require(by, Action.ACCES_CLOSE, acces, held=roles_on_acces(by, acces))
    return _end(acces, by=by, instant=min(database_now(), acces.expire_le))


def end_acces() -> int:
    """Write the end of the accesses that time has ended; the right had ended by itself. Says how many."""
    over = AccesExceptionnel.objects.filter(fini_le__isnull=True, expire_le__lte=database_now())
    return sum(_end_by_time(acces) for acces in over)


@transaction.atomic
def _open(*, by: User, marche: Marche, motif: str, duree: DureeAcces) -> AccesExceptionnel:
    marche = _lock_marche(marche)
    # As she is now: whoever was just relieved of the platform opens nothing.
    by = User.objects.get(pk=by.pk)
    require(by, Action.ACCES_OPEN, marche, held=frozenset())
    now = database_now()
    for acces in AccesExceptionnel.objects.filter(
        marche=marche, user=by, fini_le__isnull=True, expire_le__lte=now
    ):
        _end_by_time(acces)
    if roles_on_all(by, marche):
        raise ValidationError({"reference": "Vous lisez déjà ce marché."})
    acces = AccesExceptionnel(
        marche=marche,
        user=by,
        motif=" ".join(motif.split()),
        ouvert_le=now,
        expire_le=now + timedelta(minutes=duree),
    )
    acces.full_clean()
    with recording(
        by=by,
        tag="marches:acces:opened",
        obj=acces,
        details={"durée": DureeAcces(duree).label, "motif": acces.motif},
    ):
        acces.save()
    _tell(acces)
    return acces


@transaction.atomic
def _end_by_time(acces: AccesExceptionnel) -> bool:
    acces = _lock(acces)
    if acces.fini_le:
        return False
    _end(acces, by=None, instant=acces.expire_le)
    return True


def _end(acces: AccesExceptionnel, *, by: User | None, instant: datetime) -> AccesExceptionnel:
    acces.fini_le, acces.ferme_par = instant, by
    with recording(
        by=by,
        tag="marches:acces:closed" if by else "marches:acces:ended",
        obj=acces,
        details={"personne": str(acces.user_id), "nom": str(acces.user)},
    ):
        acces.save(update_fields=["fini_le", "ferme_par"])
    _tell(acces, fini=True)
    return acces


def _tell(acces: AccesExceptionnel, *, fini: bool = False) -> None:
    """Write to everybody concerned that it is open, or that it has ended; who closed it knows."""
    for user in people_concerned(acces):
        if user.pk == acces.ferme_par_id:
            continue
        enqueue(
            MAIL,
            by=None,
            titre="Fin d’un accès exceptionnel" if fini else "Accès exceptionnel à un marché",
            key=f"{MAIL}:{'fin:' if fini else ''}{acces.pk}:{user.pk}",
            params={"acces": str(acces.pk), "user": str(user.pk), "fini": fini},
        )


def _lock(acces: AccesExceptionnel) -> AccesExceptionnel:
    # The marché first, as every verb that gives a role or takes one away.
    marche = _lock_marche(acces.marche)
    acces = AccesExceptionnel.objects.select_related("user").get(pk=acces.pk)
    acces.marche = marche
    return acces


def _lock_marche(marche: Marche) -> Marche:
    return (
        Marche.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .get(pk=marche.pk)
    )
