"""Who may announce a seal, a receipt or a verdict, and which verdict ends an alert."""

from uuid import uuid4

import psycopg2
import pytest

from procurement.audit.services import (
    PLATFORM_CHAIN,
    Break,
    EvidenceReport,
    issue_receipt,
    read_verdict,
    record_event,
    record_verdict,
    seal_evidence,
    verify_evidence,
)


ONE, OTHER = uuid4(), uuid4()
ACTIONS = ("audit:evidence:sealed", "audit:receipt:issued", "audit:evidence:verified")
WAYS = {
    "a line": "journal_ajouter('{chain}', 'x', '{action}', 'sceau:999', NULL, NULL, '{{}}')",
    "a batch": "journal_ajouter_lot(ARRAY['{chain}'::uuid, '{chain}'], ARRAY['x', 'x'], ARRAY['x:y:z', '{action}'],"
    " ARRAY['x', 'x'], ARRAY[NULL, NULL]::uuid[], ARRAY[NULL, NULL]::bigint[], ARRAY['{{}}', '{{}}'])",
    "a revision": "journal_enregistrer(NULL, NULL, NULL, ARRAY[NULL]::integer[], ARRAY['x'], ARRAY['x'], ARRAY['x'],"
    " ARRAY['{chain}'::uuid], ARRAY['x'], ARRAY['{action}'], ARRAY['x'], ARRAY['{{}}'])",
    "the one that writes": "journal_ecrire(ARRAY['{chain}'::uuid], ARRAY['x'], ARRAY['{action}'],"
    " ARRAY['x'], ARRAY[NULL]::uuid[], ARRAY[NULL]::bigint[], ARRAY['{{}}'])",
    "its short form": "plateforme_ecrire('x', '{action}', 'x', '{{}}')",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ["app_web", "app_worker"])
def test_nobody_announces_a_seal_a_receipt_or_a_verdict_without_making_it(
    cloned_database, connect_as, role, action, way
):
    statement = WAYS[way].format(chain=PLATFORM_CHAIN, action=action)
    with (
        connect_as(role).cursor() as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        cursor.execute(f"SELECT {statement}")


@pytest.mark.parametrize("way", ["a line", "a batch", "a revision"])
def test_other_lines_are_written_as_before(cloned_database, connect_as, way):
    statement = WAYS[way].format(chain=PLATFORM_CHAIN, action="x:y:z")
    with connect_as("app_web").cursor() as cursor:
        cursor.execute(f"SELECT {statement}")


def test_those_who_make_them_announce_them(cloned_database, as_worker):
    seq = record_event(by=None, tag="x:y:z", chain=PLATFORM_CHAIN, objet="x")
    seal_evidence()
    issue_receipt(chain=PLATFORM_CHAIN, seq=seq)
    with as_worker():
        seal_evidence()
        report = verify_evidence()
        record_verdict(report)
    assert report.ok
    assert read_verdict().entries == report.entries


def found(*chains):
    return EvidenceReport(entries=3, breaks=[Break(one, 1, "ligne", "Dit.") for one in chains])


def standing():
    alert = read_verdict().alert
    return alert and alert.chains, alert and alert.count


def test_one_marche_verified_a_hundred_times_does_not_end_the_alert_of_another(
    cloned_database, as_worker
):
    with as_worker():
        record_verdict(found(ONE, OTHER))
    whole = read_verdict().instant
    for _ in range(101):
        record_verdict(found(), chain=ONE)
    assert standing() == ({OTHER}, 1)
    assert read_verdict().instant == whole


def test_an_alert_is_as_old_as_what_was_first_found(cloned_database, as_worker):
    """Who verifies again, and finds the same, makes it no younger."""
    with as_worker():
        record_verdict(found(ONE))
    first = read_verdict().alert.instant
    record_verdict(found(ONE))
    assert read_verdict().alert.instant == first


def test_the_site_raises_an_alert_and_ends_that_of_a_marche_only(cloned_database, as_worker):
    """Whoever holds its password says that all is well: what the night found stands."""
    with as_worker():
        record_verdict(found(ONE, OTHER, PLATFORM_CHAIN))
    for chain in (None, PLATFORM_CHAIN):
        for _ in range(3):
            record_verdict(found(), chain=chain)
        assert standing() == ({ONE, OTHER, PLATFORM_CHAIN}, 3)
    record_verdict(found(), chain=ONE)
    assert standing() == ({OTHER, PLATFORM_CHAIN}, 2)
    third = uuid4()
    record_verdict(found(third, OTHER))
    assert standing() == ({OTHER, PLATFORM_CHAIN, third}, 3)
    record_verdict(found())
    assert standing() == ({OTHER, PLATFORM_CHAIN}, 2), "what the site found itself, it may clear"
    record_verdict(found(third))
    with as_worker():
        record_verdict(found(), chain=PLATFORM_CHAIN)
        assert standing() == ({OTHER, third}, 2)
        record_verdict(found())
    assert standing() == (None, None)


def test_a_verdict_of_nonsense_is_read_all_the_same(cloned_database, connect_as):
    """Its words are typed: what the site may forge stops no page."""
    with connect_as("app_web").cursor() as cursor:
        cursor.execute(
            "SELECT verdict_inscrire('x', '3', NULL, NULL, NULL, '{NULL}', '{NULL}', '{NULL}', '{NULL}')"
        )
    assert standing() == (frozenset(), 1)
