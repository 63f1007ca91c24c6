"""What a database administrator rewrites in a pièce is found, and told in plain French."""

import json
from contextlib import suppress
from uuid import uuid4

import psycopg2
import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.urls import reverse

from procurement.accounts.services import deactivate_user
from procurement.audit.domain import verifier
from procurement.audit.services import redact_entry, verify_evidence
from procurement.audit.services.export import export_chain
from procurement.marches.services import share_marche
from tests.services import services
from tests.support.equipe import commit, commits_url
from tests.wikimarche.domain.factories import add_mark, delete
from tests.wikimarche.factories import type_words
from wikimarche.models import Commit, Version
from wikimarche.services import name_version, restore_piece


pytestmark = pytest.mark.attaque("G02")

TABLES = (
    "wikimarche_commit", "wikimarche_version", "wikimarche_article", "wikimarche_piece",
    "reversion_version", "reversion_revision", "journal",
)  # fmt: skip
COMMIT = "UPDATE wikimarche_commit SET {} WHERE titre IS NULL AND pas::text LIKE '%%trente%%'"
VERSION = "UPDATE wikimarche_version SET {} WHERE genre = 'nommee'"

FORGERIES = {
    "a word of the steps": (COMMIT.format("pas = replace(pas::text, 'trente', 'quinze')::jsonb"), "l’enregistrement", "(pas)"),
    "the steps emptied": (COMMIT.format("pas = '[]'"), "l’enregistrement", "(pas)"),
    "the number of a commit": (COMMIT.format("numero = numero + 100"), "l’enregistrement", "(numéro)"),
    "a title slipped in": (COMMIT.format("titre = 'Faux'"), "l’enregistrement", "(nouveau titre)"),
    "words set aside": (COMMIT.format("ecartes = '[{\"place\": 0}]'"), "l’enregistrement", "n’ont pu être placés"),
    "the author of a commit": (COMMIT.format("auteur_id = (SELECT id FROM accounts_user WHERE id <> auteur_id LIMIT 1)"), "l’enregistrement", "(auteur)"),
    "a commit deleted": ("DELETE FROM wikimarche_commit WHERE pas::text LIKE '%%trente%%'", "l’enregistrement", "a disparu"),
    "a commit forged": ("INSERT INTO wikimarche_commit SELECT gen_random_uuid(), numero + 50, NULL, base, pas, ecartes, titre, article_id, auteur_id, (SELECT min(revision_id) FROM wikimarche_version WHERE article_id = c.article_id) FROM wikimarche_commit c LIMIT 1", "L’enregistrement", "n’a pas de ligne au journal"),
    "the hash of a version": (VERSION.format("empreinte = repeat('0', 64)"), "la version", "(empreinte)"),
    "the kind of a version": (VERSION.format("genre = 'import'"), "la version", "(genre)"),
    "the name of a version": (VERSION.format("nom = 'Visée par tous'"), "la version", "(nom)"),
    "the number of a version": (VERSION.format("numero = numero + 100"), "la version", "(numéro)"),
    "the session of a version": (VERSION.format("seance = 1"), "la version", "(séance)"),
    "the summary of a version": (VERSION.format("resume = 'x'"), "la version", "(résumé)"),
    "the structure of a version": (VERSION.format("structure = true"), "la version", "découpage"),
    "the author of a version": (VERSION.format("auteur_id = (SELECT id FROM accounts_user WHERE id <> auteur_id LIMIT 1)"), "la version", "(auteur)"),
    "the instant of a version": (VERSION.format("instant = instant - interval '1 day'"), "la version", "(instant)"),
    "a version deleted": ("DELETE FROM wikimarche_version WHERE genre = 'nommee'", "la version", "a disparu"),
    "the body of an article in a version": ("UPDATE reversion_version SET serialized_data = replace(serialized_data, 'trente', 'quinze') WHERE serialized_data LIKE '%%trente%%'", "le texte de la version", "a changé"),
}  # fmt: skip

# An export holds entries and what they announce; it gives no hour but theirs.
NOT_EXPORTED = ("a commit forged", "the instant of a version")


@pytest.fixture
def histoire(equipe_durable):
    """A pièce written by two people, named and restored: sound."""
    equipe = equipe_durable
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    type_words(equipe.person(), equipe.article, "trente ou ")
    type_words(equipe.gestionnaire, equipe.second, "soixante ")
    name_version(by=equipe.gestionnaire, piece=equipe.piece, nom="Avant l’été")
    restore_piece(by=equipe.gestionnaire, piece=equipe.piece, numero=2)
    return equipe


@pytest.fixture
def force(cloned_database):
    """What a database administrator can do who takes the guards away first."""

    def forge(*statements):
        connection = psycopg2.connect(services.postgres.url("postgres", cloned_database))
        connection.autocommit = True
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            for statement in statements:
                cursor.execute(statement.replace("%%", "%"))
                assert cursor.rowcount > 0
        connection.close()

    return forge


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_told_on_the_page_and_by_the_command(histoire, force, capsys, name):
    statement, *words = FORGERIES[name]
    assert verify_evidence().breaks == []
    force(statement)
    page = histoire.browser("juriste").post(
        reverse("marches:history_verify", args=[histoire.marche.pk])
    )
    said = page.content.decode()
    assert "Une trace ne concorde plus" in said
    for word in words:
        assert word in said
    with pytest.raises(SystemExit) as stop:
        call_command("verify_evidence", "--json")
    assert stop.value.code == 1
    found = json.loads(capsys.readouterr().out)["breaks"]
    assert any(all(word in each["words"] for word in words) for each in found)


@pytest.mark.parametrize("name", [n for n in FORGERIES if n not in NOT_EXPORTED])
def test_the_standalone_verifier_finds_it_in_an_export(histoire, force, name):
    lines = list(export_chain(histoire.marche.pk))
    assert verifier.verify(lines)[1] is None
    force(FORGERIES[name][0])
    assert verifier.verify(export_chain(histoire.marche.pk))[1]


def test_what_was_set_aside_is_kept_by_the_journal_too(equipe_durable):
    equipe = equipe_durable
    url = commits_url(equipe.article)
    size = len("Le délai est de trente jours.") + 1
    equipe.browser("editeur", "autre").send_json(url, commit(0, delete(1, size)))
    mark = add_mark(4, 9, {"type": "strong"})
    assert equipe.browser().send_json(url, commit(0, mark)).json()["dropped"] == [0]
    assert Commit.objects.exclude(ecartes=[]).count() == 1
    for chain in (None, equipe.marche.pk):
        assert verify_evidence(chain=chain).breaks == []
    assert verifier.verify(export_chain(equipe.marche.pk))[1] is None


ASIDE = {
    "its words": "ecartes = '[{\"place\": 0}]'",
    "its number": "numero = 9",
    "its author": "auteur_id = (SELECT id FROM accounts_user u WHERE u.id <> auteur_id LIMIT 1)",
}


@pytest.fixture
def aside(equipe_durable):
    """A commit that found no place, because somebody took the sentence out; kept, without version."""
    equipe, url = equipe_durable, commits_url(equipe_durable.article)
    size = len("Le délai est de trente jours.") + 1
    equipe.browser("editeur", "autre").send_json(url, commit(0, delete(1, size)))
    sent = commit(0, add_mark(4, 9, {"type": "strong"}))
    equipe.browser().send_json(url, sent)
    assert Commit.objects.get(pk=sent["id"]).numero is None
    return equipe, sent["id"]


@pytest.mark.parametrize("name", ASIDE)
def test_a_commit_without_version_cannot_be_rewritten_unseen(aside, force, name):
    equipe, key = aside
    force(f"UPDATE wikimarche_commit SET {ASIDE[name]} WHERE id = '{key}'")  # noqa: S608
    for chain in (None, equipe.marche.pk):
        assert [found.kind for found in verify_evidence(chain=chain).breaks] == ["annexe"]
    assert verifier.verify(export_chain(equipe.marche.pk))[1]


def test_a_commit_without_version_that_disappears_is_seen(aside, force):
    equipe, key = aside
    force(f"DELETE FROM wikimarche_commit WHERE id = '{key}'")  # noqa: S608
    for chain in (None, equipe.marche.pk):
        assert [found.kind for found in verify_evidence(chain=chain).breaks] == ["annexe"]
    assert verifier.verify(export_chain(equipe.marche.pk))[1]


def test_a_redaction_empties_a_text_set_aside(aside):
    equipe, key = aside
    lines = [json.loads(line) for line in list(export_chain(equipe.marche.pk))[1:]]
    (seq,) = [e["seq"] for e in lines if e["action"] == "wikimarche:article:set_aside"]
    redact(equipe, seq)
    commit = Commit.objects.get(pk=key)
    assert (commit.pas, commit.ecartes, commit.numero) == ([], [], None)
    report = verify_evidence()
    assert (report.breaks, report.redacted) == ([], 1)
    assert verifier.verify(export_chain(equipe.marche.pk))[1] is None


def test_a_redacted_entry_leaves_the_history_sound(histoire):
    row = Version.objects.filter(genre="nommee").get()
    assert Commit.objects.exists()
    entry = next(
        json.loads(line)
        for line in list(export_chain(histoire.marche.pk))[1:]
        if json.loads(line)["operation"] == str(row.operation)
        and "version_faite" in json.loads(line)["corps"]
    )
    name_version(by=histoire.gestionnaire, piece=histoire.piece, nom="Après l’été")
    redact_entry(
        chain=histoire.marche.pk, seq=entry["seq"], motif="Décision n° 1",
        asked_by=histoire.gestionnaire, approved_by=histoire.person(),
    )  # fmt: skip
    assert verify_evidence().breaks == []
    assert verifier.verify(export_chain(histoire.marche.pk))[1] is None
    row.refresh_from_db()
    assert (row.nom, row.genre) == ("Version caviardée", "nommee")


def redact(histoire, seq, *, twice=False):
    """Two persons, a motive; twice: the same person twice."""
    other = histoire.gestionnaire if twice else histoire.person()
    return redact_entry(
        chain=histoire.marche.pk, seq=seq, motif="Décision n° 2",
        asked_by=histoire.gestionnaire, approved_by=other,
    )  # fmt: skip


def entry_of(histoire, words):
    """Number of the entry whose commit brought these words, and the key of that commit."""
    found = Commit.objects.filter(article__piece=histoire.piece, pas__icontains=words).get()
    operation = found.revision.comment
    lines = [json.loads(line) for line in list(export_chain(histoire.marche.pk))[1:]]
    return next(e["seq"] for e in lines if e["operation"] == operation and e["version"]), found.pk


def test_a_redaction_empties_the_steps_beside_the_entry(histoire):
    """The words are in the steps as they are in the version: neither keeps them."""
    seq, key = entry_of(histoire, "trente")
    type_words(histoire.person(), histoire.article, "puis ")
    redact(histoire, seq)
    commit = Commit.objects.get(pk=key)
    assert (commit.pas, commit.ecartes, commit.titre) == (["caviardé"], [], None)
    report = verify_evidence()
    assert (report.breaks, report.redacted) == ([], 1)
    assert verifier.verify(export_chain(histoire.marche.pk))[1] is None
    line = json.loads(list(export_chain(histoire.marche.pk))[seq])
    assert "trente" not in json.dumps(line["annexes"]) + str(line["contenu"]) + str(line["corps"])


def test_words_written_back_beside_a_redacted_entry_are_a_break(histoire, force):
    seq, key = entry_of(histoire, "trente")
    type_words(histoire.person(), histoire.article, "puis ")
    redact(histoire, seq)
    force(f"UPDATE wikimarche_commit SET pas = '[{{\"faux\": 1}}]' WHERE id = '{key}'")  # noqa: S608
    assert [(found.kind, found.seq) for found in verify_evidence().breaks] == [("annexe", seq)]
    assert "caviardée" in verifier.verify(export_chain(histoire.marche.pk))[1]


def test_the_version_that_the_present_text_stands_on_is_not_redacted(histoire):
    """Emptied, it would vouch for nothing, and its words would still be in the article."""
    type_words(histoire.person(), histoire.article, "soixante-dix ou ")
    seq, key = entry_of(histoire, "soixante-dix")
    with pytest.raises(IntegrityError, match="dernière version"):
        redact(histoire, seq)
    assert Commit.objects.get(pk=key).pas
    type_words(histoire.person(), histoire.article, "puis ")
    redact(histoire, seq)
    assert Commit.objects.get(pk=key).caviarde


def test_one_person_alone_empties_nothing(histoire):
    seq, key = entry_of(histoire, "trente")
    type_words(histoire.person(), histoire.article, "puis ")
    with pytest.raises(IntegrityError, match="deux personnes"):
        redact(histoire, seq, twice=True)
    assert "trente" in json.dumps(Commit.objects.get(pk=key).pas)


EMPTY = "UPDATE wikimarche_commit SET pas = '[]', ecartes = '[]', titre = NULL"


def _write_entry(cursor, chain, seq):
    cursor.execute(
        "SELECT journal_ajouter(%s::uuid, 'acheteur:x', 'audit:entry:redacted', %s, NULL, NULL, '{}')",
        [str(chain), f"journal:{chain}:{seq}"],
    )


@pytest.mark.attaque("G01")
@pytest.mark.parametrize("role", ["app_web", "app_worker", "postgres"])
def test_nobody_empties_the_steps_by_hand(histoire, cloned_database, role):
    """Nor with the entry of redaction written first: the function alone opens that door."""
    seq, _ = entry_of(histoire, "trente")
    connection = psycopg2.connect(services.postgres.url(role, cloned_database))
    with connection.cursor() as cursor:
        _write_entry(cursor, histoire.marche.pk, seq)
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute(EMPTY)
    connection.close()
    kinds = (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.RestrictViolation)
    assert isinstance(refused.value, kinds)


@pytest.mark.attaque("G01")
@pytest.mark.parametrize(
    "change", [EMPTY, EMPTY + ", numero = numero + 100", "DELETE FROM wikimarche_commit"]
)
def test_the_owner_empties_nothing_without_the_entry_that_says_so(
    histoire, cloned_database, change
):
    seq, _ = entry_of(histoire, "trente")
    with psycopg2.connect(services.postgres.url("app_migrate", cloned_database)) as connection:
        cursor = connection.cursor()
        # An entry for this one; the statement takes the others too, or more than it may.
        _write_entry(cursor, histoire.marche.pk, seq)
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute(change)
        connection.rollback()
        with pytest.raises(psycopg2.errors.RestrictViolation):
            cursor.execute(EMPTY)
    connection.close()


CALL = "SELECT journal_caviarder(%s::uuid, %s, 'Décision', %s, %s)"


def call_redaction(histoire, cloned_database, role, seq, *people):
    """Call the function of the database as a role, with the names of two persons."""
    connection = psycopg2.connect(services.postgres.url(role, cloned_database))
    connection.autocommit = True
    refusals = (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.CheckViolation)
    with connection.cursor() as cursor, suppress(*refusals):
        cursor.execute(CALL, [str(histoire.marche.pk), seq, *people])
    connection.close()


@pytest.mark.attaque("G01")
@pytest.mark.parametrize(("role", "passes"), [("app_web", True), ("app_worker", False)])
def test_the_function_is_given_to_the_site_alone(histoire, cloned_database, role, passes):
    seq, key = entry_of(histoire, "trente")
    type_words(histoire.person(), histoire.article, "puis ")
    people = [f"acheteur:{user.pk}" for user in (histoire.gestionnaire, histoire.person())]
    call_redaction(histoire, cloned_database, role, seq, *people)
    assert Commit.objects.get(pk=key).caviarde == passes


@pytest.mark.attaque("G01")
def test_nobody_is_invented_to_redact(histoire, cloned_database):
    """Two labels are not two persons: each is that of an account that is open."""
    seq, key = entry_of(histoire, "trente")
    type_words(histoire.person(), histoire.article, "puis ")
    one = f"acheteur:{histoire.gestionnaire.pk}"
    gone = histoire.person("observateur")
    deactivate_user(by=None, user=gone, motif="Départ")
    for other in ("acheteur:b", f"acheteur:{uuid4()}", f"acheteur:{gone.pk}", "systeme:x"):
        call_redaction(histoire, cloned_database, "app_web", seq, one, other)
        assert not Commit.objects.get(pk=key).caviarde
