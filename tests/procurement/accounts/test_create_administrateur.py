"""The first administrateur of a platform: told in the journal, written to, and nobody by accident."""

import json
import re
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from procurement.accounts.models import User
from procurement.accounts.services import deactivate_user
from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from tests.procurement.accounts.factories import UserFactory


pytestmark = pytest.mark.django_db

WHO = ("--courriel", "Admin@region.example", "--prenom", "Odile", "--nom", "Le Bihan")


def call(*more):
    out = StringIO()
    call_command("create_administrateur", *WHO, *more, stdout=out)
    return out.getvalue()


def test_the_account_is_opened_journaled_and_written_to():
    said = call()
    user = User.objects.get(email="admin@region.example")
    assert user.is_administrateur
    assert not user.has_usable_password()
    assert "http" not in said, "the link goes to its owner only"
    told = [entry for entry in list_entries(PLATFORM_CHAIN) if str(user.pk) in entry.objet]
    assert {"accounts:user:created", "accounts:administrateur:named"} <= {e.action for e in told}
    assert all(entry.acteur.startswith("systeme:") for entry in told)
    run_job(Job.objects.get(kind="accounts:mail").pk)
    (sent,) = mail.outbox
    assert sent.to == ["admin@region.example"]
    assert "valable deux heures" in sent.body


def test_the_link_leads_to_a_password_of_ones_own():
    """Printed where mail does not leave yet; it opens the page where the password is chosen."""
    answer = json.loads(call("--lien", "--json"))
    assert not Job.objects.exists()
    path = re.sub("^http://[^/]+", "", answer["lien"])
    browser = Client()
    page = browser.get(path, follow=True)
    assert page.status_code == 200
    chosen = "une phrase assez longue pour tenir"
    browser.post(page.request["PATH_INFO"], {"password1": chosen, "password2": chosen})
    assert User.objects.get(email=answer["courriel"]).check_password(chosen)


def test_a_second_one_is_named_only_when_said():
    call()
    with pytest.raises(CommandError, match=r"a déjà un administrateur.*--de-plus"):
        call_command("create_administrateur", "--courriel", "b@region.example", *WHO[2:])
    assert User.objects.filter(is_administrateur=True).count() == 1
    call_command(
        "create_administrateur", "--courriel", "b@region.example", *WHO[2:], "--de-plus",
        stdout=StringIO(),
    )  # fmt: skip
    assert User.objects.filter(is_administrateur=True).count() == 2


def test_when_the_only_one_has_left_the_next_one_is_the_first():
    call()
    only = User.objects.get(is_administrateur=True)
    deactivate_user(by=None, user=only, motif="Départ")
    call_command(
        "create_administrateur", "--courriel", "b@region.example", *WHO[2:], stdout=StringIO()
    )
    assert User.objects.active().get(is_administrateur=True).email == "b@region.example"


def test_nobody_at_work_is_turned_into_one():
    agent = UserFactory(email="admin@region.example")
    with pytest.raises(CommandError, match="une adresse à part"):
        call()
    agent.refresh_from_db()
    assert not agent.is_administrateur


def test_a_wrong_address_is_refused_in_french():
    with pytest.raises(CommandError, match="adresse"):
        call_command("create_administrateur", "--courriel", "pas une adresse", *WHO[2:])
    assert not User.objects.exists()
