"""A job runs once, under a lease, with the right of its asker; what is left is swept."""

import threading
import time
from datetime import timedelta

import pytest
from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, transaction
from django.utils import timezone

from procurement.jobs.models import Job
from procurement.jobs.services import (
    JobFailed,
    ask as asking,
    cancel_job,
    enqueue,
    run as running,
    run_job,
    sweep_jobs,
)
from procurement.marches.services import end_participation
from tests.procurement.accounts.factories import UserFactory
from tests.support.equipe import make_equipe
from wikimarche.enums import FormatExport
from wikimarche.services import ask_export


@pytest.fixture
def ana(db):
    return UserFactory(without_password=True)


def again(job):
    job.refresh_from_db()
    return job


def expire(job, **fields):
    """What a worker killed in the middle leaves behind."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(statut="en_cours", bail_jusqua=past, **fields)


def test_a_job_runs_and_keeps_its_result(ana, ask):
    job = ask(ana, lambda job, progress: {"taille": 3})
    assert run_job(job.pk)
    again(job)
    assert (job.statut, job.resultat, job.tentatives) == ("fait", {"taille": 3}, 1)
    assert job.bail_jusqua is None
    assert job.finished_at


def test_a_job_done_does_not_run_again(ana, ask):
    runs = []
    job = ask(ana, lambda job, progress: runs.append(job.pk) or {})
    assert [run_job(job.pk) for _ in range(3)] == [True, False, False]
    assert runs == [job.pk]


@pytest.mark.attaque("X09")
def test_delivered_twice_at_once_it_runs_once(cloned_database, ask, at_once):
    runs, both = [], threading.Event()

    def work(job, progress):
        runs.append(job.pk)
        both.wait(2)
        return {}

    job = ask(UserFactory(without_password=True), work)
    taken = at_once(*(lambda: run_job(job.pk) for _ in range(5)))
    assert sorted(taken) == [False] * 4 + [True]
    assert runs == [job.pk]


@pytest.mark.attaque("X09")
def test_taken_without_condition_it_would_run_five_times(
    cloned_database, ask, at_once, monkeypatch
):
    """Positive control: the same five deliveries, the guard removed."""
    runs, both = [], threading.Event()
    monkeypatch.setattr(
        running, "_claim", lambda pk: Job.objects.select_related("requested_by").get(pk=pk)
    )

    def work(job, progress):
        runs.append(job.pk)
        both.wait(0.5)
        return {}

    job = ask(UserFactory(without_password=True), work)
    at_once(*(lambda: run_job(job.pk) for _ in range(5)))
    assert len(runs) == 5


def test_while_it_runs_nobody_else_takes_it(ana, ask):
    inside = []
    job = ask(ana, lambda job, progress: inside.append(run_job(job.pk)) or {})
    run_job(job.pk)
    assert inside == [False]


def test_an_expired_lease_is_taken_by_another(ana, ask):
    job = ask(ana)
    expire(job, tentatives=1)
    assert run_job(job.pk)
    assert (again(job).statut, job.tentatives) == ("fait", 2)


def test_a_lease_that_holds_is_not_taken(ana, ask):
    job = ask(ana)
    later = timezone.now() + timedelta(seconds=30)
    Job.objects.filter(pk=job.pk).update(statut="en_cours", bail_jusqua=later)
    assert not run_job(job.pk)


@pytest.mark.timeout(60)
def test_the_lease_is_renewed_while_the_work_lasts(cloned_database, ask, monkeypatch):
    monkeypatch.setattr(running, "HEARTBEAT", 0.05)
    seen = []

    def work(job, progress):
        # Ends once the lease was pushed twice, however slow the machine; without heartbeat, never.
        while len(seen) < 3:
            lease = Job.objects.get(pk=job.pk).bail_jusqua
            if lease not in seen:
                seen.append(lease)
        return {}

    job = ask(UserFactory(without_password=True), work)
    run_job(job.pk)
    assert seen == sorted(seen)
    assert again(job).statut == "fait"


def test_a_worker_that_lost_its_lease_does_not_overwrite_the_next_one(ana, ask):
    """It comes back from a long sleep after another has finished."""

    def work(job, progress):
        Job.objects.filter(pk=job.pk).update(
            tentatives=2, statut="fait", resultat={"par": "autre"}, bail_jusqua=None
        )
        return {"par": "endormi"}

    job = ask(ana, work)
    run_job(job.pk)
    assert again(job).resultat == {"par": "autre"}


def test_a_known_failure_is_told_in_its_words(ana, ask):
    def work(job, progress):
        raise JobFailed("Le document est chiffré.")

    job = ask(ana, work)
    run_job(job.pk)
    assert (again(job).statut, job.raison) == ("echec", "Le document est chiffré.")


def test_an_unknown_failure_is_told_by_a_number_and_not_by_its_words(ana, ask, caplog):
    job = ask(ana, lambda job, progress: {}["secret"])
    run_job(job.pk)
    again(job)
    assert job.statut == "echec"
    assert str(job.pk) in job.raison
    assert "secret" not in job.raison
    assert "KeyError" in caplog.text


def test_a_job_that_takes_too_long_is_stopped_and_says_so(ana, ask):
    def work(job, progress):
        raise SoftTimeLimitExceeded

    job = ask(ana, work)
    run_job(job.pk)
    assert "trop de temps" in again(job).raison


def test_a_database_error_in_the_work_does_not_lose_the_verdict(cloned_database, ask):
    def work(job, progress):
        with transaction.atomic():
            Job.objects.create(kind="x", titre="x", statut="inconnu")
        return {}

    job = ask(UserFactory(without_password=True), work)
    run_job(job.pk)
    assert again(job).statut == "echec"


def test_progress_is_written_on_the_row(ana, ask):
    seen = []

    def work(job, progress):
        progress(2, 8, "Page 2" + "x" * 300)
        job.refresh_from_db()
        seen.append((job.etape, job.total, job.percent, job.libelle_etape[:6]))
        return {}

    job = ask(ana, work)
    run_job(job.pk)
    assert seen == [(2, 8, 25, "Page 2")]
    assert again(job).percent == 100


# ── The right, again ────────────────────────────────────────────────────────────────────────────


def test_a_right_lost_since_the_ask_stops_the_job(db):
    equipe = make_equipe()
    job = ask_export(by=equipe.person(), piece=equipe.piece, format=FormatExport.MD)
    end_participation(by=equipe.gestionnaire, participation=equipe.participation(equipe.person()))
    run_job(job.pk)
    assert (again(job).statut, job.raison) == (
        "echec", "Vous n’avez plus le droit de demander ce travail.",
    )  # fmt: skip


def test_a_job_on_an_object_that_is_gone_stops(ana, ask):
    job = ask(ana, action="wikimarche:piece:read", objet=ana.pk)
    run_job(job.pk)
    assert "plus le droit" in again(job).raison


def test_a_job_under_a_right_has_an_asker(db, ask):
    job = ask(None)
    assert job.requested_by is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(action="wikimarche:piece:read")


# ── Asking ──────────────────────────────────────────────────────────────────────────────────────


def test_two_asks_with_one_key_are_one_job(ana, ask):
    assert ask(ana, key="importation:1") == ask(ana, key="importation:1")
    assert Job.objects.count() == 1


def test_two_asks_at_once_with_one_key_are_one_job(cloned_database, ask, at_once, kind):
    kind()
    ana = UserFactory(without_password=True)
    jobs = at_once(
        *(lambda: enqueue("essais:travail", by=ana, titre="x", key="k") for _ in range(4))
    )
    assert len({job.pk for job in jobs}) == 1
    assert Job.objects.count() == 1


def test_twenty_jobs_wait_and_no_more_even_at_once(cloned_database, kind, at_once):
    kind()
    ana = UserFactory(without_password=True)
    for _ in range(18):
        enqueue("essais:travail", by=ana, titre="x")
    results = at_once(*(lambda: enqueue("essais:travail", by=ana, titre="x") for _ in range(4)))
    assert sum(isinstance(result, Job) for result in results) == 2
    assert Job.objects.count() == 20


def test_an_unknown_kind_is_refused(ana):
    with pytest.raises(LookupError):
        enqueue("essais:inconnu", by=ana, titre="x")


def test_the_bell_rings_after_the_commit_and_not_before(cloned_database, ask, empty_queue):
    ana = UserFactory(without_password=True)
    with transaction.atomic():
        ask(ana)
        assert empty_queue() == 0
    assert empty_queue() == 1


def test_what_is_rolled_back_rings_no_bell(cloned_database, ask, empty_queue):
    ana = UserFactory(without_password=True)
    with transaction.atomic():
        ask(ana)
        transaction.set_rollback(True)
    assert empty_queue() == 0
    assert not Job.objects.exists()


# ── Cancelling, sweeping ────────────────────────────────────────────────────────────────────────


def test_a_waiting_job_is_cancelled_by_its_asker_only(ana, ask):
    job = ask(ana)
    assert not cancel_job(by=UserFactory(without_password=True), job=job)
    assert cancel_job(by=ana, job=job)
    assert again(job).statut == "annule"
    assert not run_job(job.pk)
    assert not cancel_job(by=ana, job=job)


def test_the_sweep_rings_for_what_was_left(ana, ask, empty_queue):
    forgotten, expired, fresh, done = (ask(ana, key=str(n)) for n in range(4))
    run_job(done.pk)
    old = timezone.now() - timedelta(seconds=31)
    Job.objects.filter(pk=forgotten.pk).update(created_at=old)
    expire(expired, tentatives=1)
    assert sweep_jobs() == 2
    assert empty_queue() == 2
    assert {again(job).statut for job in (forgotten, fresh)} == {"en_file"}


def test_three_interruptions_and_it_is_given_up(ana, ask):
    job = ask(ana)
    expire(job, tentatives=3)
    assert not run_job(job.pk)
    sweep_jobs()
    assert again(job).statut == "echec"
    assert "trois fois" in job.raison


def test_the_third_attempt_is_still_made(ana, ask):
    job = ask(ana)
    expire(job, tentatives=2)
    assert sweep_jobs() == 1
    assert run_job(job.pk)
    assert (again(job).statut, job.tentatives) == ("fait", 3)


@pytest.fixture
def broken_broker(monkeypatch):
    """The bell points to a port where nobody listens."""
    app = Celery("essais", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(asking, "current_app", app)
    return app


@pytest.mark.attaque("X10")
def test_without_broker_the_change_is_kept_and_swept_later(
    cloned_database, browse, broken_broker, caplog
):
    equipe = make_equipe()
    url = f"/pieces/{equipe.piece.pk}/exporter/"
    browser = browse(equipe.gestionnaire)
    start = time.monotonic()
    answer = browser.post(url, {"format": "md"})
    assert answer.status_code == 302
    assert time.monotonic() - start < 3, "nobody waits for the bell"
    assert "did not ring" in caplog.text
    job = Job.objects.get(kind="wikimarche:export_piece")
    assert job.statut == "en_file"
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert sweep_jobs() >= 1


@pytest.mark.attaque("X10")
def test_a_bell_that_must_ring_fails_who_has_already_saved(
    cloned_database, browse, broken_broker, monkeypatch
):
    """Positive control: the guard removed, the person is told of a failure and the change is there."""

    def must_ring(pk):
        asking.current_app.send_task("jobs.run", args=[str(pk)], retry=False)

    later = transaction.on_commit
    monkeypatch.setattr(asking, "ring", must_ring)
    monkeypatch.setattr(asking.transaction, "on_commit", lambda act, **_: later(act))
    equipe = make_equipe()
    browser = browse(equipe.gestionnaire)
    answer = browser.post(f"/pieces/{equipe.piece.pk}/exporter/", {"format": "md"})
    assert answer.status_code == 500
    assert Job.objects.filter(kind="wikimarche:export_piece", statut="en_file").exists()
