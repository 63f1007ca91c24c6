"""A real Celery worker, killed, halved or frozen in the middle. X03, X08."""

import contextlib
import json
import os
import random
import signal
import sys
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from procurement.documents.models import StoredFile
from procurement.jobs.models import Job
from procurement.jobs.services import sweep_jobs
from procurement.jobs.services.ask import ring
from tests.support.equipe import make_equipe
from tests.support.faults import pids_under, send_all, wait_gone
from tests.support.process import Process
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
def other_worker(worker):
    """A second worker on the same queue and the same database."""
    second = Process("autre", worker.child.argv[2:], dict(worker.child.env))
    second.start(lambda: b" ready." in second.log.read_bytes())
    yield second
    send_all(second.pid, signal.SIGCONT)
    second.stop()


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


def kill_children(process):
    """kill -9 of all that it started."""
    children = pids_under(process.pid)[1:]
    assert children, "the work is done by a child"
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_gone(children)


def take_off_the_lease(job):
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk, statut="en_cours").update(bail_jusqua=past)


@pytest.mark.attaque("X08")
@pytest.mark.timeout(200)
def test_a_worker_that_lost_its_child_goes_on_by_itself(equipe, worker):
    """kill -9 of the process that did the work, and of what it had started: its parent lives on."""
    job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.PDF)
    wait_until(lambda: statut(job) == "en_cours")
    kill_children(worker)
    take_off_the_lease(job)
    wait_until(lambda: statut(job) == "fait", seconds=100, each=sweep_jobs, pause=1)
    job.refresh_from_db()
    assert job.tentatives == 2
    assert StoredFile.objects.count() == 1
    assert worker.child.process.poll() is None


@pytest.mark.attaque("X08")
@pytest.mark.lent
@pytest.mark.timeout(900)
def test_twenty_kills_lose_no_job_and_double_none(worker):
    """What was acknowledged (the row of the job) is done, once, whatever was killed at it."""
    equipe, chance, waits = make_equipe(), random.Random(8), []  # noqa: S311
    for _ in range(20):
        job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.PDF)
        wait_until(lambda job=job: statut(job) == "en_cours")
        time.sleep(chance.uniform(0, 0.2))
        kill_children(worker)
        begun = time.monotonic()
        take_off_the_lease(job)
        wait_until(lambda job=job: statut(job) == "fait", seconds=100, each=sweep_jobs, pause=0.5)
        waits.append(round(time.monotonic() - begun, 1))
    told = {"killed": "worker", "kills": 20, "seconds": sorted(waits)}
    sys.stdout.write(f"\n{json.dumps(told)}\n")
    assert set(Job.objects.values_list("statut", flat=True)) == {"fait"}
    assert StoredFile.objects.count() == Job.objects.count() == 20


def said_of(job):
    job.refresh_from_db()
    return job.statut, job.tentatives, job.resultat, job.finished_at


def freeze_in_the_middle(equipe, first, second):
    """`first` sleeps past its lease, `second` does its job, `first` wakes and goes on.

    Returns what the job said when it was done, and what it says once both are at rest.
    """
    send_all(second.pid, signal.SIGSTOP)
    job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.PDF)
    # Valkey may give the first bell to the one that sleeps: it was listening a moment ago.
    wait_until(lambda: statut(job) == "en_cours", each=lambda: ring(job.pk), pause=0.1)
    send_all(first.pid, signal.SIGSTOP)
    try:
        assert statut(job) == "en_cours"
        take_off_the_lease(job)
        send_all(second.pid, signal.SIGCONT)
        wait_until(lambda: statut(job) == "fait", seconds=100, each=sweep_jobs, pause=1)
        done = said_of(job)
    finally:
        send_all(first.pid, signal.SIGCONT)
    # What it was at goes to its end, and it takes work again.
    other = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.MD)
    send_all(second.pid, signal.SIGSTOP)
    wait_until(lambda: statut(other) == "fait", seconds=100, each=lambda: ring(other.pk), pause=1)
    return done, said_of(job)


@pytest.mark.attaque("X03")
@pytest.mark.timeout(200)
def test_what_a_frozen_worker_held_is_done_once_by_another(equipe, worker, other_worker):
    """Frozen past its lease, then awake: it does not write over what was done meanwhile."""
    done, then = freeze_in_the_middle(equipe, worker, other_worker)
    assert then == done
    assert done[:2] == ("fait", 2)


@pytest.fixture
def unsafe_worker(worker):
    """One that writes how a job ended without looking whether it still holds it."""
    argv = ["tests.support.unsafe_worker" if word == "procurement" else word
            for word in worker.child.argv[2:]]  # fmt: skip
    unsafe = Process("trompeur", argv, dict(worker.child.env))
    unsafe.start(lambda: b" ready." in unsafe.log.read_bytes())
    yield unsafe
    send_all(worker.pid, signal.SIGCONT)
    unsafe.stop()


@pytest.mark.attaque("X03")
@pytest.mark.timeout(200)
def test_a_worker_that_does_not_look_writes_over_what_was_done(equipe, worker, unsafe_worker):
    """Positive control: the same sleep, and the job is ended twice."""
    done, then = freeze_in_the_middle(equipe, unsafe_worker, worker)
    assert done[:2] == ("fait", 2)
    assert then != done


def test_what_beat_asks_runs_with_the_rights_of_the_worker(worker, settings):
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    for task in tasks:
        current_app.send_task(task)

    def told():
        log = worker.log.read_text()
        assert "Traceback" not in log, log[-3000:]
        return log.count(" succeeded in ") == len(tasks)

    wait_until(told, seconds=40, pause=0.2)
