"""A browser without a screen that behaves as on a server: CSRF checked, commits followed."""

import re
import statistics
import time

import pytest
from allauth.mfa.totp.internal import auth
from django.core import mail
from django.test import Client, TestCase
from django.urls import reverse

from procurement.accounts import registry
from procurement.jobs.enums import StatutJob
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.jobs.services.mails import MAIL
from tests.procurement.accounts.factories import CODE_CLOCK, PASSWORD, totp_code


class Visitor(Client):
    """One browser of one person."""

    def __init__(self, ip="192.0.2.1", **options):
        super().__init__(enforce_csrf_checks=True, REMOTE_ADDR=ip, **options)

    def request(self, **request):
        # The test is one transaction: what leaves after the commit leaves after each request, and
        # the mails it asked for are sent as a worker would.
        with TestCase.captureOnCommitCallbacks(execute=True):
            answer = super().request(**request)
        for job in Job.objects.filter(kind=MAIL, statut=StatutJob.EN_FILE).order_by("created_at"):
            run_job(job.pk)
        return answer

    def open(self, name, *args, **extra):
        return self.get(reverse(name, args=args), headers={"accept": "text/html"}, **extra)

    def send(self, url, data=None, **extra):
        """Post a form as its page would, with the token."""
        url = url if url.startswith("/") else reverse(url)
        token = self.cookies.get("csrf") or self._take_token()
        return self.post(url, {**(data or {}), "csrfmiddlewaretoken": token.value}, **extra)

    def _take_token(self):
        self.get(reverse("account_login"))
        if "csrf" not in self.cookies:
            self.get(reverse("account_profile"))
        return self.cookies["csrf"]

    def sign_in(self, user, password=PASSWORD, **extra):
        answer = self.send("account_login", {"login": user.email, "password": password}, **extra)
        if hasattr(user, "totp_secret") and answer.url == reverse("mfa_authenticate"):
            answer = self.send("mfa_authenticate", {"code": totp_code(user)})
        return answer

    def confirm_identity(self, user=None, password=PASSWORD):
        """Show again who one is, as sensitive acts ask."""
        if hasattr(user, "totp_secret"):
            return self.send("mfa_reauthenticate", {"code": totp_code(user)})
        return self.send("account_reauthenticate", {"password": password})

    @property
    def is_signed_in(self):
        return self.open("account_profile").status_code == 200


@pytest.fixture(autouse=True)
def code_clock(monkeypatch):
    """Stop the clock of the codes: one asked at the end of its thirty seconds would come too late."""
    monkeypatch.setattr(auth, "time", CODE_CLOCK)
    monkeypatch.setattr(CODE_CLOCK, "now", CODE_CLOCK.now)
    return CODE_CLOCK


@pytest.fixture
def visitor(db):
    return Visitor()


@pytest.fixture
def new_visitor(db):
    return Visitor


@pytest.fixture
def last_link():
    """Return the path of the link in the newest mail, as its reader would open it."""

    def find(kind=""):
        text = mail.outbox[-1].body
        links = [link for link in re.findall(r"http://127\.0\.0\.1(/\S+)", text) if kind in link]
        return links[0]

    return find


@pytest.fixture
def mail_orders(monkeypatch):
    """The door of the jobs: mails are ordered, a worker would write them elsewhere."""
    orders = []
    monkeypatch.setattr(registry, "_doors", [orders.append])
    return orders


@pytest.fixture
def same_time():
    """Tell whether two acts cost the same, by medians of 30 taken in turn.

    Time of this process and not of the clock: the neighbours of a shared machine would drown 10 %.
    A busy machine may still spoil one round, not three.
    """

    def compare(first, second, tolerance=0.10):
        for _ in range(3):
            times = ([], [])
            for number in range(30):
                for act, kept in zip((first, second), times, strict=True):
                    run = act(number)
                    start = time.process_time()
                    run()
                    kept.append(time.process_time() - start)
            one, two = map(statistics.median, times)
            if abs(one - two) / max(one, two) <= tolerance:
                return True
        return False

    return compare
