"""« Messages envoyés »: mails of the demonstration are read on a page, and only there."""

import os

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail
from django.urls import reverse

from procurement.accounts import registry
from procurement.demo.seed import sign_ins


pytestmark = pytest.mark.django_db
PAGE = reverse("demo:mail_list")


@pytest.fixture
def demonstration(settings, tmp_path):
    settings.DEMO = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    return tmp_path


def test_the_page_does_not_exist_elsewhere(client, settings, tmp_path):
    settings.DEMO, settings.EMAIL_FILE_PATH = False, tmp_path
    (tmp_path / "un.log").write_bytes(b"Subject: secret\n\nsecret")
    answer = client.get(PAGE)
    assert answer.status_code == 404
    assert "secret" not in answer.content.decode()


def test_a_mail_is_read_with_its_link(client, demonstration):
    letter = EmailMultiAlternatives(
        "Invitation à « Voirie »",
        "Bonjour,\n\nhttp://127.0.0.1:8000/invitation/abc/\n",
        to=["Ana <ana@exemple.example>"],
    )
    letter.attach_alternative("<p>Autre chose</p>", "text/html")
    letter.send()
    page = client.get(PAGE).content.decode()
    assert "Invitation à « Voirie »" in page
    assert "ana@exemple.example" in page
    assert 'href="http://127.0.0.1:8000/invitation/abc/"' in page
    assert "Autre chose" not in page


@pytest.mark.parametrize("zone", ["-0000", "+0000", "+0100"])
def test_a_mail_bears_the_hour_of_here(client, demonstration, zone):
    """Django writes « -0000 »: universal time that does not say it is."""
    hour = 20 if zone == "+0100" else 19
    (demonstration / "un.log").write_text(
        f"Subject: Avis\nTo: ana@exemple.example\nDate: Sun, 22 Nov 2026 {hour}:10:00 {zone}\n\nTexte"
    )
    assert "20\u00a0h\u00a010" in client.get(PAGE).content.decode()


def test_the_latest_comes_first_and_nothing_in_it_runs(client, demonstration):
    # One file each, as two connections write them; Django names them by the second and by chance.
    for rank, subject in enumerate(("Premier", "Second")):
        path = demonstration / f"{rank}.log"
        path.write_text(f"Subject: {subject}\nTo: ana@exemple.example\n\n<script>alert(1)</script>")
        os.utime(path, (rank, rank))
    with get_connection() as connection:
        for subject in ("Troisième", "Quatrième"):
            send_mail(subject, "…", None, ["ana@exemple.example"], connection=connection)
    page = client.get(PAGE).content.decode()
    places = [page.index(word) for word in ("Quatrième", "Troisième", "Second", "Premier")]
    assert places == sorted(places)
    assert "<script>alert" not in page


def test_a_folder_that_does_not_exist_yet_is_an_empty_list(client, demonstration, settings):
    settings.EMAIL_FILE_PATH = demonstration / "pas-encore"
    assert "Aucun message n’est encore parti" in client.get(PAGE).content.decode()


def test_mails_that_really_leave_are_not_shown(client, settings):
    settings.DEMO = True
    assert "envoie ses courriels pour de bon" in client.get(PAGE).content.decode()


def test_the_sign_in_page_offers_the_accounts_in_the_demonstration_alone(
    client, demonstration, monkeypatch, settings
):
    monkeypatch.setattr(registry, "_sign_ins", list(sign_ins()))
    page = client.get(reverse("account_login")).content.decode()
    assert "Écrire un marché public à plusieurs" in page
    assert page.count("Entrer comme") == 12
    assert PAGE in page
    settings.DEMO = False
    page = client.get(reverse("account_login")).content.decode()
    assert "Écrire un marché public à plusieurs" in page
    assert "demonstration-armor" not in page
    assert PAGE not in page


def test_one_button_signs_in(client, demonstration, monkeypatch):
    from tests.procurement.accounts.factories import PASSWORD, UserFactory  # noqa: PLC0415

    user = UserFactory()
    person = registry.SignIn(user.email, PASSWORD, str(user), "Agente", "Région")
    monkeypatch.setattr(registry, "_sign_ins", [person])
    page = client.get(reverse("account_login")).content.decode()
    assert f'name="login" value="{user.email}"' in page
    sent = {"login": user.email, "password": person.password}
    assert client.post(reverse("account_login"), sent).url == "/"
