"""recording(): what it writes, in how many queries, and how blocks nest."""

import uuid

import pytest
from django.core import serializers
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from reversion.models import Revision, Version

from procurement.audit import registry
from procurement.audit.selectors import chain_head, fields_at, fields_of_versions, list_entries
from procurement.audit.services import (
    PLATFORM_CHAIN,
    RecordingError,
    record_event,
    recording,
    verify_evidence,
)
from procurement.audit.services.recording import serialize
from procurement.organisations.models import Direction, Organisation
from tests.support.chaines import open_chain


EDITED = "organisations:direction:edited"


def last(n: int = 1):
    return list_entries(PLATFORM_CHAIN, limit=n)


def test_a_change_its_version_and_its_journal_row_share_a_transaction(histoire):
    operation = uuid.uuid4()
    histoire.direction.sigle = "NEUF"
    with recording(
        by=histoire.ana, tag=EDITED, obj=histoire.direction, old={"sigle": "DCP"},
        details={"motif": "réorganisation\x00"}, operation=operation,
    ) as block:  # fmt: skip
        histoire.direction.save()
    (entry,) = last()
    revision = Revision.objects.latest("pk")
    assert (revision.user, revision.comment) == (histoire.ana, str(operation))
    assert entry.acteur == f"acheteur:{histoire.ana.pk}"
    assert entry.nom_acteur == "Ana Berthier"
    assert entry.objet == f"organisations_direction:{histoire.direction.pk}"
    assert (entry.action, entry.operation) == (EDITED, operation)
    assert entry.corps["avant"] == {"sigle": "DCP"}
    assert entry.corps["details"] == {"motif": "réorganisation␀"}
    assert entry.version_id == Version.objects.latest("pk").pk
    assert block.written == [(entry.objet, PLATFORM_CHAIN, entry.seq)]
    assert chain_head(PLATFORM_CHAIN) == (entry.seq, entry.empreinte)


def test_one_recording_adds_one_query_to_the_save(histoire):
    histoire.edit(sigle="chaud")
    with CaptureQueriesContext(connection) as queries:
        histoire.edit(sigle="mesuré")
    assert [q["sql"].split()[0] for q in queries] == [
        "BEGIN", "UPDATE", "EXECUTE", "COMMIT",
    ]  # fmt: skip


def test_an_import_is_one_round_trip_to_the_journal(histoire):
    new = [Direction(organisation=histoire.organisation, nom=f"Service {n}") for n in range(400)]
    with (
        CaptureQueriesContext(connection) as queries,
        recording(by=histoire.ana, tag="x:y:imported", obj=histoire.organisation) as block,
    ):
        Direction.objects.bulk_create(new)
        block.add_version(*new)
    assert len(queries) <= 6
    assert len(block.written) == 400
    first, *_, final = sorted(last(400), key=lambda entry: entry.seq)
    assert first.corps["sujet"] == f"organisations_organisation:{histoire.organisation.pk}"
    assert final.seq - first.seq == 399
    assert verify_evidence().ok


def test_a_version_is_printed_byte_for_byte_as_django_reversion_does(histoire):
    direction = histoire.direction
    direction.nom = "Bâtiments « neufs »\u202f: 1 < 2 \\ 3"
    fields = registry.protections[type(direction)].fields
    assert serialize(direction, fields) == serializers.serialize("json", [direction], fields=fields)


def test_what_follows_a_revision_needs_one(histoire):
    with (
        pytest.raises(RecordingError, match="then"),
        recording(by=histoire.ana, tag=EDITED, obj=histoire.direction) as rec,
    ):
        rec.then("public.journal_inconnu", 1)


def test_what_follows_without_a_version_points_to_a_revision_that_holds_none(histoire):
    versions = Version.objects.count()
    with recording(by=histoire.ana, tag=EDITED, obj=histoire.direction) as block:
        block.touch(histoire.direction, motif="rien n’a changé")
        block.then("pg_catalog.to_hex")
    revision = Revision.objects.get(pk=block.revision_id)
    (entry,) = last()
    assert (revision.user, revision.comment) == (histoire.ana, str(entry.operation))
    assert (entry.version_id, Version.objects.count()) == (None, versions)
    assert verify_evidence().ok


def test_an_entry_alone_makes_no_revision(histoire):
    revisions = Revision.objects.count()
    with recording(by=histoire.ana, tag=EDITED, obj=histoire.direction) as block:
        block.touch(histoire.direction, motif="rien n’a changé")
    assert (block.revision_id, Revision.objects.count()) == (None, revisions)


def test_two_saves_in_a_block_make_one_version(histoire):
    before = Version.objects.count()
    with recording(by=histoire.ana, tag=EDITED, obj=histoire.direction):
        for sigle in ("A", "B"):
            histoire.direction.sigle = sigle
            histoire.direction.save()
    assert Version.objects.count() == before + 1


def test_two_blocks_in_a_transaction(histoire):
    with transaction.atomic():
        histoire.edit(sigle="A")
        histoire.edit(sigle="B")
    assert [entry.action for entry in last(2)] == [EDITED, EDITED]
    assert verify_evidence().ok


def test_update_then_add_version(histoire):
    with recording(by=histoire.ana, tag=EDITED, obj=histoire.direction) as block:
        Direction.objects.filter(pk=histoire.direction.pk).update(sigle="MAJ")
        histoire.direction.refresh_from_db()
        block.add_version(histoire.direction)
    assert verify_evidence().ok


def test_a_block_in_which_nothing_changed_writes_nothing(histoire):
    before = chain_head(PLATFORM_CHAIN)
    with recording(by=histoire.ana, tag=EDITED, obj=histoire.direction):
        pass
    assert chain_head(PLATFORM_CHAIN) == before


def test_saving_the_same_values_outside_a_block_changes_nothing_and_passes(histoire):
    histoire.direction.save()


def test_nested_blocks_share_everything_but_their_words(histoire):
    revisions = Revision.objects.count()
    with recording(by=histoire.ana, tag="x:organisation:renamed", obj=histoire.organisation) as a:
        histoire.organisation.nom = "Région Nouvelle"
        histoire.organisation.save()
        with recording(
            by=histoire.ana, tag=EDITED, obj=histoire.direction, details={"n": 1}
        ) as b:  # fmt: skip
            histoire.direction.sigle = "N"
            histoire.direction.save()
    assert a is b
    assert Revision.objects.count() == revisions + 1
    direction, organisation = last(2)
    assert {direction.action, organisation.action} == {"x:organisation:renamed", EDITED}
    assert direction.operation == organisation.operation == a.operation
    by_action = {entry.action: entry.corps["details"] for entry in (direction, organisation)}
    assert by_action == {EDITED: {"n": 1}, "x:organisation:renamed": {}}


def test_an_error_swallowed_inside_keeps_nothing(histoire):
    before = chain_head(PLATFORM_CHAIN)

    def swallow():
        try:
            with recording(by=histoire.ana, tag=EDITED, obj=histoire.direction):
                histoire.direction.sigle = "X"
                histoire.direction.save()
                raise ValueError
        except ValueError:
            pass

    with (
        pytest.raises(RecordingError),
        recording(by=histoire.ana, tag="x:y:z", obj=histoire.organisation),
    ):
        swallow()
    histoire.direction.refresh_from_db()
    assert (histoire.direction.sigle, chain_head(PLATFORM_CHAIN)) == ("DCP", before)


def test_a_process_has_no_person(histoire):
    histoire.direction.sigle = "AUTO"
    with recording(by=None, tag=EDITED, obj=histoire.direction):
        histoire.direction.save()
    assert last()[0].acteur == f"systeme:{EDITED}"
    assert Revision.objects.latest("pk").user is None
    assert verify_evidence().ok


def test_an_event_has_a_row_and_no_version(histoire):
    chain = open_chain(histoire.organisation)
    before = Version.objects.count()
    seq = record_event(
        by=histoire.ana, tag="marches:piece:exported", chain=chain, objet="x", details={"a": "é"}
    )
    assert seq == 2
    entry = next(each for each in list_entries(chain) if each.seq == seq)
    assert entry.corps["details"] == {"a": "é"}
    assert Version.objects.count() == before


def test_the_past_costs_one_query_and_ignores_what_came_after(histoire):
    pks = [histoire.direction.pk]
    revisions = list(Revision.objects.order_by("pk").values_list("pk", flat=True))
    fields_at(Direction, pks, revisions[0])
    with CaptureQueriesContext(connection) as queries:
        seen = [fields_at(Direction, pks, r)[pks[0]]["sigle"] for r in revisions]
    assert seen == ["", "DA", "DAJ", "DCP"]
    assert len(queries) == len(revisions)
    assert fields_at(Direction, pks, revisions[0] - 1) == {}
    assert fields_at(Direction, [], revisions[0]) == {}
    history = fields_of_versions(Direction, pks[0])
    assert [version.fields["sigle"] for version in history] == seen
    assert [
        v.revision_id for v in fields_of_versions(Direction, pks[0], revisions=revisions[1:2])
    ] == revisions[1:2]


def test_entries_are_read_by_pages_and_filters(histoire):
    assert [e.seq for e in list_entries(PLATFORM_CHAIN, limit=2)] == [5, 4]
    assert [e.seq for e in list_entries(PLATFORM_CHAIN, before=4, limit=2)] == [3, 2]
    assert [e.seq for e in list_entries(PLATFORM_CHAIN, after=3)] == [4, 5]
    assert len(list_entries(PLATFORM_CHAIN, action="organisations:direction:")) == 3
    label = f"organisations_organisation:{histoire.organisation.pk}"
    assert [e.seq for e in list_entries(PLATFORM_CHAIN, objet=label)] == [1]
    assert list_entries(PLATFORM_CHAIN, acteur="personne") == []


def test_writers_of_one_chain_wait_for_each_other_and_stay_dense(histoire):
    """Two open transactions on one chain: the second gets its number after the first commits."""
    first, second = histoire.connect("app_web"), histoire.connect("app_web")
    first.autocommit = False
    call = "SELECT journal_ajouter(%s::uuid, 'systeme:x', 'x:y:z', 'x', NULL, NULL, '{}')"
    with first.cursor() as one, second.cursor() as two:
        one.execute(call, [str(PLATFORM_CHAIN)])
        two.execute("SET lock_timeout = '100ms'")
        with pytest.raises(Exception, match="lock timeout"):
            two.execute(call, [str(PLATFORM_CHAIN)])
        first.rollback()
        two.execute(call, [str(PLATFORM_CHAIN)])
        assert two.fetchone() == (6,)
    assert verify_evidence().ok


def test_inside_an_ordinary_test_it_works_too(db):
    organisation = Organisation(nom="Région Exemple", type="collectif")
    with recording(by=None, tag="organisations:organisation:created", obj=organisation) as block:
        organisation.save()
    assert len(block.written) == 1
