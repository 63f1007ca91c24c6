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


def test_of_two_hundred_exports_asked_by_one_person_twenty_wait(equipe):
    browser = equipe.browser()
    url = reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    statuses = [browser.post(url, {"format": "md"}).status_code for _ in range(200)]
    assert statuses == [302] * 20 + [429] * 180
    assert Job.objects.filter(requested_by=equipe.person()).count() == 20
    other = equipe.browser("gestionnaire")
    assert other.post(url, {"format": "md"}).status_code == 302, "nobody else is stopped"


def test_asked_at_the_same_instant_no_more_than_twenty_wait(cloned_database, settings, at_once):
    """Each counts those of the others: without the lock of the person all would read nineteen."""
    settings.DEMO = True
    equipe = make_equipe()
    by, url = equipe.person(), reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    browsers = [Browser(by) for _ in range(6)]
    for _ in range(18):
        ask_export(by=by, piece=equipe.piece, format=FormatExport.MD)

    statuses = at_once(
        *(lambda one=one: one.post(url, {"format": "md"}).status_code for one in browsers)
    )
    assert sorted(statuses) == [302] * 2 + [429] * 4
    assert Job.objects.filter(requested_by=by).count() == 20


@pytest.mark.parametrize("where", ["page", "fragment", "data"])
def test_what_breaks_says_a_number_and_nothing_of_the_inside(equipe, job, monkeypatch, where):
    """An exception forced in a page, in what replaces a part of it, and in an answer to a program."""

    def fail(*args, **kwargs):
        raise RuntimeError(f"SELECT secret {equipe.person().email}")

    browser = equipe.browser()
    if where == "data":
        monkeypatch.setattr("wikimarche.views.articles.commits_since", fail)
        url = reverse("wikimarche:article_commits", args=[equipe.article.pk])
        answer = browser.get(url, {"depuis": "0"}, headers={"accept": "application/json"})
    else:
        monkeypatch.setattr("procurement.jobs.views.jobs.render", fail)
        headers = {"hx-request": "true"} if where == "fragment" else {}
        answer = browser.get(addresses(job)[0][1], headers=headers)
    told = answer.content.decode()
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in told
    for inside in ("RuntimeError", "Traceback", "SELECT", "@test.example", ".py", "procurement"):
        assert inside not in told, inside
    assert browser.get(reverse("jobs:job_list")).status_code == (500 if where != "data" else 200)


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
