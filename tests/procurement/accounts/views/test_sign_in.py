"""Signing in: limits (D02), sessions that die (D06), forged requests (D08), same answer (D01)."""

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.urls import reverse

from procurement.accounts.checks import check_proxies_are_as_many
from procurement.accounts.services import deactivate_user
from tests.procurement.accounts.factories import PASSWORD, UserFactory


pytestmark = pytest.mark.django_db
NEW = "cinq canards au bord du lac"


def miss(visitor, email, **extra):
    return visitor.send("account_login", {"login": email, "password": "faux"}, **extra)


def test_sign_in_and_out(visitor):
    user = UserFactory()
    answer = visitor.sign_in(user)
    assert answer.status_code == 302
    assert visitor.is_signed_in
    # A page that only reads must not close the session.
    visitor.open("account_logout")
    assert visitor.is_signed_in
    visitor.send("account_logout")
    assert not visitor.is_signed_in


def test_a_miss_says_that_nobody_signed_in(visitor):
    page = miss(visitor, UserFactory().email).content.decode()
    assert "La connexion n’a pas abouti" in page
    assert "enregistré" not in page


def test_the_next_page_stays_on_the_site(visitor):
    user = UserFactory()
    answer = visitor.send(
        "account_login",
        {"login": user.email, "password": PASSWORD, "next": "https://mechant.example/"},
    )
    assert answer.url == "/"


@pytest.mark.attaque("D01")
def test_the_answer_is_the_same_for_an_unknown_address(new_visitor):
    answers = [miss(new_visitor(), email) for email in (UserFactory().email, "x@region.example")]
    assert {answer.status_code for answer in answers} == {200}
    assert {tuple(answer.context["form"].non_field_errors()) for answer in answers} == {
        ("Cette adresse et ce mot de passe ne vont pas ensemble.",)
    }


@pytest.mark.attaque("D01")
def test_time_tells_nothing_at_sign_in(new_visitor, same_time):
    known = UserFactory()

    def try_to(email):
        cache.clear()
        visitor = new_visitor()
        visitor.open("account_login")
        return lambda: miss(visitor, email)

    assert same_time(
        lambda number: try_to(known.email), lambda number: try_to(f"x{number}@region.example")
    )


@pytest.mark.attaque("D02")
def test_one_address_of_the_network_is_stopped_after_ten_misses(new_visitor):
    visitor = new_visitor()
    codes = [miss(visitor, f"x{number}@region.example").status_code for number in range(12)]
    assert codes == [200] * 10 + [429] * 2


@pytest.mark.attaque("D02")
def test_a_forged_forwarded_header_changes_nothing(new_visitor):
    visitor = new_visitor()
    codes = [
        miss(
            visitor, f"x{number}@region.example", headers={"x-forwarded-for": f"203.0.113.{number}"}
        ).status_code
        for number in range(11)
    ]
    assert codes[-1] == 429


@pytest.mark.attaque("D02")
def test_one_account_is_stopped_after_five_misses_from_everywhere(new_visitor):
    user = UserFactory()
    codes = [
        miss(new_visitor(ip=f"198.51.100.{number}"), user.email).status_code for number in range(7)
    ]
    assert codes == [200] * 5 + [429] * 2
    late = new_visitor(ip="198.51.100.99")
    assert late.sign_in(user).status_code == 429
    assert not late.is_signed_in


@pytest.mark.attaque("D02")
def test_a_good_sign_in_does_not_give_new_tries(new_visitor):
    user = UserFactory()
    for number in range(9):
        miss(new_visitor(), f"x{number}@region.example")
    assert new_visitor().sign_in(user).status_code == 302
    codes = [miss(new_visitor(), f"y{number}@region.example").status_code for number in range(3)]
    assert codes == [200, 429, 429]


@pytest.mark.attaque("D02")
def test_the_refusal_is_a_page_in_french(new_visitor):
    visitor = new_visitor()
    for number in range(10):
        miss(visitor, f"x{number}@region.example")
    answer = miss(visitor, "x@region.example")
    assert answer.status_code == 429
    assert "Trop d" in answer.text


def test_more_proxies_declared_than_there_are_does_not_close_the_site(new_visitor, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    user = UserFactory()
    assert check_proxies_are_as_many() == []
    answer = new_visitor().sign_in(user, headers={"x-forwarded-for": "203.0.113.1"})
    assert answer.status_code == 302
    # Who runs the server is told, until as many are declared as there are.
    assert [one.id for one in check_proxies_are_as_many()] == ["accounts.E006"]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert check_proxies_are_as_many() == []


def test_a_proxy_declared_where_there_is_none_is_told_too(new_visitor, settings):
    """Reached directly, the site would believe the address that each try invents."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert check_proxies_are_as_many() == []
    # Positive control: through one proxy, nothing is wrong.
    user = UserFactory()
    assert (
        new_visitor().sign_in(user, headers={"x-forwarded-for": "203.0.113.1"}).status_code == 302
    )
    assert check_proxies_are_as_many() == []
    assert new_visitor().sign_in(user).status_code == 302
    assert [one.id for one in check_proxies_are_as_many()] == ["accounts.E006"]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert check_proxies_are_as_many() == []


@pytest.mark.attaque("D06")
def test_an_old_cookie_is_worth_nothing_after_sign_out(visitor):
    visitor.sign_in(UserFactory())
    old = visitor.cookies["seance"].value
    visitor.send("account_logout")
    visitor.cookies["seance"] = old
    assert not visitor.is_signed_in


@pytest.mark.attaque("D06")
def test_a_cookie_set_before_sign_in_is_replaced(visitor):
    visitor.open("account_signup")
    visitor.send("account_login", {"login": "x@region.example", "password": "faux"})
    before = visitor.session.session_key
    visitor.sign_in(UserFactory())
    assert visitor.cookies["seance"].value != before


@pytest.mark.attaque("D06")
def test_deactivation_closes_every_session_at_the_next_request(new_visitor):
    user = UserFactory()
    visitors = [new_visitor(), new_visitor(ip="192.0.2.2")]
    for visitor in visitors:
        visitor.sign_in(user)
    deactivate_user(by=None, user=user, motif="Départ")
    assert not any(visitor.is_signed_in for visitor in visitors)
    assert not UserSession.objects.exists()
    assert visitors[0].sign_in(user).url == reverse("account_inactive")
    assert not visitors[0].is_signed_in


@pytest.mark.attaque("D06")
@pytest.mark.attaque("D05")
def test_a_new_password_closes_the_other_sessions(new_visitor, mailoutbox):
    user = UserFactory()
    here, elsewhere = new_visitor(), new_visitor(ip="192.0.2.2")
    here.sign_in(user)
    elsewhere.sign_in(user)
    here.confirm_identity()
    answer = here.send(
        "account_change_password", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )
    assert answer.status_code == 302
    assert here.is_signed_in
    assert not elsewhere.is_signed_in
    assert mailoutbox[-1].subject == "Votre mot de passe a changé"
    assert mailoutbox[-1].to == [user.email]


def test_the_other_sessions_can_be_closed(new_visitor):
    user = UserFactory()
    here, elsewhere = new_visitor(), new_visitor(ip="192.0.2.2")
    here.sign_in(user)
    elsewhere.sign_in(user)
    assert "Depuis l’adresse 192.0.2.2" in here.open("usersessions_list").text
    assert here.send("usersessions_list").url.startswith(reverse("account_reauthenticate"))
    assert elsewhere.is_signed_in, "a session left open closes no other"
    here.confirm_identity()
    here.send("usersessions_list")
    assert here.is_signed_in
    assert not elsewhere.is_signed_in


@pytest.mark.attaque("D08")
@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_logout",
        "account_email",
    ],
)
def test_a_form_without_its_token_is_refused(visitor, name):
    visitor.sign_in(UserFactory())
    assert visitor.post(reverse(name), {}).status_code == 403


@pytest.mark.attaque("D08")
def test_a_form_from_another_site_is_refused(visitor):
    user = UserFactory()
    answer = visitor.send(
        "account_login",
        {"login": user.email, "password": PASSWORD},
        headers={"origin": "https://mechant.example"},
    )
    assert answer.status_code == 403
    assert not visitor.is_signed_in


@pytest.mark.attaque("D08")
def test_json_disguised_as_text_is_refused(visitor):
    visitor.sign_in(UserFactory())
    answer = visitor.post(reverse("account_profile"), '{"prenom": "x"}', content_type="text/plain")
    assert answer.status_code == 403


@pytest.mark.attaque("D08")
def test_a_token_planted_by_another_site_is_refused(visitor):
    visitor.open("account_login")
    answer = visitor.post(
        reverse("account_login"), {"csrfmiddlewaretoken": "a" * 64, "login": "x", "password": "y"}
    )
    assert answer.status_code == 403
