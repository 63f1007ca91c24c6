"""Taking a marché from one step to another: every pair, the reasons, the journal."""

import json
from contextlib import contextmanager

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from procurement.access.services import AccessRefused
from procurement.audit.selectors import chain_head, list_entries, list_seals
from procurement.audit.services import verify_evidence
from procurement.marches.enums import STEP_HELP, StatutMarche as S
from procurement.marches.models import Marche
from procurement.marches.services import move_marche
from procurement.marches.services.steps import MOTIF
from procurement.marches.workflow import BACK, FORWARD, ORDER
from tests.procurement.marches.factories import MarcheFactory


MOVED, RETURNED = "marches:marche:moved", "marches:marche:returned"


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def lead(marche, target):
    """Bring a new marché to a step by the ordinary way."""
    way = {S.CLOS: (*ORDER, S.CLOS), S.SANS_SUITE: (S.BESOIN, S.SANS_SUITE)}
    way[S.INFRUCTUEUX] = (*ORDER[: ORDER.index(S.OFFRES) + 1], S.INFRUCTUEUX)
    for step in way.get(target, ORDER[: ORDER.index(target) + 1] if target in ORDER else ())[1:]:
        move_marche(by=marche.author, marche=marche, statut=step, motif="Ainsi décidé.")
    marche.refresh_from_db()
    assert marche.statut == target


def test_the_table_speaks_of_every_step():
    assert set(FORWARD) == set(BACK) == set(STEP_HELP) == set(S)


@pytest.mark.parametrize("here", S, ids=str)
def test_one_goes_where_an_arrow_leads_and_nowhere_else(db, here):
    marche = MarcheFactory()
    lead(marche, here)
    for target in S:
        with undone():
            if target == here or target in FORWARD[here] or target in BACK[here]:
                move_marche(by=marche.author, marche=marche, statut=target, motif="Décidé.")
                assert Marche.objects.get(pk=marche.pk).statut == target
                continue
            with pytest.raises(AccessRefused, match="on ne passe pas à") as refusal:
                move_marche(by=marche.author, marche=marche, statut=target, motif="Décidé.")
            assert refusal.value.status == 409
            assert Marche.objects.get(pk=marche.pk).statut == here


@pytest.mark.parametrize("here", [step for step in S if BACK[step]], ids=str)
def test_going_back_is_owed_a_reason(db, here):
    marche = MarcheFactory()
    lead(marche, here)
    for target in BACK[here]:
        for motif in ("", "  \n"):
            with pytest.raises(ValidationError, match="Dites pourquoi"):
                move_marche(by=marche.author, marche=marche, statut=target, motif=motif)
    assert Marche.objects.get(pk=marche.pk).statut == here


@pytest.mark.parametrize("target", [S.SANS_SUITE, S.INFRUCTUEUX])
def test_an_end_is_owed_a_reason(db, target):
    marche = MarcheFactory()
    lead(marche, S.OFFRES)
    with pytest.raises(ValidationError, match="Dites pourquoi"):
        move_marche(by=marche.author, marche=marche, statut=target)


def test_a_reason_has_a_length(db):
    marche = MarcheFactory()
    with pytest.raises(ValidationError, match="caractères"):
        move_marche(by=marche.author, marche=marche, statut=S.REDACTION, motif="x" * (MOTIF + 1))


def test_the_journal_keeps_who_from_where_to_where_and_why(cloned_database):
    marche = MarcheFactory()
    move_marche(by=marche.author, marche=marche, statut=S.REDACTION)
    move_marche(by=marche.author, marche=marche, statut=S.BESOIN, motif="Trop tôt.")
    (forth,) = list_entries(marche.pk, action=MOVED)
    (back,) = list_entries(marche.pk, action=RETURNED)
    assert forth.corps["details"] == {"avant": "besoin", "après": "redaction"}
    assert back.corps["details"] == {"avant": "redaction", "après": "besoin", "motif": "Trop tôt."}
    assert back.acteur == f"acheteur:{marche.author.pk}"
    report = verify_evidence(chain=marche.pk)
    assert report.ok, report.breaks


def test_moving_to_where_it_stands_writes_nothing(db):
    marche = MarcheFactory()
    move_marche(by=marche.author, marche=marche, statut=S.BESOIN)
    move_marche(by=marche.author, marche=marche, statut=S.BESOIN, depuis=S.BESOIN)
    with pytest.raises(ValidationError, match="est déjà à l’étape"):
        move_marche(by=marche.author, marche=marche, statut=S.BESOIN, depuis=S.VISAS)
    assert not list_entries(marche.pk, action=MOVED)


def test_a_step_seen_too_long_ago_moves_nothing(db):
    marche = MarcheFactory()
    lead(marche, S.VISAS)
    with pytest.raises(ValidationError, match="Une autre personne vient de mener"):
        move_marche(by=marche.author, marche=marche, statut=S.PUBLICATION, depuis=S.REDACTION)
    assert Marche.objects.get(pk=marche.pk).statut == S.VISAS


def test_two_gestionnaires_do_not_both_move(cloned_database, at_once):
    """The second is told, whatever the order: one « publication », never two steps at once."""
    marche = MarcheFactory()
    lead(marche, S.VISAS)

    def move(target, motif):
        try:
            move_marche(by=marche.author, marche=marche, statut=target, motif=motif, depuis=S.VISAS)
        except ValidationError:
            return "dit"
        return "fait"

    done = at_once(lambda: move(S.PUBLICATION, ""), lambda: move(S.REDACTION, "À revoir."))
    assert sorted(done) == ["dit", "fait"]


def test_a_publication_and_an_end_are_sealed_at_once(cloned_database):
    """Without waiting for the night, once they are committed; coming back is not."""
    marche = MarcheFactory()
    lead(marche, S.VISAS)
    assert list_seals() == []
    move_marche(by=marche.author, marche=marche, statut=S.PUBLICATION)
    (seal,) = list_seals()
    seq, link = chain_head(marche.pk)
    assert json.loads(seal.tetes)[str(marche.pk)] == [seq, link]
    move_marche(by=marche.author, marche=marche, statut=S.VISAS, motif="Une erreur de date.")
    assert len(list_seals()) == 1
    move_marche(by=marche.author, marche=marche, statut=S.SANS_SUITE, motif="Besoin disparu.")
    assert len(list_seals()) == 2
    assert verify_evidence().breaks == []


def test_a_seal_that_fails_holds_nobody_up(cloned_database, connect_as):
    """Seals cannot be written: the marché is published, and the log says the rest."""
    marche = MarcheFactory()
    lead(marche, S.VISAS)
    connect_as("postgres").cursor().execute(
        "REVOKE EXECUTE ON FUNCTION public.sceau_poser(text, text, text) FROM app_web"
    )
    move_marche(by=marche.author, marche=marche, statut=S.PUBLICATION)
    marche.refresh_from_db()
    assert marche.statut == S.PUBLICATION
    assert list_seals() == []


def test_what_is_not_committed_is_not_sealed(cloned_database):
    marche = MarcheFactory()
    lead(marche, S.VISAS)
    with undone():
        move_marche(by=marche.author, marche=marche, statut=S.PUBLICATION)
    assert list_seals() == []
