"""Tried beyond the list: rewriting one word of the past with the application's own password."""

# ruff: noqa: PT012 - a refusal comes with the commit, hence whole blocks

import json
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg2
import pytest

from procurement.audit.services import PLATFORM_CHAIN, verify_evidence
from tests.support.equipe import Equipe
from tests.wikimarche.factories import type_words
from wikimarche.models import Version
from wikimarche.selectors.states import read_state


pytestmark = pytest.mark.attaque("G01")
REVISION = (
    "INSERT INTO reversion_revision (date_created, comment, user_id) VALUES (now(), %s, %s)"
    " RETURNING id"
)


@dataclass
class Passe:
    """A pièce whose version ``numero`` said « trente jours » of an article changed since."""

    equipe: Equipe
    numero: int

    def said(self) -> str:
        """What that version says today of the article."""
        version = Version.objects.get(piece=self.equipe.piece, numero=self.numero)
        states = {state.id: state for state in read_state(self.equipe.piece, version)}
        return json.dumps(states[self.equipe.article.pk].corps)


def forge(cursor, equipe: Equipe, revision: int, chain: UUID | None = None) -> None:
    """Write, with its honest line of the journal, a version that says « quinze » in a revision."""
    article, author = equipe.article.pk, equipe.person().pk
    cursor.execute(
        "INSERT INTO reversion_version (revision_id, object_id, content_type_id, db, format,"
        " serialized_data, object_repr) SELECT %s, object_id, content_type_id, db, format,"
        " replace(serialized_data, 'trente', 'quinze'), object_repr FROM reversion_version"
        " WHERE object_id = %s ORDER BY id LIMIT 1 RETURNING id, object_repr",
        [revision, str(article)],
    )
    version, label = cursor.fetchone()
    cursor.execute("SELECT comment, date_created FROM reversion_revision WHERE id = %s", [revision])
    operation, date = cursor.fetchone()
    body = {"libelle": label, "revision": {"date": date.isoformat()}}
    cursor.execute(
        "SELECT journal_ajouter(%s::uuid, %s, 'wikimarche:article:edited', %s, %s::uuid, %s, %s)",
        [
            str(chain or equipe.marche.pk), f"acheteur:{author}", f"wikimarche_article:{article}",
            operation, version, json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        ],
    )  # fmt: skip


def reserve(cursor, equipe: Equipe) -> int:
    """Take the number of a revision, in a transaction that is open, and keep it."""
    cursor.execute(REVISION, [str(uuid4()), str(equipe.person().pk)])
    return cursor.fetchone()[0]


def go_on(equipe: Equipe) -> Passe:
    """The pièce lives on: a version that shows the article, then the article itself changes."""
    type_words(equipe.person("editeur", "autre"), equipe.second, "soixante ")
    numero = Version.objects.filter(piece=equipe.piece).latest("numero").numero
    type_words(equipe.person("editeur", "autre"), equipe.article, "plus de ")
    return Passe(equipe, numero)


@pytest.fixture
def thief(equipe_durable, connect_as):
    """A connection with the password of the site, in transactions of its own."""
    equipe_durable.person()
    connection = connect_as("app_web")
    connection.autocommit = False
    return connection


def test_a_number_kept_aside_is_no_way_into_the_past(equipe_durable, thief):
    """A number is taken and given up; later, a revision would be written under it."""
    with thief.cursor() as cursor:
        number = reserve(cursor, equipe_durable)
        thief.rollback()
        passe = go_on(equipe_durable)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(
                REVISION.replace("(date", "(id, date").replace("(now", "(%s, now"),
                [number, str(uuid4()), str(equipe_durable.person().pk)],
            )
    assert "trente" in passe.said()


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("chain", ["its own", "another"])
def test_a_transaction_left_open_does_not_write_in_the_past(equipe_durable, thief, level, chain):
    """The revision is numbered now, and its version written and committed once the text has changed."""
    with thief.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        number = reserve(cursor, equipe_durable)
        passe = go_on(equipe_durable)
        with pytest.raises(
            (psycopg2.errors.RestrictViolation, psycopg2.errors.SerializationFailure)
        ):
            forge(cursor, equipe_durable, number, None if chain == "its own" else PLATFORM_CHAIN)
            thief.commit()
    thief.rollback()
    assert "trente" in passe.said()
    assert verify_evidence().breaks == []


def test_a_newer_version_of_the_same_transaction_hides_nothing(equipe_durable, thief):
    """Two revisions, one before what others wrote and one after: the first is still judged."""
    with thief.cursor() as cursor:
        number = reserve(cursor, equipe_durable)
        passe = go_on(equipe_durable)
        with pytest.raises(psycopg2.errors.RestrictViolation, match="se glisserait"):
            forge(cursor, equipe_durable, reserve(cursor, equipe_durable))
            forge(cursor, equipe_durable, number)
            thief.commit()
    thief.rollback()
    assert "trente" in passe.said()


@pytest.mark.parametrize("chain", ["its own", "another"])
def test_a_version_judged_early_is_not_kept_for_later(equipe_durable, thief, chain):
    """Judged at once, committed later: in its own chain nobody else writes meanwhile, in another never."""
    with thief.cursor() as cursor:
        number = reserve(cursor, equipe_durable)
        if chain == "another":
            with pytest.raises(psycopg2.errors.RestrictViolation, match="se glisserait"):
                forge(cursor, equipe_durable, number, PLATFORM_CHAIN)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return
        forge(cursor, equipe_durable, number)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            type_in_another_session(equipe_durable)
    thief.rollback()
    assert verify_evidence().breaks == []


def type_in_another_session(equipe: Equipe) -> None:
    """An ordinary save, that waits for a lock a tenth of a second only."""
    from django.db import OperationalError, connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        type_words(equipe.gestionnaire, equipe.article, "plus de ")
    except OperationalError as error:
        raise error.__cause__ from None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def test_positive_control_without_the_trigger_the_past_changes_and_is_told(
    equipe_durable, thief, connect_as
):
    """The same attempt passes once the guard is gone, and the verification names it."""
    connect_as("postgres").cursor().execute("DROP TRIGGER preuve_version ON reversion_version")
    with thief.cursor() as cursor:
        number = reserve(cursor, equipe_durable)
        passe = go_on(equipe_durable)
        assert "trente" in passe.said()
        forge(cursor, equipe_durable, number)
        thief.commit()
    assert "quinze" in passe.said()
    for chain in (None, equipe_durable.marche.pk):
        (found,) = verify_evidence(chain=chain).breaks
        assert (found.kind, found.chain) == ("version", equipe_durable.marche.pk)
        assert "versions passées" in found.words


def slip_version(cursor, equipe: Equipe, **said) -> None:
    """Write, in a revision of one's own, the next version of the pièce."""
    operation = str(uuid4())
    cursor.execute(REVISION, [operation, str(equipe.person().pk)])
    row = {"numero": "v.numero + 1", "instant": "now()", **said}
    cursor.execute(
        f"INSERT INTO wikimarche_version (revision_id, piece_id, numero, genre, nom, resume,"  # noqa: S608
        f" article_id, structure, seance, empreinte, auteur_id, operation, instant)"
        f" SELECT %s, v.piece_id, {row['numero']}, 'nommee', 'Visée par tous', '', NULL, false,"
        f" v.numero + 1, v.empreinte, %s, %s, {row['instant']} FROM wikimarche_version v"
        " WHERE v.piece_id = %s ORDER BY v.numero DESC LIMIT 1",
        [cursor.fetchone()[0], str(equipe.person().pk), operation, str(equipe.piece.pk)],
    )
    if "announced" in said:
        cursor.execute(
            "SELECT journal_ajouter(%s::uuid, %s, 'wikimarche:version:named', %s, %s::uuid, NULL, %s)",
            [
                str(equipe.marche.pk), f"acheteur:{equipe.person().pk}",
                f"wikimarche_piece:{equipe.piece.pk}", operation,
                json.dumps({"details": {said["announced"]: 1}}),
            ],
        )  # fmt: skip


UNANNOUNCED = {
    "a version that no line announces": {},
    "a version whose line announces something else": {"announced": "enregistrement"},
    "a version of last year": {
        "announced": "version_faite",
        "instant": "now() - interval '1 year'",
    },
}


@pytest.mark.parametrize("name", UNANNOUNCED)
def test_no_version_is_numbered_without_its_line(equipe_durable, thief, name):
    with (
        thief.cursor() as cursor,
        pytest.raises(
            psycopg2.errors.RestrictViolation,
            match=r"(dite par aucune ligne du journal|journal, ou pas)",
        ),
    ):
        slip_version(cursor, equipe_durable, **UNANNOUNCED[name])
        thief.commit()
    thief.rollback()
    assert verify_evidence().breaks == []


@pytest.mark.parametrize("name", UNANNOUNCED)
def test_positive_control_without_the_trigger_such_a_version_passes_and_is_told(
    equipe_durable, thief, connect_as, name
):
    connect_as("postgres").cursor().execute(
        "DROP TRIGGER preuve_meta_revision_id ON wikimarche_version;"
        " DROP TRIGGER preuve_revision ON reversion_revision"
    )
    with thief.cursor() as cursor:
        slip_version(cursor, equipe_durable, **UNANNOUNCED[name])
        thief.commit()
    assert "annexe" in {found.kind for found in verify_evidence().breaks}
