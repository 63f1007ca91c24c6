"""What touches the security of an account asks again who is there (D05)."""

import pytest
from allauth.account import app_settings
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from tests.procurement.accounts.factories import PASSWORD, UserFactory


pytestmark = pytest.mark.django_db
NEW_EMAIL = "nouvelle@region.example"


@pytest.mark.attaque("D05")
def test_changing_the_address_asks_and_tells_the_old_one(new_visitor, last_link):
    user = UserFactory()
    old = user.email
    visitor = new_visitor()
    visitor.sign_in(user)
    answer = visitor.send("account_email", {"email": NEW_EMAIL, "action_add": "1"})
    assert "/confirmer-identite/" in answer.url
    assert not EmailAddress.objects.filter(email=NEW_EMAIL).exists()
    visitor.confirm_identity()
    visitor.send("account_email", {"email": NEW_EMAIL, "action_add": "1"})
    user.refresh_from_db()
    assert user.email == old, "nothing changes before the new address is proved"
    assert mail.outbox[-1].to == [NEW_EMAIL]
    visitor.send(last_link())
    user.refresh_from_db()
    assert user.email == NEW_EMAIL
    assert mail.outbox[-1].to == [old]
    assert NEW_EMAIL in mail.outbox[-1].body
    assert list(EmailAddress.objects.filter(user=user).values_list("email", flat=True)) == [
        NEW_EMAIL
    ]


@pytest.mark.attaque("D05")
def test_the_pending_change_can_be_given_up(visitor):
    user = UserFactory()
    visitor.sign_in(user)
    visitor.confirm_identity()
    visitor.send("account_email", {"email": NEW_EMAIL, "action_add": "1"})
    assert NEW_EMAIL in visitor.open("account_email").text
    visitor.send("account_email", {"email": NEW_EMAIL, "action_remove": "1"})
    assert not EmailAddress.objects.filter(email=NEW_EMAIL).exists()


@pytest.mark.attaque("D05")
def test_a_person_with_an_application_can_change_address(visitor, code_clock):
    user = UserFactory(with_application=True)
    visitor.sign_in(user)
    code_clock.show_next_codes()
    visitor.confirm_identity(user)
    visitor.send("account_email", {"email": NEW_EMAIL, "action_add": "1"})
    assert EmailAddress.objects.filter(email=NEW_EMAIL, verified=False).exists()


@pytest.mark.attaque("D05")
@pytest.mark.parametrize(
    "name", ["mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn"]
)
def test_second_factors_ask_for_the_code_and_not_the_password(visitor, name):
    user = UserFactory(with_application=True)
    visitor.sign_in(user)
    assert visitor.open(name).url.startswith(reverse("mfa_reauthenticate"))
    # The page of the password leads to the one of the code.
    assert visitor.confirm_identity().url.startswith(reverse("mfa_reauthenticate"))
    assert visitor.open(name).status_code == 302


@pytest.mark.attaque("D05")
@pytest.mark.parametrize("name", ["account_email", "mfa_activate_totp", "mfa_add_webauthn"])
def test_what_protects_the_account_asks_who_is_there_and_asks_again_later(visitor, name):
    """Shown a while ago is not shown; a new address, an application and a key ask alike."""
    user = UserFactory()
    visitor.sign_in(user)

    def try_to():
        answer = visitor.send(name, {"email": NEW_EMAIL, "action_add": "1"})
        return "/confirmer-identite/" in (answer.get("Location") or "")

    assert try_to()
    visitor.confirm_identity()
    assert not try_to()
    session = visitor.session
    shown = session[AUTHENTICATION_METHODS_SESSION_KEY]
    for each in shown:
        each["at"] -= app_settings.REAUTHENTICATION_TIMEOUT + 1
    session[AUTHENTICATION_METHODS_SESSION_KEY] = shown
    session.save()
    EmailAddress.objects.filter(email=NEW_EMAIL).delete()
    assert try_to()
    assert not EmailAddress.objects.filter(email=NEW_EMAIL).exists()
    assert app_settings.REAUTHENTICATION_TIMEOUT <= 300


@pytest.mark.attaque("D05")
def test_removing_the_application_is_told_by_mail(visitor, code_clock):
    user = UserFactory(with_application=True)
    visitor.sign_in(user)
    code_clock.show_next_codes()
    visitor.confirm_identity(user)
    visitor.send("mfa_deactivate_totp")
    assert not user.authenticator_set.exists()
    assert mail.outbox[-1].subject == "Double authentification retirée"


@pytest.mark.attaque("D05")
def test_the_password_is_asked_before_a_new_one(visitor):
    user = UserFactory()
    visitor.sign_in(user)
    new = "cinq canards au bord du lac"
    visitor.send(
        "account_change_password", {"oldpassword": "faux", "password1": new, "password2": new}
    )
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_guessing_the_password_again_is_limited(visitor):
    visitor.sign_in(UserFactory())
    codes = [visitor.confirm_identity(password="faux").status_code for _ in range(7)]
    assert codes[0] == 200
    assert codes[-1] == 429


def test_the_profile_shows_what_protects_the_account(visitor):
    user = UserFactory(prenom="Aïcha", nom="Benali")
    visitor.sign_in(user)
    page = visitor.open("account_profile")
    assert user.email in page.text
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    visitor.send("account_profile", {"prenom": "Aïcha", "nom": "Benali-Roux", "email": "x@y.fr"})
    user.refresh_from_db()
    assert user.nom == "Benali-Roux"
    assert user.email != "x@y.fr"


@pytest.mark.parametrize(
    "name", ["account_profile", "account_email", "mfa_index", "usersessions_list"]
)
def test_a_stranger_is_led_to_sign_in(visitor, name):
    answer = visitor.open(name)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
