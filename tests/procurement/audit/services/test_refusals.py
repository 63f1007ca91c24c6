"""record_refusal(): survives the caller, and a flood stays small."""

from django.db import connection, transaction

from procurement.audit.selectors import list_entries
from procurement.audit.services import (
    PLATFORM_CHAIN,
    record_event,
    record_refusal,
    seal_evidence,
    verify_evidence,
)


def refuse(histoire, n=1):
    for _ in range(n):
        record_refusal(
            by=histoire.ana, action="wikimarche:piece:edit", objet="wikimarche_piece:x",
            reason="Vous êtes observatrice.",
        )  # fmt: skip


def refusals():
    return list_entries(PLATFORM_CHAIN, action="access:action:refused")


def test_a_refusal_is_an_entry_of_the_platform(histoire):
    refuse(histoire)
    (entry,) = refusals()
    assert entry.acteur == f"acheteur:{histoire.ana.pk}"
    assert entry.corps["details"] == {
        "action": "wikimarche:piece:edit",
        "motif": "Vous êtes observatrice.",
    }


def test_it_survives_the_rollback_of_the_caller(histoire):
    with transaction.atomic():
        refuse(histoire)
        transaction.set_rollback(True)
    assert len(refusals()) == 1


def test_it_gives_up_rather_than_block_a_caller_that_holds_the_chain(histoire, caplog):
    with transaction.atomic():
        record_event(by=histoire.ana, tag="x:y:z", chain=PLATFORM_CHAIN, objet="x")
        refuse(histoire)
    assert refusals() == []
    assert "refusal not journaled" in caplog.text


def test_above_twenty_a_minute_they_are_counted(histoire):
    refuse(histoire, 50)
    assert len(refusals()) == 20
    with connection.cursor() as cursor:
        cursor.execute("SELECT nombre FROM refus_groupe")
        assert cursor.fetchall() == [(30,)]
    seal_evidence()
    newest = refusals()[0]
    assert (newest.objet, newest.corps["details"]["nombre"]) == ("refus_groupe", 30)
    assert verify_evidence().ok


def test_inside_an_ordinary_test_it_is_written_in_its_transaction(db):
    before = len(refusals())
    record_refusal(by=None, action="x:y:z", objet="x", reason="non")
    assert len(refusals()) == before + 1
