"""Tried beyond the list: a protected change whose line goes to a chain that nobody reads."""

# ruff: noqa: PT012 - a refusal comes with the commit, hence whole blocks

import json
from hashlib import sha256
from uuid import UUID, uuid4

import psycopg2
import pytest

from procurement.accounts.models import User
from procurement.audit.domain.canonique import canonical_json
from procurement.audit.services import PLATFORM_CHAIN, verify_evidence
from tests.procurement.marches.factories import MarcheFactory
from tests.support.equipe import Equipe


pytestmark = pytest.mark.attaque("G01")

NOBODY = UUID(int=77)
"""A chain that no page reads."""


@pytest.fixture
def elsewhere(equipe_durable) -> dict[str, UUID]:
    """Chains that are not the one that tells the story of the row."""
    return {
        "a chain of nobody": NOBODY,
        "the chain of another marché": MarcheFactory(objet="Autre marché").pk,
        "the chain of the platform": PLATFORM_CHAIN,
        "the chain of the marché": equipe_durable.marche.pk,
    }


@pytest.fixture
def thief(equipe_durable, connect_as):
    """A connection with the password of the site, in transactions of its own."""
    connection = connect_as("app_web")
    connection.autocommit = False
    return connection


def tell(cursor, chain: UUID, row: str, corps: dict, operation=None, acteur="systeme:x") -> None:
    """Write an honest line, in the chain of one's choice."""
    plain = json.loads(json.dumps(corps, default=str))
    cursor.execute(
        "SELECT journal_ajouter(%s::uuid, %s, 'x:y:edited', %s, %s::uuid, NULL, %s)",
        [str(chain), acteur, row, operation, canonical_json(plain)],
    )


def promote(cursor, equipe: Equipe, chain: UUID) -> None:
    """Make oneself administrator of the platform."""
    person = equipe.person("editeur")
    cursor.execute(
        "UPDATE accounts_user SET is_administrateur = true WHERE id = %s"
        " RETURNING is_active, is_administrateur, deactivated_at, created_at, prenom, nom",
        [str(person.pk)],
    )
    names = [column.name for column in cursor.description]
    etat = dict(zip(names, cursor.fetchone(), strict=True))
    etat["created_at"] = etat["created_at"].isoformat()
    tell(cursor, chain, f"accounts_user:{person.pk}", {"etat": etat})


def join(cursor, equipe: Equipe, chain: UUID) -> None:
    """Make somebody gestionnaire of the marché: a first version, in one call of the site's own."""
    person = User.objects.create_user("intrus@region.example", None, prenom="I", nom="N")
    cursor.execute(
        "INSERT INTO marches_participation (id, marche_id, user_id, role, is_active, created_at)"
        " VALUES (gen_random_uuid(), %s, %s, 'gestionnaire', true, now())"
        " RETURNING id, created_at",
        [str(equipe.marche.pk), str(person.pk)],
    )
    key, created_at = cursor.fetchone()
    fields = {
        "marche": str(equipe.marche.pk), "user": str(person.pk), "role": "gestionnaire",
        "portee": None, "is_active": True, "created_at": created_at.isoformat(),
    }  # fmt: skip
    write(cursor, chain, "marches.participation", "marches_participation", key, fields)


def write(cursor, chain: UUID, model: str, table: str, key: str, fields: dict) -> None:
    """Record a state of a row as the site does, in the chain of one's choice."""
    app, name = model.split(".")
    date = "2026-01-02T03:04:05.000006+00:00"
    corps = {"libelle": "x", "revision": {"date": date}}
    cursor.execute(
        "SELECT journal_enregistrer(NULL, %s, gen_random_uuid(), ARRAY[("
        "SELECT id FROM django_content_type WHERE app_label = %s AND model = %s)],"
        " ARRAY[%s::text], ARRAY[%s], ARRAY['x'], ARRAY[%s::uuid], ARRAY['systeme:essai'],"
        " ARRAY['x:y:edited'], ARRAY[%s], ARRAY[%s])",
        [date, app, name, key, json.dumps([{"model": model, "pk": str(key), "fields": fields}], default=str),
         str(chain), f"{table}:{key}", json.dumps(corps, separators=(",", ":"))],
    )  # fmt: skip


def rename(cursor, equipe: Equipe, chain: UUID) -> None:
    """Write over an article."""
    article = equipe.article
    cursor.execute(
        "SELECT (v.serialized_data::jsonb -> 0 -> 'fields')::text FROM reversion_version v"
        " WHERE v.object_id = %s ORDER BY v.revision_id DESC LIMIT 1",
        [str(article.pk)],
    )
    fields = {**json.loads(cursor.fetchone()[0]), "titre": "Faux"}
    cursor.execute("UPDATE wikimarche_article SET titre = 'Faux' WHERE id = %s", [str(article.pk)])
    write(cursor, chain, "wikimarche.article", "wikimarche_article", str(article.pk), fields)


def add_article(cursor, equipe: Equipe, chain: UUID) -> None:
    """Slip a new article in a pièce."""
    cursor.execute("SELECT gen_random_uuid()::text")
    (key,) = cursor.fetchone()
    cursor.execute(
        "SELECT (v.serialized_data::jsonb -> 0 -> 'fields')::text FROM reversion_version v"
        " WHERE v.object_id = %s ORDER BY v.revision_id DESC LIMIT 1",
        [str(equipe.article.pk)],
    )
    fields = {**json.loads(cursor.fetchone()[0]), "titre": "Faux"}
    cursor.execute(
        "INSERT INTO wikimarche_article SELECT (jsonb_populate_record(a, jsonb_build_object("
        "'id', %s::text, 'titre', 'Faux'))).* FROM wikimarche_article a WHERE a.id = %s",
        [key, str(equipe.article.pk)],
    )
    write(cursor, chain, "wikimarche.article", "wikimarche_article", key, fields)


def keep_file(cursor, equipe: Equipe, chain: UUID) -> None:
    """Have the marché hold a file that nobody sent."""
    cursor.execute(
        "INSERT INTO documents_storedfile (id, sha256, nom, type_mime, taille, statut, signature,"
        " created_by_id, created_at, chaine) VALUES (gen_random_uuid(), repeat('0', 64), 'x', 'y/z',"
        " 1, 'saine', '', %s, now(), %s) RETURNING *",
        [str(equipe.gestionnaire.pk), str(equipe.marche.pk)],
    )
    names = [column.name for column in cursor.description]
    etat = dict(zip(names, cursor.fetchone(), strict=True))
    etat["created_at"] = etat["created_at"].isoformat()
    tell(cursor, chain, f"documents_storedfile:{etat['id']}", {"etat": etat})


def number_version(cursor, equipe: Equipe, chain: UUID) -> None:
    """Number a version of the pièce: a row beside the journal, that a line announces."""
    operation, author = str(uuid4()), str(equipe.gestionnaire.pk)
    cursor.execute(
        "SELECT revision FROM journal_enregistrer(%s, now(), %s, '{}', '{}', '{}', '{}',"
        " ARRAY[%s::uuid], ARRAY[%s], ARRAY['x:y:made'], ARRAY[%s], ARRAY['{}'])",
        [
            author,
            operation,
            str(chain),
            f"acheteur:{author}",
            f"wikimarche_piece:{equipe.piece.pk}",
        ],
    )
    cursor.execute(
        "INSERT INTO wikimarche_version (revision_id, piece_id, numero, genre, nom, resume,"
        " article_id, structure, seance, empreinte, auteur_id, operation, instant)"
        " SELECT %s, v.piece_id, v.numero + 1, 'nommee', 'Visée par tous', '',"
        " NULL, false, v.numero + 1, v.empreinte, %s, %s, now() FROM wikimarche_version v"
        " WHERE v.piece_id = %s ORDER BY v.numero DESC LIMIT 1"
        " RETURNING numero, genre, nom, empreinte, seance",
        [cursor.fetchone()[0], author, operation, str(equipe.piece.pk)],
    )
    names = ("version_faite", "genre", "nom", "empreinte_piece", "seance")
    corps = {"libelle": "x", "details": dict(zip(names, cursor.fetchone(), strict=True))}
    row = f"wikimarche_piece:{equipe.piece.pk}"
    tell(cursor, chain, row, corps, operation, acteur=f"acheteur:{author}")


def prove_address(cursor, equipe: Equipe, chain: UUID) -> None:
    """Say proved an address of one's choice."""
    person = equipe.gestionnaire
    cursor.execute(
        'INSERT INTO account_emailaddress (user_id, email, verified, "primary")'
        " VALUES (%s, 'faux@region.example', true, false)",
        [str(person.pk)],
    )
    dite = sha256(f"{person.pk}:faux@region.example".encode()).hexdigest()
    tell(cursor, chain, f"accounts_user:{person.pk}", {"details": {"adresse": dite}})


ACTS = {
    "a version numbered": (number_version, "the chain of the marché"),
    "an address proved": (prove_address, "the chain of the platform"),
    "a right over the platform": (promote, "the chain of the platform"),
    "a person who enters the marché": (join, "the chain of the marché"),
    "an article written over": (rename, "the chain of the marché"),
    "an article slipped in": (add_article, "the chain of the marché"),
    "a file nobody sent": (keep_file, "the chain of the marché"),
}
CHAINS = (
    "a chain of nobody", "the chain of another marché", "the chain of the platform",
    "the chain of the marché",
)  # fmt: skip
ASTRAY = [(act, chain) for act, (_, own) in ACTS.items() for chain in CHAINS if chain != own]


@pytest.mark.parametrize(("act", "chain"), ASTRAY)
def test_no_change_goes_with_its_line_elsewhere(equipe_durable, elsewhere, thief, act, chain):
    with thief.cursor() as cursor, pytest.raises(psycopg2.errors.RestrictViolation):
        ACTS[act][0](cursor, equipe_durable, elsewhere[chain])
        thief.commit()
    thief.rollback()
    assert verify_evidence().breaks == []


@pytest.mark.parametrize("act", ACTS)
def test_positive_control_the_same_act_passes_with_its_line_where_it_is_read(
    equipe_durable, elsewhere, thief, act
):
    """What is said above is refused for its chain alone."""
    change, own = ACTS[act]
    with thief.cursor() as cursor:
        change(cursor, equipe_durable, elsewhere[own])
        thief.commit()
    assert verify_evidence().breaks == []


@pytest.fixture
def unguarded(equipe_durable, connect_as):
    """What a database administrator can do: the guards are gone."""
    with connect_as("postgres").cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname = ANY (%s)"
            " OR tgname LIKE 'preuve\\_meta%%'",
            [["preuve_connue", "preuve_ligne", "preuve_version", "preuve_dite"]],
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize(("act", "chain"), ASTRAY)
def test_positive_control_without_the_guards_it_passes_and_is_told(
    equipe_durable, elsewhere, thief, act, chain
):
    """By the whole verification, and by that of the chain whose readers saw nothing."""
    change, own = ACTS[act]
    with thief.cursor() as cursor:
        change(cursor, equipe_durable, elsewhere[chain])
        thief.commit()
    for asked in (None, elsewhere[own]):
        found = verify_evidence(chain=asked).breaks
        assert elsewhere[own] in {each.chain for each in found}, found
    if chain == "a chain of nobody":
        assert (NOBODY, "chaine") in {(one.chain, one.kind) for one in verify_evidence().breaks}


def test_a_line_about_nothing_is_refused(thief):
    """A chain is born with the object whose story it tells."""
    with (
        thief.cursor() as cursor,
        pytest.raises(psycopg2.errors.RestrictViolation, match="ne raconte rien"),
    ):
        tell(cursor, NOBODY, "x:1", {})
    thief.rollback()


def test_a_version_of_nothing_is_refused(thief):
    """It would be missing for ever, and hide in the noise what is missing."""
    with (
        thief.cursor() as cursor,
        pytest.raises(psycopg2.errors.RestrictViolation, match="qui raconte son objet"),
    ):
        write(cursor, PLATFORM_CHAIN, "marches.lot", "marches_lot", str(uuid4()), {})
        thief.commit()
    thief.rollback()
