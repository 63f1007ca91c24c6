"""Accueil: what waits for whoever manages a marché, and what to go on with when nothing does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from procurement.marches.selectors import waiting
from procurement.marches.selectors.points import fiche_points
from procurement.marches.services import end_participation, invite_participant, update_marche
from tests.procurement.marches.factories import (
    InvitationFactory,
    MarcheFactory,
    ParticipationFactory,
)


def home(equipe, role="gestionnaire"):
    return equipe.browser(role).get(reverse("marches:home")).content.decode()


@pytest.fixture
def late(equipe):
    past = datetime(2026, 1, 8, 11, tzinfo=UTC)
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, date_limite_offres=past)
    return equipe


def test_when_nothing_waits_the_page_says_what_to_go_on_with(equipe):
    page = home(equipe)
    assert "Rien ne vous attend" in page
    assert "peut avancer" in page
    assert str(equipe.marche) in page


def test_an_invitation_that_waits_is_not_being_alone(equipe):
    marche = MarcheFactory(by=equipe.gestionnaire)
    assert "Personne d’autre n’y travaille encore." in {
        point.detail for point in fiche_points(marche)
    }
    for n in range(2):
        InvitationFactory(marche=marche, email=f"invite-{n}@region.example")
    [point] = [one for one in fiche_points(marche) if one.titre == "Inviter un collègue"]
    assert point.fait
    assert point.detail == "2 invitations attendent une réponse."


def test_whoever_manages_nothing_is_told_what_will_show(equipe):
    page = home(equipe, "observateur")
    assert "Rien ne vous attend" in page
    assert "peut avancer" not in page


def test_a_date_of_offers_that_passed_waits_for_whoever_manages(late):
    page = home(late)
    assert "une chose vous attend" in page
    assert "Les offres étaient à remettre le" in page
    assert "Revoir le calendrier" in page
    assert "Revoir le calendrier" not in home(late, "editeur")


def test_a_date_to_come_does_not_wait(equipe):
    soon = timezone.now() + timedelta(days=1)
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, date_limite_offres=soon)
    assert "Revoir le calendrier" not in home(equipe)


def test_an_invitation_without_answer_waits_after_some_days(equipe, monkeypatch):
    invite_participant(
        by=equipe.gestionnaire, marche=equipe.marche, email="absente@test.example", role="editeur"
    )
    assert "Sans réponse" not in home(equipe)
    monkeypatch.setattr(waiting, "PATIENCE", timedelta(seconds=-1))
    page = home(equipe)
    assert "Sans réponse" in page
    assert "absente@test.example" in page
    assert "absente@test.example" not in home(equipe, "editeur")


def test_whoever_no_longer_manages_sees_nothing_of_it(late):
    ParticipationFactory(marche=late.marche, role="gestionnaire")
    participation = late.marche.participations.get(user=late.gestionnaire)
    browser = late.browser("gestionnaire")
    end_participation(by=late.gestionnaire, participation=participation)
    page = browser.get(reverse("marches:home")).content.decode()
    assert late.marche.get_absolute_url() not in page
    assert "Revoir le calendrier" not in page
