"""Who has left a marché, or may write in it no more, is led nowhere in it and reads none of its titles."""

import pytest
from django.urls import reverse

from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Participation
from procurement.marches.services import change_role, end_participation
from procurement.organisations.models import Membership
from procurement.organisations.services import end_membership
from tests.wikimarche.domain.importing.samples import styled_word
from tests.wikimarche.views.test_importations import CCTP, send
from wikimarche.enums import FormatExport
from wikimarche.models import Importation
from wikimarche.services import ask_export, rename_piece, submit_piece


@pytest.fixture
def busy(equipe):
    """An éditrice with a file made and a document to check, in a pièce named anew since."""
    ask_export(by=equipe.person(), piece=equipe.piece, format=FormatExport.MD)
    send(equipe.browser(), equipe.piece, styled_word(*CCTP))
    for job in hers_of(equipe):
        run_job(job.pk)
    rename_piece(by=equipe.gestionnaire, piece=equipe.piece, titre="Titre d’aujourd’hui")
    return equipe


def hers_of(equipe):
    return Job.objects.filter(requested_by=equipe.person(), kind__startswith="wikimarche:")


def pages(equipe):
    browser = equipe.browser()
    addresses = ["/", reverse("jobs:job_list")]
    addresses += [reverse("jobs:job_detail", args=[job.pk]) for job in hers_of(equipe)]
    answers = [browser.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content.decode() for answer in answers]


def leads(text):
    importation = Importation.objects.get()
    return reverse("wikimarche:importation_detail", args=[importation.pk]) in text


def test_who_writes_is_led_to_what_waits(busy):
    home, jobs, *each = pages(busy)
    assert leads(home)
    assert leads(jobs)
    assert "Titre d’aujourd’hui" in home
    assert any("Titre d’aujourd’hui" in page for page in (jobs, *each))


def leave_the_marche(busy):
    hers = Participation.objects.get(user=busy.person(), marche=busy.marche)
    end_participation(by=busy.gestionnaire, participation=hers)


def leave_the_organisation(busy):
    hers = Membership.objects.get(user=busy.person(), is_active=True)
    end_membership(by=None, membership=hers)


@pytest.mark.parametrize("leave", [leave_the_marche, leave_the_organisation])
def test_who_left_reads_no_title_and_is_led_nowhere(busy, leave):
    submit_piece(by=busy.gestionnaire, piece=busy.piece)
    leave(busy)
    shown = pages(busy)
    assert not any("Titre d’aujourd’hui" in page or leads(page) for page in shown)


def test_who_only_reads_now_is_not_asked_to_check_a_cutting(busy):
    hers = Participation.objects.get(user=busy.person(), marche=busy.marche)
    change_role(by=busy.gestionnaire, participation=hers, role=RoleParticipation.OBSERVATEUR)
    shown = pages(busy)
    assert not any(leads(page) for page in shown)
    assert any("Titre d’aujourd’hui" in page for page in shown)
