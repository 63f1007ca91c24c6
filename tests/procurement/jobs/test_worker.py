"""A real Celery worker, killed in the middle. X08, X09."""

import os
import signal
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail
from django.utils import timezone

from procurement.documents.models import StoredFile
from procurement.jobs.models import Job
from procurement.jobs.services import sweep_jobs
from tests.procurement.marches.factories import InvitationFactory
from tests.support.equipe import make_equipe
from tests.wikimarche.factories import ArticleFactory
from wikimarche.enums import FormatExport
from wikimarche.services import ask_export


def wait_until(done, *, seconds=60, each=None, pause=0.02):
    """Poll a row as its asker does; `each` stands for beat."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if done():
            return
        if each:
            each()
        time.sleep(pause)
    raise AssertionError(f"not after {seconds} s")


def statut(job):
    return Job.objects.values_list("statut", flat=True).get(pk=job.pk)


def kill(process):
    """kill -9 of the whole worker, and wait until it is gone."""
    os.kill(process.pid, signal.SIGKILL)
    process.child.process.wait(10)


def ready(process):
    offset = process.log.stat().st_size
    return lambda: b" ready." in process.log.read_bytes()[offset:]


@pytest.fixture
def equipe(worker):
    equipe = make_equipe()
    for _ in range(20):
        ArticleFactory(piece=equipe.piece, texte="Le titulaire nettoie. " * 60)
    return equipe


def test_a_worker_with_its_own_rights_exports_a_piece(equipe):
    job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.DOCX)
    wait_until(lambda: statut(job) not in ("en_file", "en_cours"))
    job.refresh_from_db()
    assert (job.statut, job.raison) == ("fait", "")


@pytest.mark.attaque("X08")
@pytest.mark.timeout(200)
@pytest.mark.parametrize("patient", [False, pytest.param(True, marks=pytest.mark.lent)])
def test_a_worker_killed_during_a_pdf_is_replaced_and_the_job_done_once(equipe, worker, patient):
    """patient: wait for the lease to end by itself; otherwise its thirty seconds are taken off."""
    job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.PDF)
    wait_until(lambda: statut(job) == "en_cours")
    kill(worker)
    start = time.monotonic()
    assert statut(job) == "en_cours"
    if not patient:
        past = timezone.now() - timedelta(seconds=1)
        Job.objects.filter(pk=job.pk, statut="en_cours").update(bail_jusqua=past)
    worker.start(ready(worker))
    wait_until(lambda: statut(job) == "fait", seconds=100, each=sweep_jobs, pause=1)
    job.refresh_from_db()
    assert job.tentatives == 2
    assert StoredFile.objects.count() == 1
    if patient:
        assert time.monotonic() - start < 90
    time.sleep(1)
    job.refresh_from_db()
    assert job.tentatives == 2


@pytest.mark.attaque("X08")
@pytest.mark.timeout(200)
def test_without_the_sweeper_a_killed_job_stays_where_it_was(equipe, worker):
    """Positive control: nobody rings again, and the job is seen not to end."""
    job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.PDF)
    wait_until(lambda: statut(job) == "en_cours")
    kill(worker)
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk, statut="en_cours").update(bail_jusqua=past)
    worker.start(ready(worker))
    time.sleep(6)
    assert statut(job) == "en_cours"


@pytest.mark.attaque("X09")
def test_a_bell_rung_five_times_is_one_mail(equipe, worker):
    mail.outbox.clear()
    InvitationFactory(marche=equipe.marche)
    job = Job.objects.filter(kind="marches:mail_invitation").latest("created_at")
    for _ in range(5):
        current_app.send_task("jobs.run", args=[str(job.pk)])
    wait_until(lambda: statut(job) == "fait")
    time.sleep(1)
    job.refresh_from_db()
    assert (job.tentatives, job.resultat) == (1, {"envoye": True})


def test_what_beat_asks_runs_with_the_rights_of_the_worker(worker, settings):
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    for task in tasks:
        current_app.send_task(task)

    def told():
        log = worker.log.read_text()
        assert "Traceback" not in log, log[-3000:]
        return log.count(" succeeded in ") == len(tasks)

    wait_until(told, seconds=40, pause=0.2)
