"""What allauth asks us: mail outside the request, 429 for attempts, secrets at rest, words."""

import logging
from io import BytesIO
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH
from allauth.core.internal.ratelimit import respond_429
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from qrcode.image.svg import SvgPathFillImage

from procurement.accounts.models import User
from procurement.accounts.registry import MailOrder
from procurement.accounts.selectors import is_second_factor_compulsory
from procurement.accounts.services import (
    keep_verified,
    send_mail_later,
    take_destination,
    vault,
)
from procurement.audit.selectors import database_now
from procurement.audit.services import recording


logger = logging.getLogger(__name__)

SHORT_CHAIN = "accounts:chaine_courte"
"""Key of the shared cache: through how few proxies a sign-in of the last day came, when fewer than declared."""
# What a mail may carry besides its kind; everything else is looked up when it is written.
KEPT = ("from_email", "to_email", "deleted_email", "ip", "user_agent")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts of people who sign in with their e-mail address."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Ce compte est désactivé.",
        "duplicate_email": "C’est déjà l’adresse de votre compte.",
        "email_password_mismatch": "Cette adresse et ce mot de passe ne vont pas ensemble.",
        "email_taken": "Un compte existe déjà avec cette adresse.",
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "incorrect_code": "Ce code n’est pas le bon.",
        "incorrect_password": "Ce n’est pas votre mot de passe.",
        "invalid_or_expired_key": "Ce lien n’est plus valable.",
        "invalid_login": "Cette adresse et ce mot de passe ne vont pas ensemble.",
        "invalid_password_reset": "Ce lien n’est plus valable : demandez-en un nouveau.",
        "rate_limited": "Trop d’essais : attendez quelques minutes.",
        "same_as_current": "C’est la valeur actuelle : donnez-en une autre.",
        "too_many_login_attempts": "Trop d’essais : attendez quelques minutes.",
        "unverified_primary_email": "Votre adresse doit d’abord être vérifiée.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        kept = {name: str(context[name]) for name in KEPT if context.get(name)}
        if "timestamp" in context:
            instant = timezone.localtime(context["timestamp"])
            kept["instant"] = (
                f"{date_format(instant, 'j F Y')} à {date_format(instant, 'G')} h {date_format(instant, 'i')}"
            )
        user = context.get("user")
        if user is not None:
            kept["user"] = str(user.pk)
        send_mail_later(MailOrder(template_prefix.rsplit("/", 1)[-1], email, kept))

    def send_account_already_exists_mail(self, email: str) -> None:
        # Nobody ever proved to own this address: whoever signed up first must not keep a
        # password on an account that the owner of the mailbox is about to take.
        with transaction.atomic():
            for address in EmailAddress.objects.filter(
                email=email, verified=False, user__is_active=True
            ).select_related("user"):
                user = address.user
                if not EmailAddress.objects.filter(user=user, verified=True).exists():
                    user.set_unusable_password()
                    user.save(update_fields=["password", "is_password_short"])
        self.send_mail("account/email/account_already_exists", email, {})

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.prenom, user.nom = form.cleaned_data["prenom"], form.cleaned_data["nom"]
        with recording(by=user, tag="accounts:user:signed_up", obj=user):
            return super().save_user(request, user, form, commit=commit)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        # The address and the line that tells it, or neither: the receiver writes the line.
        with transaction.atomic():
            return super().confirm_email(request, email_address)

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        # Who holds the link holds the mailbox: the page that asks to sign in may know the address.
        address = str(super().get_email_verification_redirect_url(email_address))
        if self.request.user.is_authenticated:
            return address
        keep_verified(self.request.session, email_address.email)
        suite = take_destination(self.request.session)
        return f"{resolve_url(address)}?{urlencode({'next': suite})}" if suite else address

    def set_password(self, user: User, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password", "is_password_short"])

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as refusal:
            raise ImmediateHttpResponse(respond_429(request)) from refusal

    def get_client_ip(self, request: HttpRequest) -> str:
        passed = request.headers.get("x-forwarded-for", "")
        try:
            address = super().get_client_ip(request)
            short = not passed and settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0
        except ImproperlyConfigured:
            # Fewer addresses than declared proxies: nobody would sign in any more. The nearest
            # address is the strictest reading, and the log says what to repair.
            address, short = str(request.META["REMOTE_ADDR"]), True
        if short:
            # Reached without any proxy, the site would believe whatever address one invents.
            logger.error("TRUSTED_PROXIES is higher than the real number of proxies.")
            cache.set(SHORT_CHAIN, len(passed.split(",")) if passed else 0, timeout=24 * 3600)
        return address

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        # Where there is a second factor, the password alone is not enough to change the account.
        words = {
            "reauthenticate": "Mon mot de passe",
            "mfa_reauthenticate": "Mon application ou un code de secours",
            "mfa_reauthenticate:webauthn": "Ma clé de sécurité",
        }
        methods = super().get_reauthentication_methods(user)
        second = [method for method in methods if method["id"] != "reauthenticate"]
        return [method | {"description": words[method["id"]]} for method in second or methods]

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        email = email or EmailAddress.objects.get_primary_email(user)
        if email:
            request = allauth_context.request
            self.send_mail(
                template_prefix,
                email,
                {
                    "timestamp": database_now(),
                    "ip": self.get_client_ip(request),
                    "user_agent": self.get_http_user_agent(request)[:HTTP_USER_AGENT_MAX_LENGTH],
                    **(context or {}),
                },
            )


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: encrypted at rest, and kept by the people who must have one."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": "Cette adresse ne peut pas être ajoutée.",
        "cannot_delete_authenticator": (
            "Cette protection ne peut pas être retirée : votre fonction la demande, ou votre mot "
            "de passe compte moins de 15 caractères. Ajoutez-en d’abord une autre, ou choisissez "
            "un mot de passe plus long."
        ),
        "cannot_generate_recovery_codes": (
            "Les codes de secours viennent avec une application ou une clé : ajoutez-en une d’abord."
        ),
        "incorrect_code": "Ce code n’est pas le bon, ou il a déjà servi.",
        "unverified_email": "Vérifiez d’abord votre adresse électronique.",
    }

    def get_totp_issuer(self) -> str:
        return "Wiki-Marché"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "Wiki-Marché"}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return "Clé principale" if count == 0 else f"Clé n°\u00a0{count + 1}"

    def build_totp_svg(self, url: str) -> str:
        # On white, or the image could not be read on a dark page.
        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return vault().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = authenticator.user
        others = user.authenticator_set.exclude(pk=authenticator.pk).exclude(
            type=Authenticator.Type.RECOVERY_CODES
        )
        if others.exists():
            return True
        compulsory = is_second_factor_compulsory(user) and not settings.DEMO
        return not (compulsory or user.is_password_short)
