"""Forms of accounts, in plain French, over those of allauth."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from procurement.accounts.models import User
from procurement.accounts.services import keep_destination, take_verified
from procurement.accounts.validators import (
    LENGTH_ALONE,
    PasswordLengthValidator,
    validate_person_name,
)
from procurement.ui.champs import LigneField


EMAIL = "Adresse électronique"
PASSWORD = "Mot de passe"  # noqa: S105 a label
SIGNUP_HELP = (
    f"Au moins {LENGTH_ALONE} caractères : une phrase de quatre ou cinq mots, facile à retenir."
)


def _say(form: Any, name: str, label: str, help_text: str = "") -> None:
    """Give a field its words; a placeholder is no label and goes away."""
    field = form.fields[name]
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)


class LoginForm(account_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "login", EMAIL)
        _say(self, "password", PASSWORD)
        verified = "" if self.is_bound else take_verified(self.request.session)
        self.initial["login"] = verified
        self.fields["login"].widget.attrs |= {"autocomplete": "username"}
        self.fields["password" if verified else "login"].widget.attrs["autofocus"] = True


class SignupForm(account_forms.SignupForm):
    prenom = forms.CharField(
        label="Prénom",
        max_length=80,
        validators=[validate_person_name],
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "autofocus": True}),
    )
    nom = forms.CharField(
        label="Nom",
        max_length=80,
        validators=[validate_person_name],
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    field_order = ["prenom", "nom", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "email", EMAIL, "Un message y sera envoyé pour vérifier qu’elle est à vous.")
        _say(self, "password1", PASSWORD, SIGNUP_HELP)

    def validate_unique_email(self, value: str) -> str:
        # A change of address that was asked for elsewhere and never verified gives way.
        EmailAddress.objects.filter(email=value, verified=False, primary=False).delete()
        return super().validate_unique_email(value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        password = cleaned.get("password1")
        if password and cleaned.get("email") and "password1" not in self.errors:
            # The base class knows neither name: check the password against them as well.
            user = User(
                email=cleaned["email"],
                prenom=cleaned.get("prenom", ""),
                nom=cleaned.get("nom", ""),
            )
            try:
                get_adapter().clean_password(password, user=user)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def try_save(self, request: HttpRequest) -> Any:
        # Kept whether the address is known or not: nothing of the answer tells which.
        keep_destination(request.session, get_next_redirect_url(request))
        if self.account_already_exists:
            # As long as a real sign-up: time must not tell that the address is known.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ResetPasswordForm(account_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "email", EMAIL)
        self.fields["email"].widget.attrs["autofocus"] = True

    def clean_email(self) -> str:
        # Nobody is looked up here: the mail is written later, or not at all.
        return get_adapter().clean_email(self.cleaned_data["email"].lower())

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = self.cleaned_data["email"]
        get_adapter().send_mail("account/email/password_reset_key", email, {})
        return email


class _NewPasswordMixin:
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "password1", "Nouveau mot de passe", PasswordLengthValidator().get_help_text())
        _say(self, "password2", "Nouveau mot de passe, encore une fois")
        if "oldpassword" in self.fields:
            _say(self, "oldpassword", "Mot de passe actuel")


class ResetPasswordKeyForm(_NewPasswordMixin, account_forms.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(_NewPasswordMixin, account_forms.ChangePasswordForm):
    pass


class SetPasswordForm(_NewPasswordMixin, account_forms.SetPasswordForm):
    pass


class AddEmailForm(account_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(
            self,
            "email",
            "Nouvelle adresse électronique",
            "Elle remplacera l’actuelle quand vous aurez ouvert le lien qui y sera envoyé.",
        )


class ReauthenticateForm(account_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "password", PASSWORD)
        self.fields["password"].widget.attrs["autofocus"] = True


class _CodeMixin:
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "code", "Code", "Six chiffres de votre application, ou un code de secours.")
        self.fields["code"].widget.attrs |= {
            "autofocus": True,
            "autocapitalize": "none",
            "spellcheck": "false",
        }


class AuthenticateForm(_CodeMixin, mfa_forms.AuthenticateForm):
    pass


class ReauthenticateCodeForm(_CodeMixin, mfa_forms.ReauthenticateForm):
    pass


class ActivateTOTPForm(totp_forms.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "code", "Code à six chiffres", "Celui que l’application affiche maintenant.")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class AddWebAuthnForm(webauthn_forms.AddWebAuthnForm):
    name = LigneField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "name", "Nom de la clé", "Pour la reconnaître : « clé bleue », « téléphone ».")


class EditWebAuthnForm(webauthn_forms.EditWebAuthnForm):
    name = LigneField(required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "name", "Nom de la clé")


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["prenom", "nom"]
        field_classes = {"prenom": LigneField, "nom": LigneField}
        widgets = {
            "prenom": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "nom": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }
