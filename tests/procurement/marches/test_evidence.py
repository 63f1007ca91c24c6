"""Weights, amounts and deadlines are held by the evidence like words are."""

# ruff: noqa: S608, PT012 - statements made of the names below; a refusal comes with the commit

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import psycopg2
import pytest
from django.db import IntegrityError

from procurement.audit.services import UnknownChain, recording, verify_evidence
from procurement.marches.models import Critere, Invitation, Lot, Marche, Participation
from procurement.marches.services import (
    change_role,
    invite_participant,
    revoke_invitation,
    set_criteres,
    set_lots,
    update_marche,
)
from procurement.organisations.models import Membership
from procurement.organisations.services import end_membership
from tests.procurement.marches.factories import CRITERES, MarcheFactory, ParticipationFactory
from tests.wikimarche.factories import PieceFactory


@pytest.fixture
def marche(cloned_database):
    """A fiche filled to its last date, with lots, criteria, an invitation and somebody who left."""
    marche = MarcheFactory()
    by = marche.author
    update_marche(
        by=by,
        marche=marche,
        montant_estime=Decimal("120000.5"),
        publication_prevue=date(2027, 1, 4),
        date_limite_offres=datetime(2027, 2, 1, 11, 0, 0, 123456, tzinfo=UTC),
        attribution_prevue=date(2027, 3, 1),
        debut_execution=date(2027, 4, 1),
    )
    set_lots(by=by, marche=marche, lots=[{"intitule": "Bureaux", "montant_estime": Decimal(1000)}])
    set_criteres(by=by, marche=marche, criteres=CRITERES)
    revoke_invitation(
        by=by,
        invitation=invite_participant(
            by=by, marche=marche, email="x@region.example", role="observateur"
        ),
    )
    change_role(by=by, participation=ParticipationFactory(marche=marche), role="commentateur")
    ParticipationFactory(marche=marche, portee=PieceFactory(marche=marche).pk)
    left = ParticipationFactory(marche=marche).user.memberships.get()
    end_membership(by=None, membership=left)
    marche.refresh_from_db()
    return marche


CHANGES = {
    "weight": (Critere, {"poids": Decimal(41)}, "marches_critere SET poids = 41"),
    "a hundredth of a weight": (Critere, {"poids": Decimal("40.01")}, "marches_critere SET poids = 40.01"),
    "amount of the marché": (Marche, {"montant_estime": 1}, "marches_marche SET montant_estime = 1"),
    "no amount any more": (Marche, {"montant_estime": None}, "marches_marche SET montant_estime = NULL"),
    "amount of a lot": (Lot, {"montant_estime": 1}, "marches_lot SET montant_estime = 1"),
    "deadline": (Marche, {"date_limite_offres": datetime(2027, 2, 1, 12, tzinfo=UTC)}, "marches_marche SET date_limite_offres = date_limite_offres + interval '1 second'"),
    "publication": (Marche, {"publication_prevue": date(2027, 1, 5)}, "marches_marche SET publication_prevue = publication_prevue + 1"),
    "attribution": (Marche, {"attribution_prevue": date(2027, 3, 2)}, "marches_marche SET attribution_prevue = attribution_prevue + 1"),
    "start": (Marche, {"debut_execution": date(2027, 4, 2)}, "marches_marche SET debut_execution = debut_execution + 1"),
    "opening": (Marche, {"created_at": datetime(2020, 1, 1, tzinfo=UTC)}, "marches_marche SET created_at = '2020-01-01'"),
    "end of a membership": (Membership, {"ended_at": datetime(2020, 1, 1, tzinfo=UTC)}, "organisations_membership SET ended_at = '2020-01-01' WHERE NOT is_active"),
    "expiry of an invitation": (Invitation, {"expire_le": datetime(2099, 1, 1, tzinfo=UTC)}, "marches_invitation SET expire_le = '2099-01-01'"),
    "limit of a role": (Participation, {"portee": None}, "marches_participation SET portee = NULL"),
    "revocation undone": (Invitation, {"revoquee_le": None}, "marches_invitation SET revoquee_le = NULL"),
}  # fmt: skip


@pytest.mark.attaque("G03")
def test_an_update_beside_an_honest_version_does_not_commit(marche):
    for model, change, _ in CHANGES.values():
        rows = model.objects.all()
        if model is Membership:
            rows = rows.filter(is_active=False)
        if model is Participation:
            rows = rows.filter(portee__isnull=False)
        if model is Invitation:
            rows = rows.filter(revoquee_le__isnull=False)
        row = rows.order_by("pk").last()
        with (
            pytest.raises(IntegrityError, match=f"La colonne {next(iter(change))} "),
            recording(by=marche.author, tag="marches:marche:updated", obj=row),
        ):
            row.save()
            model.objects.filter(pk=row.pk).update(**change)
    assert verify_evidence().breaks == []


@pytest.mark.attaque("G01")
def test_the_site_alone_cannot_change_it(marche, connect_as):
    with connect_as("app_web").cursor() as cursor:
        for _, _, statement in CHANGES.values():
            with pytest.raises(psycopg2.errors.RestrictViolation, match="pas sa ligne au journal"):
                cursor.execute(f"UPDATE {statement}")


@pytest.mark.attaque("G02")
def test_the_verification_names_what_a_superuser_changed(marche, rewritten):
    unseen = []
    for name, (model, _, statement) in CHANGES.items():
        with rewritten(f"UPDATE {statement}"):
            found = verify_evidence().breaks
        table = model._meta.db_table
        if {(b.kind, b.words.partition(":")[0]) for b in found} != {("ligne", table)}:
            unseen.append((name, found))
    assert unseen == []
    assert verify_evidence().breaks == []


@pytest.mark.attaque("G02")
def test_a_version_forged_into_nonsense_is_a_break_and_not_an_error(marche, rewrite):
    rewrite(
        "UPDATE reversion_version SET serialized_data ="
        " replace(serialized_data, '120000.5', 'beaucoup') WHERE serialized_data LIKE '%120000.5%'"
    )
    kinds = {(found.kind, found.words.split()[0]) for found in verify_evidence().breaks}
    assert ("ligne", "marches_marche") in kinds
    assert "version" in {kind for kind, _ in kinds}


@pytest.mark.attaque("G02")
def test_a_chain_emptied_is_broken_and_an_unknown_one_is_not_sound(marche, rewrite):
    """Nothing to read is not the same as nothing wrong."""
    with pytest.raises(UnknownChain):
        verify_evidence(chain=uuid4())
    rewrite(
        f"DELETE FROM journal WHERE chaine = '{marche.pk}'",
        f"DELETE FROM chaine_tete WHERE chaine = '{marche.pk}'",
    )
    # Rows that have versions still agree with them; an invitation was told by its line alone, and
    # the first one is named for its chain.
    head, row = verify_evidence(chain=marche.pk).breaks
    assert (head.chain, head.kind) == (marche.pk, "tete")
    assert (row.chain, row.kind) == (marche.pk, "ligne")
    assert row.words in {
        f"marches_invitation:{each.pk} n’a pas d’histoire." for each in marche.invitations.all()
    }
