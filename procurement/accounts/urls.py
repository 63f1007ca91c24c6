"""Addresses of one's own account. The names are those allauth looks for; the paths are ours."""

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from allauth.usersessions import views as sessions
from django.urls import path, re_path

from procurement.accounts.views.profile import profile_edit


urlpatterns = [
    path("", profile_edit, name="account_profile"),
    path("connexion/", account.login, name="account_login"),
    path("deconnexion/", account.logout, name="account_logout"),
    path("inscription/", account.signup, name="account_signup"),
    path("desactive/", account.account_inactive, name="account_inactive"),
    path("confirmer-identite/", account.reauthenticate, name="account_reauthenticate"),
    path("adresse/", account.email, name="account_email"),
    path(
        "adresse/verification/",
        account.email_verification_sent,
        name="account_email_verification_sent",
    ),
    re_path(
        r"^adresse/verification/(?P<key>[-:\w]+)/$",
        account.confirm_email,
        name="account_confirm_email",
    ),
    path("mot-de-passe/", account.password_change, name="account_change_password"),
    path("mot-de-passe/choisir/", account.password_set, name="account_set_password"),
    path("mot-de-passe/oublie/", account.password_reset, name="account_reset_password"),
    path(
        "mot-de-passe/oublie/envoye/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "mot-de-passe/nouveau/fait/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("double-authentification/", mfa.index, name="mfa_index"),
    path("double-authentification/code/", mfa.authenticate, name="mfa_authenticate"),
    path("double-authentification/confirmer/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("double-authentification/application/", totp.activate_totp, name="mfa_activate_totp"),
    path(
        "double-authentification/application/retirer/",
        totp.deactivate_totp,
        name="mfa_deactivate_totp",
    ),
    path(
        "double-authentification/codes-de-secours/",
        codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "double-authentification/codes-de-secours/renouveler/",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "double-authentification/codes-de-secours/telecharger/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("double-authentification/cles/", keys.list_webauthn, name="mfa_list_webauthn"),
    path("double-authentification/cles/ajouter/", keys.add_webauthn, name="mfa_add_webauthn"),
    path(
        "double-authentification/cles/confirmer/",
        keys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "double-authentification/cles/<int:pk>/renommer/",
        keys.edit_webauthn,
        name="mfa_edit_webauthn",
    ),
    path(
        "double-authentification/cles/<int:pk>/retirer/",
        keys.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    # To see where one is signed in is free; to close it asks who is there.
    path(
        "seances/",
        reauthentication_required(sessions.list_usersessions, allow_get=True),
        name="usersessions_list",
    ),
]
