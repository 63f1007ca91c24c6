"""The second factor where it is compulsory (D07), and what each session leaves."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from procurement.accounts import registry
from procurement.accounts.middleware import BEFORE_SECOND_FACTOR
from procurement.accounts.services import prove_address
from procurement.audit.services import recording
from tests.procurement.accounts.factories import PASSWORD, UserFactory, totp_code


pytestmark = pytest.mark.django_db
HTML = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def administrator():
    return UserFactory(platform_administrator=True)


@pytest.fixture
def signed_in(visitor, administrator):
    visitor.sign_in(administrator)
    return visitor


@pytest.mark.attaque("D07")
@pytest.mark.parametrize(
    "name", ["account_profile", "account_email", "account_change_password", "usersessions_list"]
)
def test_a_page_leads_to_the_setting_up(signed_in, name):
    answer = signed_in.open(name)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("mfa_index"))


@pytest.mark.attaque("D07")
@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "application/json"},
        {"sec-fetch-dest": "empty", "accept": "*/*"},
        {"x-requested-with": "XMLHttpRequest"},
    ],
)
def test_a_request_for_data_gets_403_and_a_sentence(signed_in, headers):
    answer = signed_in.get(reverse("account_profile"), headers=headers)
    assert answer.status_code == 403
    assert "double authentification" in answer.json()["erreur"]


@pytest.mark.attaque("D07")
def test_a_json_post_gets_403(signed_in):
    token = signed_in.cookies["csrf"].value
    answer = signed_in.post(
        reverse("account_profile"), {}, "application/json", headers={"x-csrftoken": token}
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "second_facteur"


@pytest.mark.attaque("D07")
def test_htmx_leaves_the_page(signed_in):
    answer = signed_in.get(reverse("account_profile"), headers={"hx-request": "true"})
    assert answer.status_code == 403
    assert answer.headers["HX-Redirect"] == reverse("mfa_index")


@pytest.mark.attaque("D07")
def test_a_form_is_not_taken(signed_in, administrator):
    answer = signed_in.send("account_profile", {"prenom": "Autre", "nom": "Nom"}, headers=HTML)
    assert answer.status_code == 302
    administrator.refresh_from_db()
    assert administrator.prenom != "Autre"


@pytest.mark.attaque("D07")
def test_an_unknown_address_tells_nothing_either(signed_in):
    assert signed_in.get("/nulle-part/", headers=HTML).status_code == 302


@pytest.mark.attaque("D07")
def test_only_the_setting_up_and_the_way_out_are_open(signed_in):
    assert signed_in.open("mfa_index").status_code == 200
    assert {"mfa_deactivate_totp", "mfa_remove_webauthn", "account_email"}.isdisjoint(
        BEFORE_SECOND_FACTOR
    )
    assert signed_in.send("account_logout").status_code == 302
    assert not signed_in.is_signed_in


@pytest.mark.attaque("D07")
def test_with_an_application_sign_in_asks_the_code_and_a_code_serves_once(new_visitor):
    user = UserFactory(platform_administrator=True, with_application=True)
    first, second = new_visitor(), new_visitor(ip="192.0.2.9")
    answer = first.send("account_login", {"login": user.email, "password": PASSWORD})
    assert answer.url == reverse("mfa_authenticate")
    assert not first.is_signed_in
    code = totp_code(user)
    first.send("mfa_authenticate", {"code": code})
    assert first.is_signed_in
    second.send("account_login", {"login": user.email, "password": PASSWORD})
    assert second.send("mfa_authenticate", {"code": code}).status_code == 200
    assert not second.is_signed_in


@pytest.mark.attaque("D07")
def test_a_new_password_by_mail_does_not_skip_the_code(visitor, last_link):
    user = UserFactory(with_application=True)
    visitor.send("account_reset_password", {"email": user.email})
    choose = visitor.get(last_link()).url
    new = "cinq canards au bord du lac"
    visitor.send(choose, {"password1": new, "password2": new})
    assert not visitor.is_signed_in
    answer = visitor.send("account_login", {"login": user.email, "password": new})
    assert answer.url == reverse("mfa_authenticate")
    assert not visitor.is_signed_in


def test_a_role_given_while_signed_in_acts_at_the_next_request(visitor, monkeypatch):
    user, other = UserFactory(), UserFactory()
    monkeypatch.setattr(
        registry,
        "_predicates",
        [lambda person: EmailAddress.objects.filter(user=person, primary=False)],
    )
    visitor.sign_in(user)
    prove_address(by=None, address=EmailAddress(user=other, email="autre@region.example"))
    assert visitor.open("account_profile").status_code == 200
    given = EmailAddress(user=user, email="role@region.example")
    prove_address(by=None, address=given)
    assert visitor.open("account_profile").url.startswith(reverse("mfa_index"))
    given.delete()
    assert visitor.open("account_profile").status_code == 200


def test_the_demonstration_does_not_ask(signed_in, settings):
    settings.DEMO = True
    assert signed_in.open("account_profile").status_code == 200


def test_the_last_factor_of_somebody_who_must_have_one_stays(visitor, code_clock):
    user = UserFactory(platform_administrator=True, with_application=True)
    visitor.sign_in(user)
    code_clock.show_next_codes()
    visitor.confirm_identity(user)
    assert "ne peut pas être retirée" in visitor.open("mfa_deactivate_totp").text
    visitor.send("mfa_deactivate_totp")
    assert user.authenticator_set.filter(type="totp").exists()


def test_a_short_password_keeps_the_factor_until_it_is_replaced(visitor, code_clock):
    user = UserFactory(with_short_password=True, with_application=True)
    visitor.sign_in(user, "huit moutons")
    code_clock.show_next_codes()
    visitor.confirm_identity(user)
    visitor.send("mfa_deactivate_totp")
    assert user.authenticator_set.filter(type="totp").exists()
    user.set_password(PASSWORD)
    assert not user.is_password_short


def test_activity_is_kept_with_one_write_a_minute(visitor, django_assert_max_num_queries):
    visitor.sign_in(UserFactory())
    session = UserSession.objects.get()
    assert session.ip == "192.0.2.1"
    before = session.last_seen_at
    with django_assert_max_num_queries(5) as seen:
        visitor.open("account_logout")
    assert not [query for query in seen.captured_queries if "UPDATE" in query["sql"]]
    assert UserSession.objects.get().last_seen_at == before


def deactivate(user):
    """Close the account and nothing else: its sessions are still there."""
    with recording(by=None, tag="accounts:user:deactivated", obj=user):
        user.is_active, user.deactivated_at = False, timezone.now()
        user.save()


def change_password_elsewhere(user):
    user.set_password("cinq canards au bord du lac")
    user.save(update_fields=["password"])


def expire(user):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def end_everywhere(user):
    Session.objects.all().delete()


@pytest.mark.parametrize("act", [deactivate, change_password_elsewhere, expire, end_everywhere])
def test_a_session_that_no_longer_stands_signs_nobody_in(visitor, act):
    user = UserFactory()
    visitor.sign_in(user)
    assert visitor.open("account_profile").status_code == 200
    act(user)
    assert visitor.open("account_profile").url.startswith(reverse("account_login"))


def test_a_key_that_leads_nowhere_does_not_take_away_the_one_received_since(visitor):
    """A question of another tab, sent with the key of before and answered last."""
    user = UserFactory()
    visitor.sign_in(user)
    end_everywhere(user)
    answer = visitor.open("account_profile")
    assert answer.url.startswith(reverse("account_login"))
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
    visitor.sign_in(user)
    left = visitor.send("account_logout")
    assert left.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0


def test_only_what_the_session_holds_says_who_is_signed_in(visitor):
    """The list of sessions serves to read the person early, and is not believed."""
    user, other = UserFactory(), UserFactory(platform_administrator=True)
    visitor.sign_in(user)
    assert visitor.open("account_profile").wsgi_request.user == user
    UserSession.objects.update(user=other)
    assert visitor.open("account_profile").wsgi_request.user == user
    UserSession.objects.all().delete()
    assert visitor.open("account_profile").wsgi_request.user == user


def test_the_session_comes_with_its_person_and_the_second_factor(visitor):
    """One statement, already prepared on this connection; none of theirs beside it."""
    visitor.sign_in(UserFactory())
    visitor.open("account_profile")
    with CaptureQueriesContext(connection) as seen:
        visitor.get("/nulle-part/", headers=HTML)
    asked = [query["sql"] for query in seen]
    assert asked[0].startswith("EXECUTE")
    named = ("django_session", "mfa_authenticator", 'FROM "accounts_user"')
    assert not [sql for sql in asked if any(name in sql for name in named)]
