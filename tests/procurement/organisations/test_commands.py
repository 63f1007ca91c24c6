"""From an empty platform to a person who opens a marché, without a page and without the shell."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from procurement.access.services import can
from procurement.accounts.models import User
from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.jobs.models import Job
from procurement.marches.permissions import Action
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership, Organisation


pytestmark = pytest.mark.django_db

SIRET = "00032145500016"
REGION = ("create_organisation", "--nom", "Région d’essai", "--siret", "000 321 455 00016")
CLAIRE = ("--prenom", "Claire", "--nom", "Le Goff")


def call(*args):
    out = StringIO()
    call_command(*args, stdout=out)
    return json.loads(out.getvalue())


def add(email, *more, organisation=SIRET):
    return call("add_member", "--courriel", email, "--organisation", organisation, *more)


def test_the_first_agent_opens_a_marche():
    assert call(*REGION)["siret"] == SIRET
    told = add("Claire@region.example", *CLAIRE)
    assert (told["compte"], told["fonction"], told["lien"]) == ("ouvert", "agent", "")
    claire = User.objects.get(email="claire@region.example")
    assert can(claire, Action.MARCHE_CREATE)
    assert Job.objects.filter(kind="accounts:mail").count() == 1
    actions = {entry.action for entry in list_entries(PLATFORM_CHAIN)}
    assert "organisations:organisation:created" in actions
    assert "organisations:membership:added" in actions


def test_a_person_who_has_an_account_is_not_written_to_again():
    call(*REGION)
    add("claire@region.example", *CLAIRE)
    other = call("create_organisation", "--nom", "Commune", "--siret", "00048127500014")
    told = add("claire@region.example", "--fonction", "juriste", organisation=other["siret"])
    assert told["compte"] == "existant"
    assert Job.objects.filter(kind="accounts:mail").count() == 1
    assert Membership.objects.get(organisation__siret=other["siret"]).fonction == Fonction.JURISTE


def test_the_link_is_printed_when_asked():
    call(*REGION)
    assert "/compte/mot-de-passe/nouveau/" in add("c@region.example", *CLAIRE, "--lien")["lien"]
    assert not Job.objects.exists()


def test_what_is_wrong_is_said_and_leaves_nothing():
    with pytest.raises(CommandError, match="create_organisation"):
        add("claire@region.example", *CLAIRE)
    with pytest.raises(CommandError):
        call("create_organisation", "--nom", "Région", "--siret", "123")
    with pytest.raises(CommandError, match="a un SIRET"):
        call("create_organisation", "--nom", "Région")
    assert not Organisation.objects.exists()
    call(*REGION)
    with pytest.raises(CommandError, match="donnez --prenom et --nom"):
        add("claire@region.example")
    add("claire@region.example", *CLAIRE)
    with pytest.raises(CommandError, match="appartient déjà"):
        add("claire@region.example")
    assert User.objects.count() == 1


def change(email, *more):
    return call("change_member", "--courriel", email, "--organisation", SIRET, *more)


def test_who_came_from_outside_becomes_an_agent_then_leaves():
    call(*REGION)
    add("claire@region.example", *CLAIRE, "--fonction", "invite")
    claire = User.objects.get(email="claire@region.example")
    assert not can(claire, Action.MARCHE_CREATE)
    assert change("Claire@region.example", "--fonction", "agent")["fonction"] == "agent"
    assert can(claire, Action.MARCHE_CREATE)
    assert change("claire@region.example", "--fin", "--motif", "Mutation")["en_fonction"] is False
    assert not can(claire, Action.MARCHE_CREATE)
    ended = next(e for e in list_entries(PLATFORM_CHAIN) if e.action.endswith(":ended"))
    assert ended.corps["details"]["motif"] == "Mutation"


def test_a_change_that_cannot_be_is_said_and_changes_nothing():
    call(*REGION)
    add("claire@region.example", *CLAIRE, "--fonction", "juriste")
    for more in (("--fin",), ("--fonction", "agent")):
        with pytest.raises(CommandError, match="dernier juriste"):
            change("claire@region.example", *more)
    with pytest.raises(CommandError, match="n’appartient pas"):
        change("autre@region.example", "--fin")
    assert Membership.objects.get().fonction == Fonction.JURISTE
    assert Membership.objects.get().is_active


def test_an_address_is_read_as_accounts_keep_it():
    """Both commands find the same person under the same words."""
    call(*REGION)
    assert add(" Claire@Region.example ", *CLAIRE)["courriel"] == "claire@region.example"
    told = change(" CLAIRE@region.example ", "--fonction", "juriste")
    assert (told["courriel"], told["fonction"]) == ("claire@region.example", "juriste")
