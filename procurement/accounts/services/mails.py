"""Mails about one's own account, written when they leave: links are signed at that moment."""

from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from allauth.account.forms import default_token_generator
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from procurement.accounts.models import User
from procurement.accounts.registry import MailOrder, mail_door


@dataclass(frozen=True)
class _Mail:
    """Subject, and label of the button when the mail carries a link."""

    sujet: str
    bouton: str = ""


MAILS = {
    "account_already_exists": _Mail("Vous avez déjà un compte", "Choisir un mot de passe"),
    "account_opened": _Mail("Votre compte est ouvert", "Choisir un mot de passe"),
    "email_changed": _Mail("Votre adresse électronique a changé"),
    "email_confirmation": _Mail("Vérifiez votre nouvelle adresse", "Vérifier cette adresse"),
    "email_confirmation_signup": _Mail("Vérifiez votre adresse", "Vérifier mon adresse"),
    "email_deleted": _Mail("Une adresse a été retirée de votre compte"),
    "password_changed": _Mail("Votre mot de passe a changé"),
    "password_reset": _Mail("Votre mot de passe a été remplacé"),
    "password_reset_key": _Mail("Choisir un nouveau mot de passe", "Choisir un mot de passe"),
    "password_set": _Mail("Votre mot de passe est enregistré"),
    "recovery_codes_generated": _Mail("Vos codes de secours ont été renouvelés"),
    "totp_activated": _Mail("Double authentification activée"),
    "totp_deactivated": _Mail("Double authentification retirée"),
    "webauthn_added": _Mail("Une clé de sécurité a été ajoutée"),
    "webauthn_removed": _Mail("Une clé de sécurité a été retirée"),
}


def _address(path: str) -> str:
    # Never from the request: a forged Host header must not choose where a link leads.
    return f"{settings.PUBLIC_URL}{path}"


def _reset_link(email: str) -> tuple[str, str] | None:
    users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    if not users:
        return None
    user = users[0]
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return user.prenom, _address(path.replace("UID-KEY", quote(key)))


def password_link(user: User) -> str:
    """Sign a link by which this person chooses a password: two hours, once. A secret of theirs.

    For a person whom no mail reaches yet. Raises ValueError for a closed account.
    """
    found = _reset_link(user.email)
    if found is None:
        raise ValueError(f"{user.pk} cannot sign in.")
    return found[1]


def announce_account(user: User) -> None:
    """Write to a person whose account was just opened, with the link that sets a password."""
    send_mail_later(MailOrder("account_opened", user.email))


def send_mail_later(order: MailOrder) -> None:
    """Hand a mail to the door registered by the jobs; without one it leaves after the commit.

    The request never waits for a mail server, and known and unknown addresses cost the same.
    """
    door = mail_door()
    if door is not None:
        door(order)
    else:
        transaction.on_commit(partial(deliver_mail, order), robust=True)


def _confirmation_link(email: str, user_id: str) -> tuple[str, str] | None:
    address = (
        EmailAddress.objects.filter(email=email, user_id=user_id, verified=False)
        .select_related("user")
        .first()
    )
    if address is None or not address.user.is_active:
        return None
    path = reverse("account_confirm_email", args=[EmailConfirmationHMAC.create(address).key])
    return address.user.prenom, _address(path)


def write_mail(order: MailOrder) -> EmailMultiAlternatives | None:
    """Write the mail in French, as text and HTML; None when there is nobody to write to any more.

    Raises KeyError on a kind that has no mail.
    """
    mail = MAILS[order.kind]
    context: dict[str, object] = {
        **order.context,
        "sujet": mail.sujet,
        "bouton": mail.bouton,
        "plateforme": settings.PUBLIC_URL,
    }
    if mail.bouton:
        found = (
            _confirmation_link(order.to, order.context["user"])
            if order.kind.startswith("email_confirmation")
            else _reset_link(order.to)
        )
        if found is None:
            return None
        context["prenom"], context["lien"] = found
    text = render_to_string(f"emails/accounts/{order.kind}.txt", context).strip()
    # The signature of the text is the letterhead of the HTML.
    paragraphs = [part.strip() for part in text.split("\n\n")[:-1] if part.strip()]
    html = render_to_string("emails/accounts/mail.html", {**context, "paragraphes": paragraphs})
    message = EmailMultiAlternatives(mail.sujet, text + "\n", to=[order.to])
    message.attach_alternative(html, "text/html")
    return message


def deliver_mail(order: MailOrder) -> bool:
    """Write and send; return False when there was nobody to write to. What the mail job calls."""
    message = write_mail(order)
    if message is None:
        return False
    message.send()
    return True
