"""A forgotten password: nothing told (D01), the link is ours (D03), it serves once."""

import pytest
from django.core import mail
from django.urls import reverse

from tests.procurement.accounts.factories import PASSWORD, UserFactory


pytestmark = pytest.mark.django_db
NEW = "cinq canards au bord du lac"


def ask(visitor, email, **extra):
    return visitor.send("account_reset_password", {"email": email}, **extra)


@pytest.mark.attaque("D01")
def test_known_and_unknown_addresses_do_the_same_in_the_request(new_visitor, mail_orders):
    closed = UserFactory(whose_account_was_closed=True)
    answers = [
        ask(new_visitor(), email)
        for email in (UserFactory().email, closed.email, "inconnue@region.example")
    ]
    assert {(answer.status_code, answer.url) for answer in answers} == {
        (302, reverse("account_reset_password_done"))
    }
    assert [order.kind for order in mail_orders] == ["password_reset_key"] * 3
    assert all(not order.context for order in mail_orders)


def test_an_unknown_address_is_written_nothing(visitor):
    ask(visitor, "inconnue@region.example")
    assert not mail.outbox


def test_the_link_serves_once_and_closes_what_was_open(new_visitor, last_link):
    user = UserFactory()
    open_elsewhere, visitor = new_visitor(ip="192.0.2.2"), new_visitor()
    open_elsewhere.sign_in(user)
    ask(visitor, user.email)
    link = last_link()
    choose = visitor.get(link).url
    assert "set-password" in choose, "the key leaves the address before the page is shown"
    assert visitor.send(choose, {"password1": "court", "password2": "court"}).status_code == 200
    assert visitor.send(choose, {"password1": NEW, "password2": NEW}).status_code == 302
    assert not open_elsewhere.is_signed_in
    assert not visitor.is_signed_in
    assert mail.outbox[-1].subject == "Votre mot de passe a été remplacé"
    assert "ne sert plus" in visitor.get(link).text
    assert visitor.sign_in(user, PASSWORD).status_code == 200
    visitor.sign_in(user, NEW)
    assert visitor.is_signed_in


@pytest.mark.attaque("D03")
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1@evil.example"},
        {"host": "127.0.0.1,evil.example"},
    ],
)
def test_a_forged_host_is_refused(visitor, headers):
    user = UserFactory()
    visitor.open("account_login")
    assert ask(visitor, user.email, headers=headers).status_code == 400
    assert not mail.outbox


@pytest.mark.attaque("D03")
def test_a_forged_forwarded_host_does_not_reach_the_link(visitor, settings):
    user = UserFactory()
    # Even where the deployment let every host in, the link is the configured one.
    settings.ALLOWED_HOSTS = ["*"]
    visitor.open("account_login")
    ask(visitor, user.email, headers={"x-forwarded-host": "evil.example"})
    ask(visitor, user.email, headers={"host": "evil.example"})
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert "http://127.0.0.1/compte/" in message.body
        assert "evil" not in message.body + message.alternatives[0].content


@pytest.mark.attaque("D01")
def test_asking_too_often_is_refused(visitor):
    user = UserFactory()
    codes = [ask(visitor, user.email).status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]
