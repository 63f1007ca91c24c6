"""Who runs the platform, and whose account is open: never changed without an entry of the journal."""

# ruff: noqa: S608, PT012 - statements made of the names below; a refusal comes with the commit

import json

import psycopg2
import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from procurement.accounts.models import User
from procurement.accounts.services import (
    create_user,
    deactivate_user,
    edit_profile,
    prove_address,
    reactivate_user,
)
from procurement.audit.registry import digest_of
from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN, verify_evidence


@pytest.fixture
def people(cloned_database):
    """An ordinary account, an administrateur, a closed account, one that was opened again."""
    made = {
        name: create_user(
            by=None, email=f"{name}@region.example", prenom="Ana", nom=name.title(),
            is_administrateur=name == "admin",
        )
        for name in ("ordinaire", "admin", "ferme", "rouvert")
    }  # fmt: skip
    for name in ("ferme", "rouvert"):
        deactivate_user(by=made["admin"], user=made[name], motif="Départ")
    reactivate_user(by=made["admin"], user=made["rouvert"], motif="Retour")
    return made


CHANGES = [
    "is_administrateur = true WHERE email LIKE 'ordinaire%'",
    "is_administrateur = false WHERE email LIKE 'admin%'",
    "is_active = false, deactivated_at = now() WHERE email LIKE 'ordinaire%'",
    "is_active = true, deactivated_at = NULL WHERE email LIKE 'ferme%'",
    "deactivated_at = '2020-01-01' WHERE email LIKE 'ferme%'",
    "nom = 'Autre' WHERE email LIKE 'ordinaire%'",
    "prenom = 'Zoé' WHERE email LIKE 'ferme%'",
]


@pytest.mark.attaque("G01")
def test_the_site_alone_cannot_give_or_take_a_right(people, connect_as):
    with connect_as("app_web").cursor() as cursor:
        for change in CHANGES:
            with pytest.raises(psycopg2.errors.RestrictViolation, match="pas sa ligne au journal"):
                cursor.execute(f"UPDATE accounts_user SET {change}")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        connect_as("app_worker").cursor().execute("UPDATE accounts_user SET is_active = is_active")


@pytest.mark.attaque("G03")
def test_an_administrateur_is_not_made_in_two_steps(people):
    """Born ordinary, raised in the same transaction: refused like the rest."""
    with pytest.raises(IntegrityError, match="pas sa ligne au journal"), transaction.atomic():
        user = User.objects.create_user("faux@region.example", prenom="Ana", nom="Faux")
        User.objects.filter(pk=user.pk).update(is_administrateur=True)
    with pytest.raises(IntegrityError, match="pas sa ligne au journal"):
        User.objects.create_user(
            "faux@region.example", prenom="Ana", nom="Faux", is_administrateur=True
        )
    assert verify_evidence().breaks == []


@pytest.mark.attaque("G02")
def test_the_verification_names_what_a_superuser_changed(people, rewritten):
    for change in CHANGES:
        with rewritten(f"UPDATE accounts_user SET {change}"):
            assert [found.kind for found in verify_evidence().breaks] == ["ligne"], change
    assert verify_evidence().breaks == []


@pytest.mark.attaque("G02")
def test_an_account_slipped_in_as_administrateur_is_named(people, rewrite):
    rewrite(
        "INSERT INTO accounts_user (id, password, email, prenom, nom, is_active, is_administrateur,"
        " is_password_short, created_at) VALUES (gen_random_uuid(), '', 'x@x.example', 'A', 'B',"
        " true, true, false, now())"
    )
    (found,) = verify_evidence().breaks
    assert "n’a pas d’histoire" in found.words


def test_an_ordinary_account_needs_no_right_to_live(people, connect_as):
    """Being born, signing in, changing one's password: neither a right nor a name changes."""
    User.objects.create_user("libre@region.example", "quatre petits moutons", prenom="A", nom="B")
    connect_as("app_web").cursor().execute(
        "UPDATE accounts_user SET last_login = now(), password = 'x'"
    )
    assert verify_evidence().breaks == []


@pytest.mark.attaque("G01")
def test_the_author_of_past_words_is_not_given_another_name(people, connect_as):
    """Pages of the history show the name of the account: a name slipped in would sign for another."""
    user = people["ordinaire"]
    edit_profile(by=user, prenom="Anna", nom="Le Goff")
    with (
        pytest.raises(psycopg2.errors.RestrictViolation, match="sa ligne"),
        connect_as("app_web").cursor() as cursor,
    ):
        cursor.execute("UPDATE accounts_user SET prenom = 'Paul' WHERE id = %s", [str(user.pk)])
    entry = list_entries(PLATFORM_CHAIN, limit=1, objet=f"accounts_user:{user.pk}")[0]
    assert (entry.action, entry.corps["etat"]["nom"]) == ("accounts:user:renamed", "Le Goff")
    assert entry.corps["details"]["apres"] == "Anna Le Goff"


ADDRESSES = {
    "marked as proved": "UPDATE account_emailaddress SET verified = true WHERE NOT verified",
    "another in its place": (
        "UPDATE account_emailaddress SET email = 'voleur@mechant.example'"
        " WHERE email LIKE 'ordinaire%'"
    ),
    "given to somebody else": (
        'UPDATE account_emailaddress SET "primary" = false, user_id = (SELECT id FROM accounts_user WHERE email LIKE'
        " 'ferme%') WHERE email LIKE 'ordinaire%'"
    ),
    "added, proved": (
        'INSERT INTO account_emailaddress (email, verified, "primary", user_id)'
        " SELECT 'voleur@mechant.example', true, false, id FROM accounts_user LIMIT 1"
    ),
}


@pytest.fixture
def unproved(people):
    """An address that waits for its owner to prove it."""
    return EmailAddress.objects.create(user=people["rouvert"], email="attend@region.example")


@pytest.mark.attaque("G01")
@pytest.mark.parametrize("name", ADDRESSES)
def test_the_site_alone_proves_no_address(people, unproved, connect_as, name):
    with (
        pytest.raises(psycopg2.errors.RestrictViolation, match="sa ligne"),
        connect_as("app_web").cursor() as cursor,
    ):
        cursor.execute(ADDRESSES[name])


@pytest.mark.attaque("G01")
def test_the_event_of_another_address_proves_nothing(people, unproved, connect_as):
    """Told in the same transaction, of the same person, but of an address of hers that was proved."""
    owner = people["rouvert"]
    proved = EmailAddress.objects.get(user=owner, verified=True)
    web = connect_as("app_web")
    web.autocommit = False
    with web.cursor() as cursor:
        cursor.execute(
            "SELECT journal_ajouter(%s::uuid, 'x', 'accounts:email:verified', %s, NULL, NULL, %s)",
            [str(PLATFORM_CHAIN), f"accounts_user:{owner.pk}",
             json.dumps({"details": {"adresse": digest_of(proved)}})],
        )  # fmt: skip
        cursor.execute(ADDRESSES["marked as proved"])
        with pytest.raises(psycopg2.errors.RestrictViolation, match="sa ligne"):
            web.commit()


@pytest.mark.attaque("G02")
@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_that_a_superuser_proved_is_named(people, unproved, rewrite, name):
    """Positive control too: without its trigger, each of these passes."""
    assert verify_evidence().breaks == []
    rewrite(ADDRESSES[name])
    (found,) = verify_evidence().breaks
    assert (found.kind, found.chain) == ("ligne", PLATFORM_CHAIN)
    assert "account_emailaddress" in found.words


def test_an_address_that_its_owner_proves_is_told_by_its_digest_alone(people, unproved, connect_as):
    prove_address(by=people["rouvert"], address=unproved)
    connect_as("app_web").cursor().execute('UPDATE account_emailaddress SET "primary" = "primary"')
    entry = list_entries(PLATFORM_CHAIN, limit=1, objet=f"accounts_user:{people['rouvert'].pk}")[0]
    assert entry.corps["details"] == {"adresse": digest_of(unproved)}
    assert "attend@" not in json.dumps(entry.corps)
    assert verify_evidence().breaks == []


def test_each_change_of_right_is_told_with_its_author(people):
    told = [
        (entry.action, entry.acteur, entry.corps["etat"]["is_active"])
        for entry in list_entries(
            PLATFORM_CHAIN, limit=50, objet=f"accounts_user:{people['rouvert'].pk}"
        )
    ]
    admin = f"acheteur:{people['admin'].pk}"
    assert told == [
        ("accounts:user:reactivated", admin, True),
        ("accounts:user:deactivated", admin, False),
        ("accounts:user:created", "systeme:accounts:user:created", True),
    ]
