import pytest

from procurement.accounts.registry import MailOrder
from procurement.accounts.services.mails import MAILS, write_mail
from tests.procurement.accounts.factories import UserFactory


pytestmark = pytest.mark.django_db

ORIGIN = {
    "instant": "3 mars 2026 à 9 h 05",
    "ip": "192.0.2.7",
    "user_agent": "Firefox",
    "from_email": "a@region.example",
    "to_email": "b@region.example",
    "deleted_email": "c@region.example",
}


def order_for(kind, user):
    address = user.emailaddress_set.get()
    if kind.startswith("email_confirmation"):
        address.verified = False
        address.save()
    return MailOrder(kind, user.email, {**ORIGIN, "user": str(user.pk)})


@pytest.mark.parametrize("kind", MAILS)
def test_every_mail_is_french_text_and_html_without_leftovers(kind):
    message = write_mail(order_for(kind, UserFactory(prenom="Inès", nom="D’Or <b>")))
    html = message.alternatives[0].content
    for text in (message.subject, message.body, html):
        assert "{{" not in text
        assert "{%" not in text
    assert message.body.startswith("Bonjour")
    assert "\n" not in message.subject
    if MAILS[kind].bouton:
        assert "http://127.0.0.1/compte/" in message.body
        assert MAILS[kind].bouton in html
    else:
        assert "Ce n’était pas vous" in message.body


def test_an_order_survives_json():
    order = MailOrder("password_changed", "a@region.example", ORIGIN)
    assert MailOrder(**order.as_params()) == order


def test_names_are_text_and_never_markup_or_template():
    user = UserFactory(prenom="<b>{{ settings.SECRET_KEY }}</b>")
    message = write_mail(MailOrder("password_reset_key", user.email))
    assert "<b>{{ settings.SECRET_KEY }}</b>" in message.body
    assert "&lt;b&gt;{{ settings.SECRET_KEY }}" in message.alternatives[0].content


@pytest.mark.parametrize("situation", ["unknown", "closed"])
def test_nobody_is_written_to_when_there_is_no_open_account(situation):
    email = "inconnue@region.example"
    if situation == "closed":
        email = UserFactory(whose_account_was_closed=True).email
    assert write_mail(MailOrder("password_reset_key", email)) is None
    assert write_mail(MailOrder("account_already_exists", email)) is None
