"""Verbs on memberships. A membership ends, it is never deleted; coming back opens it again."""

from django.core.exceptions import ValidationError
from django.db import transaction

from procurement.accounts.models import User
from procurement.audit.selectors import database_now
from procurement.audit.services import recording
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Direction, Membership, Organisation
from procurement.ui.typographie import read_ligne


@transaction.atomic
def add_member(
    *,
    by: User | None,
    organisation: Organisation,
    user: User,
    fonction: Fonction = Fonction.AGENT,
    direction: Direction | None = None,
    intitule: str = "",
) -> Membership:
    """Make a person a member, or open an ended membership again.

    Raises ValidationError for a member already there, a closed account or a foreign direction.
    """
    if not user.is_active:
        raise ValidationError("Ce compte est désactivé.", code="compte")
    former = (
        Membership.objects.select_for_update(of=("self",), no_key=True)
        .filter(organisation=organisation, user=user)
        .first()
    )
    if former and former.is_active:
        raise ValidationError("Cette personne appartient déjà à l’organisation.", code="deja")
    membership = former or Membership(organisation=organisation, user=user)
    membership.fonction, membership.direction = fonction, direction
    membership.intitule = read_ligne(intitule)
    membership.is_active, membership.ended_at = True, None
    membership.full_clean()
    tag = "organisations:membership:reopened" if former else "organisations:membership:added"
    with recording(by=by, tag=tag, obj=membership, details={"fonction": fonction}):
        membership.save()
    return membership


@transaction.atomic
def change_fonction(
    *, by: User | None, membership: Membership, fonction: Fonction, motif: str = ""
) -> Membership:
    """Give another function; acts at the person's next request. motif: why, kept in the journal.

    Raises ValidationError when it would leave the organisation without its last juriste or
    administrateur, or when a person would raise their own function.
    """
    membership = _lock(membership)
    old = Fonction(membership.fonction)
    if old == fonction:
        return membership
    if by is not None and by.pk == membership.user_id:
        raise ValidationError("On ne change pas sa propre fonction.", code="soi_meme")
    _refuse_last(membership)
    membership.fonction = fonction
    membership.full_clean()
    with recording(
        by=by,
        tag="organisations:membership:fonction_changed",
        obj=membership,
        details={"avant": old, "apres": fonction} | ({"motif": motif} if motif else {}),
    ):
        membership.save(update_fields=["fonction"])
    return membership


@transaction.atomic
def move_member(
    *, by: User | None, membership: Membership, direction: Direction | None, intitule: str = ""
) -> Membership:
    """Move a person to another direction of the same organisation."""
    membership = _lock(membership)
    old = str(membership.direction or "")
    membership.direction, membership.intitule = direction, read_ligne(intitule)
    membership.full_clean()
    with recording(
        by=by,
        tag="organisations:membership:moved",
        obj=membership,
        details={"avant": old, "apres": str(direction or "")},
    ):
        membership.save(update_fields=["direction", "intitule"])
    return membership


@transaction.atomic
def end_membership(*, by: User | None, membership: Membership, motif: str = "") -> Membership:
    """End a membership; rights that rest on it stop at the next request.

    Raises ValidationError when the organisation would lose its last juriste or administrateur.
    """
    membership = _lock(membership)
    if not membership.is_active:
        return membership
    _refuse_last(membership)
    membership.is_active, membership.ended_at = False, database_now()
    with recording(
        by=by, tag="organisations:membership:ended", obj=membership, details={"motif": motif}
    ):
        membership.save(update_fields=["is_active", "ended_at"])
    return membership


def _lock(membership: Membership) -> Membership:
    # The organisation first: two removals at once must not each believe the other stays.
    Organisation.objects.select_for_update(no_key=True).get(pk=membership.organisation_id)
    return Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=membership.pk)


def _refuse_last(membership: Membership) -> None:
    fonction = Fonction(membership.fonction)
    if fonction in (Fonction.INVITE, Fonction.AGENT) or not membership.is_active:
        return
    others = Membership.objects.filter(
        organisation_id=membership.organisation_id,
        fonction=fonction,
        is_active=True,
        user__is_active=True,
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise ValidationError(
            f"C’est le dernier {fonction.label.lower()} de l’organisation : nommez d’abord "
            "quelqu’un d’autre.",
            code="dernier",
        )
