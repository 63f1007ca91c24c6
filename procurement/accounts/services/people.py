"""Verbs on people. A person is deactivated, never deleted."""

from collections.abc import Mapping

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from procurement.accounts.models import User
from procurement.audit.registry import digest_of
from procurement.audit.selectors import database_now
from procurement.audit.services import PLATFORM_CHAIN, record_event, recording


def record_account_event(
    *, by: User | None, user: User, tag: str, details: Mapping[str, object] | None = None
) -> None:
    """Write a row about an account in the platform's journal."""
    record_event(
        by=by,
        tag=f"accounts:{tag}",
        chain=PLATFORM_CHAIN,
        objet=f"{User._meta.db_table}:{user.pk}",
        details=details or {},
    )


@transaction.atomic
def create_user(
    *,
    by: User | None,
    email: str,
    prenom: str,
    nom: str,
    password: str | None = None,
    is_administrateur: bool = False,
) -> User:
    """Create a person whose address is already known to be theirs (seed, invitation, command).

    by: None for a command. Without password the person sets one by « mot de passe oublié ».
    Raises ValidationError on a taken address or a refused name.
    """
    user = User(email=email.lower(), prenom=prenom, nom=nom, is_administrateur=is_administrateur)
    address = EmailAddress(user=user, email=user.email, verified=True, primary=True)
    details = {"adresse": digest_of(address)}
    with recording(by=by, tag="accounts:user:created", obj=user, details=details):
        user.set_password(password)
        user.full_clean()
        user.save()
    address.save()
    return user


@transaction.atomic
def prove_address(*, by: User | None, address: EmailAddress) -> EmailAddress:
    """Mark an address as proved by its owner; its digest is in the journal, never the address."""
    address.verified = True
    address.save()
    record_account_event(
        by=by,
        user=address.user,
        tag="email:verified",
        details={"adresse": digest_of(address)},
    )
    return address


@transaction.atomic
def name_administrateur(
    *, by: User | None, email: str, prenom: str, nom: str, one_more: bool = False
) -> User:
    """Open the account of a person who administers the platform, without password.

    by: None for the command of who runs the server. An account of its own: an administrateur opens
    no marché and writes in none, so nobody already at work is turned into one.
    Raises ValidationError when the address has an account, on a refused name or address, and,
    unless one_more, when an active administrateur stands already.
    """
    with connection.cursor() as cursor:
        # Two commands at once do not each believe to be the first.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts:administrateur'))")
    standing = User.objects.active().filter(is_administrateur=True)
    if standing.exists() and not one_more:
        raise ValidationError(
            "La plateforme a déjà un administrateur. Pour en nommer un de plus, dites-le.",
            code="deja",
        )
    if User.objects.filter(email=email.lower()).exists():
        raise ValidationError(
            "Cette adresse a déjà un compte. Un administrateur n’ouvre ni n’écrit de marché\u202f: "
            "donnez-lui une adresse à part.",
            code="adresse",
        )
    user = create_user(by=by, email=email, prenom=prenom, nom=nom, is_administrateur=True)
    record_account_event(
        by=by, user=user, tag="administrateur:named", details={"email": user.email}
    )
    return user


@transaction.atomic
def edit_profile(*, by: User, prenom: str, nom: str) -> User:
    """Change one's own name; the former name stays in the journal."""
    user = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    former, before = user.get_full_name(), (user.prenom, user.nom)
    user.prenom, user.nom = prenom, nom
    user.full_clean()
    if (user.prenom, user.nom) != before:
        details = {"avant": former, "apres": user.get_full_name()}
        with recording(by=by, tag="accounts:user:renamed", obj=user, details=details):
            user.save(update_fields=["prenom", "nom"])
    return user


def end_sessions(*, user: User) -> int:
    """Close every session of a person; return how many."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


@transaction.atomic
def deactivate_user(*, by: User | None, user: User, motif: str) -> User:
    """Close an account: its sessions end at once, its name stays on what it wrote.

    Raises ValidationError without a reason, or when a person would close their own account.
    """
    if not motif.strip():
        raise ValidationError("Dites pourquoi ce compte est désactivé.", code="motif")
    if by is not None and by.pk == user.pk:
        raise ValidationError("On ne désactive pas son propre compte.", code="soi_meme")
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not user.is_active:
        return user
    count = end_sessions(user=user)
    user.is_active, user.deactivated_at = False, database_now()
    with recording(
        by=by,
        tag="accounts:user:deactivated",
        obj=user,
        details={"motif": motif, "seances": count},
    ):
        user.save(update_fields=["is_active", "deactivated_at"])
    return user


@transaction.atomic
def reactivate_user(*, by: User | None, user: User, motif: str) -> User:
    """Open a closed account again, with the reason in the journal."""
    if not motif.strip():
        raise ValidationError("Dites pourquoi ce compte est rouvert.", code="motif")
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.is_active:
        return user
    user.is_active, user.deactivated_at = True, None
    with recording(by=by, tag="accounts:user:reactivated", obj=user, details={"motif": motif}):
        user.save(update_fields=["is_active", "deactivated_at"])
    return user
