"""« Mes travaux »: one's own, and nobody else's. F03."""

import pytest
from django.urls import reverse

from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.services import end_participation
from tests.support.client import Browser
from tests.support.equipe import make_equipe
from wikimarche.enums import FormatExport
from wikimarche.services import ask_export


pytestmark = pytest.mark.attaque("F03")


@pytest.fixture
def equipe(db, settings):
    settings.DEMO = True
    return make_equipe()


@pytest.fixture
def job(equipe):
    return ask_export(by=equipe.person(), piece=equipe.piece, format=FormatExport.MD)


def addresses(job):
    return [
        ("get", reverse("jobs:job_detail", args=[job.pk])),
        ("get", reverse("documents:job_download", args=[job.pk])),
        ("post", reverse("jobs:job_cancel", args=[job.pk])),
    ]


def test_the_job_of_another_person_does_not_exist(equipe, job):
    run_job(job.pk)
    for role in ("gestionnaire", "juriste", "etranger"):
        browser = equipe.browser(role)
        for method, url in addresses(job):
            assert getattr(browser, method)(url).status_code == 404, (role, url)
        assert job not in browser.get(reverse("jobs:job_list")).context["jobs"]
    for method, url in addresses(job):
        assert getattr(Browser(), method)(url).status_code == 302


def test_following_and_fetching_one_s_own(equipe, job):
    browser = equipe.browser()
    detail, download, _ = (url for _, url in addresses(job))
    assert browser.get(download).status_code == 404
    run_job(job.pk)
    assert browser.get(detail).status_code == 200
    assert browser.get(detail, headers={"HX-Request": "true"}).status_code == 200
    answer = browser.get(download)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "private, no-store"
    assert "Délais" in b"".join(answer.streaming_content).decode()


def test_the_file_goes_with_the_right_it_was_asked_under(equipe, job):
    run_job(job.pk)
    browser = equipe.browser()
    end_participation(by=equipe.gestionnaire, participation=equipe.participation(equipe.person()))
    assert browser.get(addresses(job)[1][1]).status_code in (403, 404)


def test_cancelling_one_s_own(equipe, job):
    browser = equipe.browser()
    assert browser.post(addresses(job)[2][1]).status_code == 302
    job.refresh_from_db()
    assert job.statut == "annule"
    assert browser.get(addresses(job)[1][1]).status_code == 404


def test_the_twenty_first_export_is_answered_by_429(equipe):
    browser = equipe.browser()
    url = reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    statuses = [browser.post(url, {"format": "md"}).status_code for _ in range(21)]
    assert statuses == [302] * 20 + [429]
    page = browser.post(url, {"format": "md"}).content.decode()
    assert "Trop de demandes" in page
    assert "vingt travaux" in page
    assert Job.objects.filter(requested_by=equipe.person()).count() == 20


@pytest.mark.parametrize(
    "data",
    [{}, {"format": "exe"}, {"format": "pdf", "version": "x"}, {"format": "pdf", "version": "0"}],
)
def test_an_unreadable_export_is_answered_by_400(equipe, data):
    url = reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    answer = equipe.browser().post(url, data)
    assert answer.status_code == 400
    assert not Job.objects.filter(kind="wikimarche:export_piece").exists()


@pytest.mark.parametrize("version", [99, "9" * 30])
def test_the_export_of_a_version_that_is_not_there(equipe, version):
    url = reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    answer = equipe.browser().post(url, {"format": "pdf", "version": version})
    assert answer.status_code in (400, 404)
