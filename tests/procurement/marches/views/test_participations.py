"""Roles: who gives them, and the last gestionnaire who stays."""

import pytest
from django.urls import reverse

from procurement.audit.services import verify_evidence
from procurement.marches.models import Participation
from tests.procurement.marches.factories import ParticipationFactory
from tests.support.client import Browser


def change(browser, participation, role):
    url = reverse("marches:participation_change", args=[participation.pk])
    return browser.post(url, {"role": role})


def end(browser, participation):
    return browser.post(reverse("marches:participation_end", args=[participation.pk]))


def test_a_role_changes_at_the_next_request(equipe):
    editeur = equipe.browser()
    url = reverse("marches:marche_update", args=[equipe.marche.pk])
    assert editeur.get(url).status_code == 200
    participation = equipe.participation(equipe.person())
    assert change(equipe.browser("gestionnaire"), participation, "observateur").status_code == 302
    assert editeur.get(url).status_code == 403


@pytest.mark.attaque("D06")
def test_whoever_is_taken_off_sees_nothing_at_the_next_request(equipe):
    editeur = equipe.browser()
    end(equipe.browser("gestionnaire"), equipe.participation(equipe.person()))
    assert editeur.get(equipe.marche.get_absolute_url()).status_code == 404
    assert editeur.get(equipe.piece.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("role", ["", "x", "juriste", "administrateur", "agent"])
def test_a_role_that_does_not_exist_is_not_given(equipe, role):
    participation = equipe.participation(equipe.person())
    change(equipe.browser("gestionnaire"), participation, role)
    participation.refresh_from_db()
    assert participation.role == "editeur"


@pytest.mark.attaque("A08")
def test_nobody_raises_oneself(equipe):
    own = equipe.participation(equipe.person())
    assert change(equipe.browser(), own, "gestionnaire").status_code == 403
    own.refresh_from_db()
    assert own.role == "editeur"
    invite = reverse("marches:invitation_create", args=[equipe.marche.pk])
    sent = {"email": "x@test.example", "role": "gestionnaire"}
    assert equipe.browser().post(invite, sent).status_code == 403
    assert equipe.browser("etranger").post(invite, sent).status_code == 404


@pytest.mark.attaque("A08")
def test_the_last_gestionnaire_stays(equipe):
    own, browser = equipe.participation(equipe.gestionnaire), equipe.browser("gestionnaire")
    answer = change(browser, own, "editeur")
    assert answer.status_code == 409
    assert "Il reste toujours un gestionnaire" in answer.content.decode()
    assert end(browser, own).status_code == 409
    own.refresh_from_db()
    assert (own.role, own.is_active) == ("gestionnaire", True)


def test_the_last_but_one_may_leave(equipe):
    ParticipationFactory(marche=equipe.marche, role="gestionnaire")
    own, browser = equipe.participation(equipe.gestionnaire), equipe.browser("gestionnaire")
    assert end(browser, own).status_code == 302
    assert browser.get(equipe.marche.get_absolute_url()).status_code == 404


@pytest.mark.attaque("X15")
@pytest.mark.parametrize("verb", ["change", "end"])
def test_two_gestionnaires_do_not_leave_together(equipe_durable, at_once, verb):
    equipe = equipe_durable
    other = ParticipationFactory(marche=equipe.marche, role="gestionnaire")
    own = equipe.participation(equipe.gestionnaire)
    mine, theirs = Browser(equipe.gestionnaire), Browser(other.user)

    def leave(browser, participation):
        if verb == "end":
            return end(browser, participation).status_code
        return change(browser, participation, "editeur").status_code

    statuses = at_once(lambda: leave(mine, own), lambda: leave(theirs, other))
    assert sorted(statuses) == [302, 409]
    left = Participation.objects.filter(
        marche=equipe.marche, role="gestionnaire", is_active=True
    ).count()
    assert left == 1
    report = verify_evidence(chain=equipe.marche.pk)
    assert report.ok, report.breaks


@pytest.mark.attaque("A05")
def test_an_ended_participation_is_gone_for_everyone(equipe):
    participation = equipe.participation(equipe.person())
    gestionnaire = equipe.browser("gestionnaire")
    end(gestionnaire, participation)
    assert end(gestionnaire, participation).status_code == 404
    assert change(gestionnaire, participation, "gestionnaire").status_code == 404
