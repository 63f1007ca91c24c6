"""When Postgres falls silent: those who wait for it are answered, and nobody else starts to wait.

A statement that lasts is no silence: the server itself is asked, over a line of its own, as soon as a
request has lasted. Silent twice, it is given up: the lines of the requests that wait are closed, which
ends them at once, and the next ones are answered without asking it, until it speaks again.
"""

import contextlib
import logging
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper


logger = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between two looks."""
ANSWER = 1.0
"""Seconds that the server has to say its first byte."""
MISSES = 2
"""Silences in a row after which it is given up."""
_MAY_WE_ENCRYPT = struct.pack("!II", 8, 80877103)
"""The shortest question of the protocol; any server answers it with one byte, before any sign-in."""


class Watch:
    """The requests of this process that wait, and whether the server is there."""

    def __init__(self) -> None:
        self.silent = False
        self._waiting: dict[int, tuple[float, BaseDatabaseWrapper]] = {}
        self._misses = 0
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Watch over what this thread asks the database in this block."""
        if not settings.DATABASE_PATIENCE:
            yield
            return
        self._begin()
        me = threading.get_ident()
        self._waiting[me] = (time.monotonic(), connections["default"])
        try:
            yield
        finally:
            self._waiting.pop(me, None)

    def _begin(self) -> None:
        """One thread a process, started by the first request: after any fork."""
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="patience", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(PAUSE)
            self.look()

    def look(self) -> None:
        """Ask the server if somebody has waited long, or if it was silent; act on what it says."""
        long_ago = time.monotonic() - max(1.0, settings.DATABASE_PATIENCE - MISSES * ANSWER - PAUSE)
        late = [base for begun, base in list(self._waiting.values()) if begun < long_ago]
        if not late and not self.silent:
            self._misses = 0
            return
        if speaks(connection.settings_dict):
            if self.silent:
                logger.warning("The database speaks again.")
            self._misses, self.silent = 0, False
            return
        self._misses += 1
        if self._misses < MISSES:
            return
        if not self.silent:
            logger.error("The database has fallen silent: %d requests are given up.", len(late))
        self.silent = True
        for base in late:
            _hang_up(base)


watch = Watch()


def speaks(address: Mapping[str, Any]) -> bool:
    """Tell whether the server of these settings says anything in time. A refusal is an answer."""
    host, port = address.get("HOST") or "/var/run/postgresql", int(address.get("PORT") or 5432)
    try:
        if host.startswith("/"):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(ANSWER)
            place: Any = f"{host}/.s.PGSQL.{port}"
        else:
            line = socket.create_connection((host, port), ANSWER)
            place = None
        with line:
            if place:
                line.connect(place)
            line.sendall(_MAY_WE_ENCRYPT)
            line.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def _hang_up(base: BaseDatabaseWrapper) -> None:
    """End what waits on this connection: its thread gets an error instead of an answer."""
    raw = base.connection
    with contextlib.suppress(OSError, psycopg2.Error):
        if raw is not None and not raw.closed:
            with socket.socket(fileno=socket.dup(raw.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
