"""One mail for one job, counted in the box where two real workers put it, whatever is delivered twice. X09."""

import time
from contextlib import ExitStack, contextmanager

import pytest
from celery import current_app

from procurement.jobs.models import Job
from tests.procurement.jobs.test_worker import wait_until
from tests.procurement.marches.factories import InvitationFactory
from tests.services import services
from tests.support.equipe import make_equipe
from tests.support.process import Process


pytestmark = pytest.mark.attaque("X09")

OPTIONS = ["--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=INFO"]


class Pair:
    """Two workers on one queue, and the box of their mails."""

    def __init__(self, database: str, box, **variables: str) -> None:
        self.box = box
        own = {"EMAIL_URL": f"filemail:///{box}", **variables}
        argv = ["celery", "-A", "tests.support.slow_worker", "worker", *OPTIONS]
        self.workers = [
            Process(name, argv, services.environment(database, role="app_worker", **own))
            for name in ("un", "deux")
        ]

    def mails(self) -> int:
        return sum(path.read_text().count("Subject: ") for path in self.box.iterdir())

    def heard(self) -> int:
        """Times that the bell of a job was answered, whether or not it was then taken."""
        logs = [worker.log.read_text() for worker in self.workers]
        return sum(log.count("Task jobs.run[") and log.count(" succeeded in ") for log in logs)


@pytest.fixture
def pair(cloned_database, tmp_path):
    @contextmanager
    def start(*, slow, visibility=600, **variables):
        services.valkey.flush()
        said = {"SLOW": str(slow), "VISIBILITY": str(visibility), **variables}
        pair = Pair(cloned_database, tmp_path, **said)
        with ExitStack() as stack:
            for worker in pair.workers:
                worker.start(lambda worker=worker: b" ready." in worker.log.read_bytes())
                stack.callback(worker.stop)
            yield pair

    return start


@pytest.fixture
def mail_to_send(cloned_database) -> Job:
    """The mail of an invitation, whose row is there and whose bell rings in nobody's ear yet."""
    InvitationFactory(marche=make_equipe().marche)
    return Job.objects.filter(kind="marches:mail_invitation").latest("created_at")


def ring(job, *, times=1):
    for _ in range(times):
        current_app.send_task("jobs.run", args=[str(job.pk)])


def said_of(job):
    job.refresh_from_db()
    return job.statut, job.tentatives, job.resultat


def test_a_bell_rung_five_times_is_one_mail(pair, mail_to_send):
    with pair(slow=1) as workers:
        ring(mail_to_send, times=5)
        wait_until(lambda: workers.heard() == 5)
        assert workers.mails() == 1
    assert said_of(mail_to_send) == ("fait", 1, {"envoye": True})


def test_taken_by_whoever_hears_it_is_as_many_mails(pair, mail_to_send):
    """Positive control: the same bells, the same box."""
    with pair(slow=1, CLAIM="any") as workers:
        ring(mail_to_send, times=5)
        wait_until(lambda: workers.heard() == 5)
        assert workers.mails() == 5


@pytest.mark.lent
@pytest.mark.timeout(200)
@pytest.mark.parametrize("claim", ["", "any"])
def test_a_bell_given_again_before_the_end_of_the_work(pair, mail_to_send, claim):
    """Twenty seconds of work, six of patience: Valkey gives it to the other, who leaves it.

    « any » is the positive control: the other sends the mail too.
    """
    with pair(slow=20, visibility=6, CLAIM=claim) as workers:
        ring(mail_to_send)
        wait_until(lambda: workers.heard() >= 2, seconds=90)
        time.sleep(1)
        sent = workers.mails()
    if claim:
        assert sent > 1
    else:
        assert (sent, *said_of(mail_to_send)) == (1, "fait", 1, {"envoye": True})
