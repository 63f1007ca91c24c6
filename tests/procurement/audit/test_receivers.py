"""The line to Postgres between two requests: believed while it is quiet, asked otherwise."""

import contextlib
import time

import pytest
from django.core.signals import request_started
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from procurement.audit.querysets import Prepared
from procurement.audit.receivers import trust_quiet_connection


SESSION = Prepared("SELECT pg_backend_pid() + %s::integer")


def session():
    """Number of the session of Postgres at the other end."""
    return SESSION.rows([0])[0][0]


def end(pid):
    """End that session from another one, and wait until it is over."""
    other = connection.copy()
    with contextlib.closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        assert cursor.fetchone() == (True,)
    time.sleep(0.05)  # what it said last has arrived


@pytest.fixture
def asked(cloned_database, monkeypatch):
    """The times that a line was asked whether it is there."""
    times, plain = [], DatabaseWrapper.is_usable

    def is_usable(self):
        times.append(self)
        return plain(self)

    monkeypatch.setattr(DatabaseWrapper, "is_usable", is_usable)
    # Ours after the one of Django, as in production: the client of the tests puts that one last.
    request_started.disconnect(dispatch_uid="audit.connection")
    request_started.connect(trust_quiet_connection, dispatch_uid="audit.connection")
    return times


def test_a_quiet_line_is_not_asked(asked):
    before = session()
    request_started.send(sender=None)
    assert session() == before
    assert asked == []


def test_a_line_that_postgres_closed_is_opened_again(asked):
    before = session()
    end(before)
    request_started.send(sender=None)
    assert session() != before
    assert len(asked) == 1


def test_without_the_question_such_a_line_fails(asked):
    """What the test above shows is not given by anything else."""
    end(session())
    with pytest.raises(OperationalError):
        session()
