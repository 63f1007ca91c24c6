"""Fixtures of the tests that act for several people."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from tests.support.client import Browser


@pytest.fixture
def browse(settings) -> Callable[..., Browser]:
    """Open a browser for a person: `browse(user)`. The second factor has its own tests."""
    settings.DEMO = True
    return Browser


@pytest.fixture
def at_once() -> Callable[..., list]:
    """Run functions at the same instant, each in a thread with its own connection.

    Returns their results in order; an exception raised in a thread is its result.
    """

    def run(*functions):
        barrier = threading.Barrier(len(functions))
        results = [None] * len(functions)

        def one(rank, function):
            try:
                barrier.wait(10)
                results[rank] = function()
            except Exception as error:  # noqa: BLE001 - the test judges it
                results[rank] = error
            finally:
                connections.close_all()

        threads = [
            threading.Thread(target=one, args=(rank, function))
            for rank, function in enumerate(functions)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    return run


@pytest.fixture
def written_tables() -> Callable[[], dict[str, int]]:
    """Rows written so far by this transaction, by table, as Postgres counts them."""

    def count():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
                " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
            )
            return dict(cursor.fetchall())

    return count
