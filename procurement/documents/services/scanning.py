"""Asking clamd about bytes, over INSTREAM. Bounded in time and size; never raises for a fault.

clamd is given bytes, never a path: it needs no access to the store and the store none to it.
"""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

from django.conf import settings

from procurement.documents.domain.judging import LARGEST
from procurement.documents.domain.scanning import (
    LONGEST_ANSWER,
    Verdict,
    read_address,
    read_answer,
    unavailable,
)


log = logging.getLogger(__name__)

CHUNK = 1 << 16
PATIENCE = 8.0
"""Seconds of a whole analysis while somebody waits: no request lasts more than ten."""
LONG_PATIENCE = 60.0
"""Seconds of a whole analysis in the background."""
GREETING = 2.0
"""Seconds to accept a connection, or to answer PING."""


class _Absent(Exception):
    """Nobody listens at the address."""


class _Silent(Exception):
    """clamd used all the time it was given."""


def is_configured() -> bool:
    """Tell whether an address of clamd was given."""
    return bool(settings.CLAMAV_URL)


def scan(content: bytes | BinaryIO, *, patience: float = PATIENCE) -> Verdict:
    """Have the bytes analysed; a stream is read from where it stands.

    Without a scanner, or when it fails in any way, the verdict is a cause: absent (nobody
    listens), muet (out of time), coupe (it left in the middle), taille (its StreamMaxLength is
    below our limit), illisible (not an answer of clamd).
    """
    if not is_configured():
        return unavailable("absent")
    source = BytesIO(content) if isinstance(content, bytes) else content
    try:
        with _connect(patience) as line:
            verdict = _stream(line, source)
    except _Silent:
        verdict = unavailable("muet")
    except _Absent:
        verdict = unavailable("absent")
    except OSError:
        verdict = unavailable("coupe")
    if verdict.cause:
        log.warning("scanner gave no verdict: %s", verdict.cause)
    return verdict


def ping() -> bool:
    """Tell whether clamd answers now, within two seconds."""
    return _ask(b"PING") == b"PONG"


def read_version() -> str:
    """Return what clamd says of itself: « ClamAV 1.4.6/27812/Sun Nov 22 08:00:00 2026 », or ""."""
    return _ask(b"VERSION").decode("ascii", "replace")


def _ask(command: bytes) -> bytes:
    if not is_configured():
        return b""
    try:
        with _connect(GREETING) as line:
            line.send(b"z" + command + b"\0")
            return line.read_answer().removesuffix(b"\0")
    except (_Absent, _Silent, OSError):
        return b""


class _Line:
    """A connection that ends at a given instant, however slowly its other end talks."""

    def __init__(self, link: socket.socket, until: float) -> None:
        self.link, self.until = link, until

    def _arm(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise _Silent
        self.link.settimeout(left)

    def send(self, data: bytes) -> None:
        """Send all of it. Raises _Silent past the instant, OSError when the other end left."""
        self._arm()
        try:
            self.link.sendall(data)
        except TimeoutError:
            raise _Silent from None

    def read_answer(self) -> bytes:
        """Read up to the closing NUL, the end, or too much."""
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            self._arm()
            try:
                part = self.link.recv(LONGEST_ANSWER)
            except TimeoutError:
                raise _Silent from None
            if not part:
                break
            answer += part
        return answer


@contextmanager
def _connect(patience: float) -> Iterator[_Line]:
    until = time.monotonic() + patience
    address = read_address(settings.CLAMAV_URL)
    try:
        if isinstance(address, str):
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.settimeout(GREETING)
            try:
                link.connect(address)
            except OSError:
                link.close()
                raise
        else:
            link = socket.create_connection(address, timeout=GREETING)
    except OSError:
        raise _Absent from None
    with link:
        yield _Line(link, until)


def _stream(line: _Line, source: BinaryIO) -> Verdict:
    sent = 0
    try:
        line.send(b"zINSTREAM\0")
        while chunk := source.read(CHUNK):
            sent += len(chunk)
            if sent > LARGEST:
                return unavailable("taille")
            line.send(len(chunk).to_bytes(4, "big") + chunk)
        line.send(bytes(4))
    except ConnectionError:
        # Past StreamMaxLength clamd answers, then hangs up while we still send.
        try:
            verdict = read_answer(line.read_answer())
        except ConnectionError:
            return unavailable("coupe")
        # Whatever it says, it has not read all of it: only a finding may be believed.
        return verdict if verdict.signature or verdict.cause else unavailable("coupe")
    return read_answer(line.read_answer())
