"""G02: what a database administrator rewrites is named, with chain, number and kind."""

# ruff: noqa: S608 - statements made of the names below
import json

import pytest
from django.core.management import call_command
from psycopg2 import DataError

from procurement.audit.domain import verifier
from procurement.audit.services import (
    PLATFORM_CHAIN,
    issue_receipt,
    record_event,
    seal_evidence,
    verify_evidence,
)
from procurement.audit.services.export import export_chain
from tests.support.chaines import open_chain


pytestmark = pytest.mark.attaque("G02")

# A version whose text says something else, still valid JSON.
FORGE = "serialized_data = replace(serialized_data, 'DAJ', 'XXX')"
SWAP = "UPDATE journal SET seq = CASE seq WHEN 3 THEN 1004 ELSE 1003 END WHERE seq IN (3, 4)"
FORGERIES = {
    "a byte of a body": ("UPDATE journal SET corps = replace(corps, 'Ana', 'Anb') WHERE seq = 3", "contenu", 3),
    "author": ("UPDATE journal SET acteur = 'acheteur:x' WHERE seq = 4", "contenu", 4),
    "date": ("UPDATE journal SET instant = instant + interval '1 microsecond' WHERE seq = 2", "contenu", 2),
    "action": ("UPDATE journal SET action = 'x:y:z' WHERE seq = 2", "contenu", 2),
    "object": ("UPDATE journal SET objet = objet || 'a' WHERE seq = 2", "contenu", 2),
    "operation": ("UPDATE journal SET operation = gen_random_uuid() WHERE seq = 2", "contenu", 2),
    "transaction": ("UPDATE journal SET xid = '7' WHERE seq = 2", "contenu", 2),
    "salt": ("UPDATE journal SET sel = decode(repeat('00', 16), 'hex') WHERE seq = 2", "contenu", 2),
    "body digest": ("UPDATE journal SET corps_empreinte = decode(repeat('00', 32), 'hex') WHERE seq = 2", "contenu", 2),
    "content digest": ("UPDATE journal SET contenu_empreinte = NULL WHERE seq = 2", "contenu", 2),
    "version number": ("UPDATE journal SET version_id = NULL WHERE seq = 2", "contenu", 2),
    "previous hash": ("UPDATE journal SET precedent = decode(repeat('00', 32), 'hex') WHERE seq = 2", "contenu", 2),
    "own hash": ("UPDATE journal SET empreinte = decode(repeat('00', 32), 'hex') WHERE seq = 2", "contenu", 2),
    "two rows swapped": (SWAP + "; UPDATE journal SET seq = seq - 1000 WHERE seq > 1000", "contenu", 3),
    "a row in the middle deleted": ("DELETE FROM journal WHERE seq = 3", "trou", 4),
    "the first row deleted": ("DELETE FROM journal WHERE seq = 1", "trou", 2),
    "the tail cut": ("DELETE FROM journal WHERE seq = 5", "tete", 4),
    "the head moved": ("UPDATE chaine_tete SET seq = 4", "tete", 5),
    "the head deleted": ("DELETE FROM chaine_tete", "tete", 5),
    "the chain deleted": ("DELETE FROM journal", "tete", 5),
    "a body emptied": ("UPDATE journal SET corps = NULL, sel = NULL WHERE seq = 3", "version", 3),
    "the text of a version": (f"UPDATE reversion_version SET {FORGE}", "version", 4),
    "the name of a version": ("UPDATE reversion_version SET object_repr = 'x' WHERE id = 4", "version", 4),
    "the object of a version": ("UPDATE reversion_version SET object_id = 'x' WHERE id = 4", "version", 4),
    "the author of a revision": ("UPDATE reversion_revision SET user_id = NULL WHERE id = 3", "version", 4),
    "the date of a revision": ("UPDATE reversion_revision SET date_created = now() WHERE id = 3", "version", 4),
    "the operation of a revision": ("UPDATE reversion_revision SET comment = 'x' WHERE id = 3", "version", 4),
    "a version deleted": ("DELETE FROM reversion_version WHERE id = 4", "version", 4),
    "a row without its history": ("UPDATE organisations_direction SET sigle = 'FAUX'", "ligne", 5),
    "a row deleted": ("DELETE FROM organisations_direction", "ligne", 2),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_named(histoire, name):
    statement, kind, seq = FORGERIES[name]
    assert verify_evidence().ok
    histoire.force(statement)
    report = verify_evidence()
    first = next(found for found in report.breaks if found.chain == PLATFORM_CHAIN)
    assert (first.kind, first.seq) == (kind, seq)


@pytest.mark.parametrize("name", [n for n, f in FORGERIES.items() if f[1] in ("contenu", "trou")])
def test_the_standalone_verifier_sees_it_too(histoire, name):
    lines = list(export_chain(PLATFORM_CHAIN))
    assert verifier.verify(lines) == (5, None)
    histoire.force(FORGERIES[name][0])
    try:
        _, flaw = verifier.verify(export_chain(PLATFORM_CHAIN))
    except (ValueError, TypeError):
        flaw = "unreadable"
    assert flaw


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE journal SET instant = 'infinity' WHERE seq = 4", "contenu"),
        ("UPDATE journal SET instant = '-infinity' WHERE seq = 4", "contenu"),
        (
            """UPDATE reversion_revision SET date_created = 'infinity' WHERE id = (
            SELECT v.revision_id FROM reversion_version v JOIN journal j ON j.version_id = v.id
            WHERE j.seq = 4)""",
            "version",
        ),
    ],
)
def test_an_instant_of_no_calendar_is_a_flaw_and_not_the_end_of_the_reading(
    histoire, statement, kind
):
    histoire.force(statement)
    assert (kind, 4) in {(found.kind, found.seq) for found in verify_evidence().breaks}


def test_an_orphan_version_is_named(histoire):
    histoire.force(
        "INSERT INTO reversion_version (revision_id, object_id, content_type_id, db, format,"
        " serialized_data, object_repr) SELECT 1, 'x', content_type_id, db, format,"
        " serialized_data, object_repr FROM reversion_version LIMIT 1"
    )
    assert "version" in {found.kind for found in verify_evidence().breaks}


def test_a_chain_rewritten_from_end_to_end_is_seen_by_its_witnesses(histoire):
    """Hashes cannot tell; seals and receipts can."""
    seal_evidence()
    receipt = issue_receipt(chain=PLATFORM_CHAIN, seq=5)
    histoire.force(
        "CREATE TABLE copie AS SELECT * FROM journal ORDER BY seq",
        "DELETE FROM journal",
        "DELETE FROM chaine_tete",
        "SELECT journal_ajouter(chaine, 'acheteur:faux', action, objet, operation, NULL, corps)"
        " FROM copie ORDER BY seq",
    )
    kinds = {(found.kind, found.seq) for found in verify_evidence().breaks}
    assert {("recu_inconnu", 5), ("sceau", 5)} <= kinds
    assert receipt.seq == 5


def test_a_seal_rewritten_is_named(histoire):
    seal_evidence()
    seal_evidence()
    histoire.force("UPDATE sceau SET racine = decode(repeat('00', 32), 'hex') WHERE id = 1")
    assert [found.kind for found in verify_evidence().breaks] == ["sceau"]


WITNESSES = {
    "a seal deleted": ("DELETE FROM sceau WHERE id = 1", "sceau", "a disparu"),
    "the last seal deleted": ("DELETE FROM sceau WHERE id = 2", "sceau", "a disparu"),
    "a seal dated again": ("UPDATE sceau SET instant = instant - interval '1 day' WHERE id = 1", "sceau", "de date"),
    "a seal said to be published": ("UPDATE sceau SET publication = 'Le Monde' WHERE id = 1", "sceau", "ne dit pas"),
    "a seal made up": ("INSERT INTO sceau SELECT 9, instant, racine, n, tetes, jeton_tsa, publication FROM sceau WHERE id = 2", "sceau", "pas de ligne"),
    "a receipt deleted": ("DELETE FROM recu", "recu_inconnu", "a disparu"),
    "a receipt made up": ("INSERT INTO recu SELECT gen_random_uuid(), instant, chaine, seq, empreinte, contenu FROM recu", "recu_inconnu", "pas de ligne"),
    "a receipt dated again": ("UPDATE recu SET instant = instant - interval '1 day'", "recu_inconnu", "de date"),
    "the act of a receipt": ("UPDATE recu SET contenu = replace(contenu, 'edited', 'created')", "recu_inconnu", "ne dit pas"),
    "the author of a receipt": ("UPDATE recu SET contenu = replace(contenu, 'Ana', 'Eva')", "recu_inconnu", "ne dit pas"),
    "the buyer of a receipt": ("UPDATE recu SET contenu = replace(contenu, 'Région', 'Ville')", "recu_inconnu", "ne dit pas"),
    "a receipt of nonsense": ("UPDATE recu SET contenu = 'x'", "recu_inconnu", "ne dit pas"),
}  # fmt: skip


@pytest.mark.parametrize("name", WITNESSES)
def test_a_witness_forged_is_named(histoire, name):
    statement, kind, words = WITNESSES[name]
    seal_evidence()
    issue_receipt(chain=PLATFORM_CHAIN, seq=5, by=histoire.ana, acheteur="Région")
    seal_evidence()
    assert verify_evidence().ok
    histoire.force(statement)
    (found,) = verify_evidence().breaks
    assert (found.kind, words in found.words) == (kind, True), found


@pytest.mark.parametrize(
    "dit", [{"chaine": "x", "ligne": "y"}, {"chaine": "-" * 36}, {}, "x", None]
)
def test_a_line_that_announces_nonsense_is_named_and_stops_no_reading(histoire, dit):
    """With the password of the site, one may say that a receipt was issued, of whatever chain."""
    said = json.dumps({"details": dit}).replace("'", "''")
    histoire.force(
        f"SELECT journal_ajouter('{PLATFORM_CHAIN}', 'x', 'audit:receipt:issued', 'recu:x',"
        f" NULL, NULL, '{said}')"
    )
    (found,) = verify_evidence().breaks
    assert (found.kind, found.words) == ("recu_inconnu", "Le reçu x a disparu.")


@pytest.mark.parametrize("corps", ["x", "[]", "3", '"etat":'])
def test_a_line_whose_body_is_no_object_is_not_written(histoire, corps):
    with pytest.raises(DataError):
        histoire.force(
            f"SELECT journal_ajouter('{PLATFORM_CHAIN}', 'x', 'x', 'x', NULL, NULL, '{corps}')"
        )


def test_a_revision_that_no_line_tells_is_named(histoire):
    histoire.force("INSERT INTO reversion_revision (date_created, comment) VALUES (now(), 'x')")
    (found,) = verify_evidence().breaks
    assert (found.kind, "La révision" in found.words) == ("version", True)


def test_each_chain_has_its_own_first_break(histoire):
    autre = open_chain(histoire.organisation)
    for _ in range(2):
        record_event(by=histoire.ana, tag="x:y:z", chain=autre, objet="x")
    histoire.force("UPDATE journal SET acteur = 'x' WHERE seq >= 2")
    found = {(b.chain, b.seq, b.kind) for b in verify_evidence().breaks}
    assert found == {(PLATFORM_CHAIN, 2, "contenu"), (autre, 2, "contenu")}
    assert {b.chain for b in verify_evidence(chain=autre).breaks} == {autre}


@pytest.mark.parametrize(("forged", "code"), [(False, 0), (True, 1)])
def test_the_command_says_it_with_its_exit_code(histoire, capsys, forged, code):
    if forged:
        histoire.force("DELETE FROM journal WHERE seq = 3")
    try:
        call_command("verify_evidence", "--json")
        found = 0
    except SystemExit as stop:
        found = stop.code
    said = json.loads(capsys.readouterr().out)
    assert (found, said["ok"], said["entries"]) == (code, not forged, 5 - forged)
    if forged:
        assert said["breaks"][0] == {
            "chain": str(PLATFORM_CHAIN), "seq": 4, "kind": "trou",
            "words": "Après la ligne 2 vient la ligne 4.",
        }  # fmt: skip
