"""What a person is asked to read over, and what the page of a pièce says of its last save."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from procurement.marches.enums import StatutMarche
from procurement.marches.services import move_marche
from procurement.marches.workflow import ORDER
from tests.procurement.marches.factories import ParticipationFactory, gestionnaire_of
from tests.wikimarche.factories import ArticleFactory, PieceFactory
from wikimarche.models import Version
from wikimarche.selectors import waiting_readings
from wikimarche.services import submit_piece
from wikimarche.views.pieces import _saved


pytestmark = pytest.mark.django_db


def test_a_piece_waits_for_its_readers_while_it_can_change():
    piece = ArticleFactory(piece=PieceFactory()).piece
    marche = piece.marche
    reader = ParticipationFactory(marche=marche, role="editeur").user
    assert not list(waiting_readings(reader))
    submit_piece(by=gestionnaire_of(marche), piece=piece)
    (waiting,) = waiting_readings(reader)
    assert waiting.acte == "Relire la pièce"
    for statut in ORDER[1 : ORDER.index(StatutMarche.PUBLICATION) + 1]:
        assert list(waiting_readings(reader)), statut
        move_marche(by=gestionnaire_of(marche), marche=marche, statut=statut)
    assert not list(waiting_readings(reader))


@pytest.mark.parametrize(
    ("role", "waits"), [("observateur", 0), ("commentateur", 1), ("moderateur", 1), ("editeur", 1)]
)
def test_nothing_waits_for_who_can_do_nothing_about_it(role, waits):
    piece = ArticleFactory(piece=PieceFactory()).piece
    reader = ParticipationFactory(marche=piece.marche, role=role).user
    submit_piece(by=gestionnaire_of(piece.marche), piece=piece)
    assert len(list(waiting_readings(reader))) == waits


def test_a_save_of_another_day_says_its_day(monkeypatch):
    now = datetime(2026, 3, 12, 22, 59, 59, tzinfo=UTC)  # one second before midnight in Paris
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert set(_saved(Version(instant=now))) == {"instant"}
    assert _saved(Version(instant=now - timedelta(days=2))) == {
        "autre_jour": now - timedelta(days=2)
    }
    assert _saved(None) == {}
