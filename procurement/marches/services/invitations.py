"""Inviting by e-mail: the link is random, kept hashed, serves once, and only its addressee."""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from procurement.access.services import AccessRefused, Conflict
from procurement.accounts.models import User
from procurement.audit.selectors import database_now
from procurement.audit.services import recording
from procurement.jobs.services import enqueue
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Invitation, Marche, Participation
from procurement.marches.permissions import ADDRESSED_ELSEWHERE, Action
from procurement.marches.selectors.people import is_from_outside, with_fonctions
from procurement.marches.services.marches import lock_marche
from procurement.marches.services.participations import check_portee, detail_portee
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership, Organisation
from procurement.organisations.services import add_member


VALIDITY = timedelta(days=7)
TWICE = timedelta(minutes=1)
"""Within it, the same invitation by the same person is the same press of a button."""


@transaction.atomic
def invite_participant(
    *,
    by: User,
    marche: Marche,
    email: str,
    role: RoleParticipation,
    portee: UUID | None = None,
    fonction: Fonction = Fonction.AGENT,
    mot: str = "",
) -> Invitation:
    """Offer a role to an e-mail address; the mail leaves after the commit.

    portee: the one thing of the marché that the role will hold for, None for the whole of it.
    fonction: AGENT for a colleague, INVITE for a person from outside, who will open no marché. Who
    is from outside already, or invited so elsewhere in the organisation, stays so: INVITE is kept.
    The screen answers the same whether the address has an account or not. The very same
    invitation sent twice within a minute by one person is one invitation: a button pressed twice.
    Raises ValidationError when an invitation or a participation already stands, when somebody
    from outside would bring an agent in, and for a portee that ``change_role`` would refuse.
    """
    email = email.strip().lower()
    marche = lock_marche(marche, by=by, action=Action.INVITATION_CREATE)
    if fonction != Fonction.INVITE and not _is_colleague(by, marche):
        raise ValidationError(
            "Vous travaillez ici comme personne extérieure\u202f: vous ne pouvez inviter que d’autres"
            " personnes extérieures."
        )
    if Participation.objects.filter(marche=marche, user__email=email, is_active=True).exists():
        raise ValidationError({"email": "Cette personne participe déjà au marché."})
    check_portee(marche, portee)
    if is_from_outside(email, marche):
        fonction = Fonction.INVITE
    now = database_now()
    sent = Invitation.objects.filter(
        marche=marche,
        email=email,
        role=role,
        portee=portee,
        fonction=fonction,
        mot=mot.strip(),
        invited_by=by,
        acceptee_le__isnull=True,
        revoquee_le__isnull=True,
        created_at__gt=now - TWICE,
        expire_le__gt=now,
    ).first()
    if sent:
        return sent
    for expired in Invitation.objects.filter(
        marche=marche,
        email=email,
        acceptee_le__isnull=True,
        revoquee_le__isnull=True,
        expire_le__lt=now,
    ):
        _close(by, expired)
    invitation = Invitation(
        marche=marche,
        email=email,
        role=role,
        portee=portee,
        fonction=fonction,
        mot=mot.strip(),
        invited_by=by,
        expire_le=now + VALIDITY,
    )
    invitation.full_clean(exclude=["acceptee_par"])
    with recording(
        by=by,
        tag="marches:invitation:created",
        obj=invitation,
        details={
            "email": email,
            "rôle": str(role),
            **detail_portee(marche, portee),
            "fonction": Fonction(fonction).label,
        },
    ) as rec:
        invitation.save()
        rec.touch(invitation)
    enqueue(
        "marches:mail_invitation",
        by=by,
        titre=f"Invitation envoyée à {email}",
        key=f"invitation:{invitation.pk}",
        params={"invitation": str(invitation.pk)},
    )
    return invitation


@transaction.atomic
def renew_jeton(*, by: User, invitation: Invitation) -> str:
    """Draw the secret of the link at the moment its mail leaves; only its hash is kept.

    An earlier link of the same invitation stops working.
    """
    jeton = secrets.token_urlsafe(32)
    invitation.jeton_sha256 = hash_jeton(jeton)
    with recording(
        by=by,
        tag="marches:invitation:sent",
        obj=invitation,
        details={"email": invitation.email, "rôle": invitation.role},
    ) as rec:
        invitation.save(update_fields=["jeton_sha256"])
        rec.touch(invitation)
    return jeton


@transaction.atomic
def accept_invitation(*, by: User, invitation: Invitation) -> Participation:
    """Take the role offered, and in the organisation the function offered, unless one is held.

    A function held is neither lost nor raised: making an agent of who is from outside is an act of
    its own, ``change_fonction``.

    Raises AccessRefused when the invitation is for somebody else, has served or has expired.
    """
    invitation = (
        Invitation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("marche__organisation", "invited_by")
        .annotate(now=Now())
        .get(pk=invitation.pk)
    )
    if invitation.email != by.email:
        raise AccessRefused(ADDRESSED_ELSEWHERE)
    if invitation.acceptee_le or invitation.revoquee_le:
        raise AccessRefused("Cette invitation ne sert plus.", status=409)
    if invitation.expire_le < invitation.now:
        raise AccessRefused(
            "Cette invitation a expiré. Demandez-en une autre à la personne qui vous a invité.",
            status=409,
        )
    marche = invitation.marche
    participation = Participation(
        marche=marche, user=by, role=invitation.role, portee=invitation.portee
    )
    with recording(
        by=by,
        tag="marches:invitation:accepted",
        obj=invitation,
        details={
            "rôle": invitation.role,
            **detail_portee(marche, invitation.portee),
            "par": str(invitation.invited_by),
        },
    ) as rec:
        _join_organisation(by=by, invitation=invitation)
        invitation.acceptee_le = invitation.now
        invitation.acceptee_par = by
        invitation.save(update_fields=["acceptee_le", "acceptee_par"])
        rec.touch(invitation)
        try:
            participation.full_clean()
            participation.save()
        except (ValidationError, IntegrityError) as error:
            raise AccessRefused("Vous participez déjà à ce marché.", status=409) from error
    return participation


@transaction.atomic
def revoke_invitation(*, by: User, invitation: Invitation) -> Invitation:
    """Close an invitation that waits. Closing it twice changes nothing.

    Raises Conflict when it was accepted meanwhile: who came in stays until she is taken off.
    """
    lock_marche(invitation.marche, by=by, action=Action.INVITATION_REVOKE, on=invitation)
    closed = _close(by, invitation)
    if closed.acceptee_le:
        raise Conflict(
            f"L’invitation de {closed.email} vient d’être acceptée\u202f: pour revenir en arrière,"
            " retirez cette personne du marché."
        )
    return closed


def _close(by: User, invitation: Invitation) -> Invitation:
    invitation = (
        Invitation.objects.select_for_update(of=("self",), no_key=True)
        .annotate(now=Now())
        .get(pk=invitation.pk)
    )
    if invitation.acceptee_le or invitation.revoquee_le:
        return invitation
    invitation.revoquee_le = invitation.now
    with recording(
        by=by,
        tag="marches:invitation:revoked",
        obj=invitation,
        details={"email": invitation.email, "rôle": invitation.role},
    ) as rec:
        invitation.save(update_fields=["revoquee_le"])
        rec.touch(invitation)
    return invitation


def hash_jeton(jeton: str) -> str:
    """Hash the secret of a link, 64 hexadecimal signs."""
    return sha256(jeton.encode()).hexdigest()


def _is_colleague(user: User, marche: Marche) -> bool:
    return (
        Membership.objects.filter(user=user, organisation=marche.organisation_id, is_active=True)
        .exclude(fonction=Fonction.INVITE)
        .exists()
    )


def _join_organisation(*, by: User, invitation: Invitation) -> None:
    # Two roles accepted at once in two marchés: the second finds her in.
    organisation = Organisation.objects.select_for_update(no_key=True).get(
        pk=invitation.marche.organisation_id
    )
    given = (
        with_fonctions(Invitation.objects.filter(pk=invitation.pk)).values("tenue", "donnee").get()
    )
    if given["tenue"] is None:
        # Coming back gives what is offered, whatever the person was before she left.
        add_member(
            by=by,
            organisation=organisation,
            user=by,
            fonction=Fonction(given["donnee"]),
        )
