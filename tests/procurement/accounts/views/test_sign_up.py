"""Signing up: verification first, nothing told about who has an account (D01, D04)."""

import itertools

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from procurement.accounts.models import User
from tests.procurement.accounts.factories import PASSWORD, UserFactory


pytestmark = pytest.mark.django_db
EMAIL = "victime@region.example"


def ask(visitor, email=EMAIL, password=PASSWORD, **fields):
    return visitor.send(
        "account_signup",
        {"prenom": "Zoé", "nom": "Petit", "email": email, "password1": password, **fields},
    )


def test_a_person_signs_up_verifies_and_signs_in(visitor, last_link):
    assert ask(visitor, email="Zoe@Region.example").url == reverse(
        "account_email_verification_sent"
    )
    assert not visitor.is_signed_in
    user = User.objects.get(email="zoe@region.example")
    assert (user.prenom, user.nom) == ("Zoé", "Petit")
    link = last_link()
    assert visitor.get(link).status_code == 200
    assert not EmailAddress.objects.get(user=user).verified, "a mail scanner opens links"
    visitor.send(link)
    assert EmailAddress.objects.get(user=user).verified
    visitor.sign_in(user)
    assert visitor.is_signed_in


def test_who_verified_her_address_signs_in_with_it_and_goes_on(visitor, last_link):
    ask(visitor, email="zoe@region.example", next="/invitations/abc/")
    login = visitor.send(last_link()).url
    assert login == f"{reverse('account_login')}?next=%2Finvitations%2Fabc%2F"
    page = visitor.get(login).text
    assert 'value="zoe@region.example"' in page
    assert 'name="next" value="/invitations/abc/"' in page
    # Once: whoever sits down there next does not read it.
    assert "zoe@region.example" not in visitor.get(reverse("account_login")).text
    user = User.objects.get(email="zoe@region.example")
    answer = visitor.send(
        "account_login", {"login": user.email, "password": PASSWORD, "next": "/invitations/abc/"}
    )
    assert answer.url == "/invitations/abc/"


def test_on_another_device_the_address_is_written_all_the_same(visitor, new_visitor, last_link):
    ask(visitor, email="zoe@region.example", next="/invitations/abc/")
    elsewhere = new_visitor()
    login = elsewhere.send(last_link()).url
    assert login == reverse("account_login")
    assert 'value="zoe@region.example"' in elsewhere.get(login).text
    assert "zoe@region.example" not in visitor.get(reverse("account_login")).text


def test_one_never_goes_on_to_another_site(visitor, last_link):
    ask(visitor, email="zoe@region.example", next="https://mechant.example/")
    assert visitor.send(last_link()).url == reverse("account_login")


@pytest.mark.attaque("D01")
def test_what_the_browser_keeps_of_a_sign_up_tells_nothing(new_visitor):
    known, kept = UserFactory(), []
    for email in (known.email, EMAIL):
        visitor = new_visitor()
        answer = ask(visitor, email=email, next="/invitations/abc/")
        kept.append((answer.url, sorted(answer.cookies), sorted(visitor.cookies)))
        assert email not in visitor.get(reverse("account_login")).text
    assert kept[0] == kept[1]


def test_the_form_says_what_is_wrong(visitor):
    answer = ask(visitor, password="court", nom="\u202e")
    assert answer.status_code == 200
    assert "au moins 15 caractères" in answer.text
    assert "invisible" in answer.text
    assert ask(visitor, password="victime@region.exam").status_code == 200
    assert not User.objects.exists()


@pytest.mark.attaque("A15")
def test_extra_fields_are_ignored(visitor):
    ask(visitor, is_administrateur="on", is_active="", id="00000000-0000-0000-0000-000000000001")
    user = User.objects.get(email=EMAIL)
    assert user.is_active
    assert not user.is_administrateur
    assert str(user.pk) != "00000000-0000-0000-0000-000000000001"


@pytest.mark.attaque("D01")
def test_the_answer_is_the_same_for_a_known_address(new_visitor):
    known = UserFactory()
    answers = [ask(new_visitor(), email=email) for email in (known.email, EMAIL)]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].url == answers[1].url
    assert [message.subject for message in mail.outbox] == [
        "Vous avez déjà un compte",
        "Vérifiez votre adresse",
    ]


@pytest.mark.attaque("D01")
def test_time_tells_nothing_at_sign_up(new_visitor, mail_orders, same_time):
    known, fresh = UserFactory(), itertools.count()

    def sign_up(email):
        cache.clear()
        visitor = new_visitor()
        visitor.open("account_signup")
        return lambda: ask(visitor, email=email)

    assert same_time(
        lambda number: sign_up(known.email),
        lambda number: sign_up(f"x{next(fresh)}@region.example"),
    )


@pytest.mark.attaque("D04")
def test_who_signs_up_first_with_the_address_of_another_gains_nothing(new_visitor, last_link):
    attacker, victim = new_visitor(), new_visitor(ip="192.0.2.2")
    ask(attacker, password="le secret du voleur")
    assert not attacker.is_signed_in
    user = User.objects.get(email=EMAIL)
    # The attacker cannot sign in without the mailbox.
    attacker.sign_in(user, "le secret du voleur")
    assert not attacker.is_signed_in

    cache.clear()  # one verification mail per address every three minutes
    ask(victim)
    assert mail.outbox[-1].subject == "Vous avez déjà un compte"
    victim.get(last_link(), follow=True)
    user.refresh_from_db()
    assert not user.check_password("le secret du voleur")
    choose = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": last_link().split("/")[-2].split("-")[0], "key": "set-password"},
    )
    victim.send(choose, {"password1": PASSWORD, "password2": PASSWORD})
    victim.sign_in(user)
    assert victim.is_signed_in
    assert User.objects.count() == 1
    attacker.sign_in(user, "le secret du voleur")
    assert not attacker.is_signed_in


@pytest.mark.attaque("D04")
def test_a_change_of_address_never_verified_does_not_hold_the_address(new_visitor):
    squatter = UserFactory()
    browser = new_visitor()
    browser.sign_in(squatter)
    browser.confirm_identity()
    browser.send("account_email", {"email": EMAIL, "action_add": "1"})
    assert EmailAddress.objects.filter(email=EMAIL, user=squatter, verified=False).exists()
    ask(new_visitor(ip="192.0.2.2"))
    assert User.objects.get(email=EMAIL).pk != squatter.pk
    assert not EmailAddress.objects.filter(email=EMAIL, user=squatter).exists()
