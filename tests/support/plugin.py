"""Fixtures of the tests that act for several people, or with every right on the database."""

# ruff: noqa: S608 - statements of the tests themselves

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg2
import pytest
from django.db import connection, connections

from tests.services import services


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
def alone(request: pytest.FixtureRequest) -> bool:
    """Whether this run has the machine to itself, and judges seconds: the long ones."""
    return request.node.get_closest_marker("lent") is not None


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


@pytest.fixture
def connect_as(cloned_database) -> Iterator[Callable]:
    """Open connections to the database of the test as any role; statements commit one by one."""
    opened = []

    def connect(role):
        opened.append(psycopg2.connect(services.postgres.url(role, cloned_database)))
        opened[-1].autocommit = True
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


@contextmanager
def signed_as_worker() -> Iterator[None]:
    """Have this process sign in as the worker for the length of a block."""
    mine = connection.settings_dict
    before = {name: mine[name] for name in ("USER", "PASSWORD")}
    connection.close()
    mine.update(USER="app_worker", PASSWORD=services.postgres.secrets["app_worker"])
    try:
        yield
    finally:
        connection.close()
        mine.update(before)


@pytest.fixture
def as_worker(cloned_database) -> Callable:
    """Sign in as the worker: `with as_worker():`."""
    return signed_as_worker


@pytest.fixture
def lived(connect_as) -> None:
    """Minutes of health of the past, or to come, are added as if they had been lived."""
    with connect_as("postgres").cursor() as cursor:
        cursor.execute("ALTER TABLE operations_minutesante DISABLE TRIGGER preuve_aussitot")


@pytest.fixture
def rewrite(connect_as) -> Callable:
    """What a database administrator can do who takes every guard away first."""

    def forge(*statements):
        with connect_as("postgres").cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL')
            for statement in statements:
                cursor.execute(statement)
                assert cursor.rowcount != 0, statement

    return forge


@pytest.fixture
def rewritten(rewrite) -> Callable:
    """The same for the length of a block: `with rewritten("UPDATE table SET …"):`."""

    @contextmanager
    def forge(statement):
        table = re.match(r"(?:UPDATE|DELETE FROM|INSERT INTO) (\w+)", statement)[1]
        rewrite(f"CREATE TABLE copie AS TABLE {table}")
        try:
            rewrite(statement)
            yield
        finally:
            rewrite(
                f"DO $$ BEGIN DELETE FROM {table}; END $$",
                f"INSERT INTO {table} SELECT * FROM copie",
                "DROP TABLE copie",
            )

    return forge


@pytest.fixture
def listener():
    """Listen on loopback; `heard` holds every path that was asked for."""
    heard = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            if self.path.startswith("/redirect"):
                self.send_response(302)
                self.send_header("Location", self.path.partition("?")[2])
            else:
                self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Ear)
    server.heard = heard
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
