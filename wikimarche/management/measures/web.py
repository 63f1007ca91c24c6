"""One uvicorn, as in production, and one client that keeps its connection."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from procurement.accounts.models import User
from wikimarche.management.measures.rows import backends, cpu_of


IDLE = 3
"""Seconds after which a kept connection is opened again: uvicorn closes its own after five."""


class Client:
    """A signed-in browser without a screen: keep-alive, session cookie, CSRF header."""

    def __init__(self, port: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.last = 0.0

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """Send one request and read the whole answer. A dict is sent as JSON, bytes as a form."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers |= {"Cookie": cookies, "X-CSRFToken": self.cookies.get("csrf", "")}
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        if time.monotonic() - self.last > IDLE:
            self.line.close()  # the server has closed it too, or is about to
        self.line.request(method, path, body=body, headers=headers)
        answer = self.line.getresponse()
        content = answer.read()
        self.last = time.monotonic()
        for value in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(value).items():
                self.cookies[name] = morsel.value
        return answer.status, content

    def sign_in(self, user: User, password: str) -> None:
        """Pass the ordinary sign-in form."""
        path = f"/compte/connexion/?{urlencode({'next': '/mesure/nue/'})}"
        self.ask("GET", path)
        form = urlencode({"login": user.email, "password": password}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _ = self.ask("POST", path, form, **kind)
        if status != http.client.FOUND:
            raise RuntimeError(f"The measure could not sign in ({status}).")


class Web:
    """The running server. cpu(): CPU seconds of the server and of its Postgres sessions so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def client(self) -> Client:
        return Client(self.port)

    def cpu(self) -> float:
        return cpu_of([self.process.pid, *backends()])


@contextlib.contextmanager
def serving() -> Iterator[Web]:
    """Start uvicorn on this database, with the sign-in rules of production."""
    with tempfile.TemporaryFile() as log:
        port = _free_port()
        env = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DEMO": "off",
        }
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "uvicorn", "wikimarche.management.measures.server:application",
             "--host=127.0.0.1", f"--port={port}", "--no-proxy-headers"],
            env=env, cwd=settings.BASE_DIR, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(process, port, log)
            yield Web(process, port)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    # A socket handed over by number would lose TCP_NODELAY: 40 ms a request.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """Address of the database this process is connected to."""
    from django.db import connection  # noqa: PLC0415

    s = connection.settings_dict
    return f"postgres://{s['USER']}:{s['PASSWORD']}@{s['HOST']}:{s['PORT']}/{s['NAME']}"


def _wait(process: subprocess.Popen[bytes], port: int, log: Any) -> None:
    limit = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < limit:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if Client(port).ask("GET", "/mesure/nue/")[0] == http.client.OK:
                return
        time.sleep(0.1)
    log.seek(0)
    raise RuntimeError(f"uvicorn did not start:\n{log.read().decode()[-2000:]}")
