"""run_child: the only way hostile bytes are parsed, and the only way a document is drawn.

The child is a fresh ``python -I``, not a fork: no connection, no key and no variable of the server
come with it. Its output is read with a limit on size and on time; its whole process group is killed
in every case before this module returns.
"""

import contextlib
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from enum import StrEnum
from typing import Any

from django.conf import settings

from procurement.documents.registry import START, find_program


log = logging.getLogger(__name__)

KEPT_STDERR = 16 * 1024
CHUNK = 1 << 16


class Cause(StrEnum):
    """Why a child gave no answer. The value is stable; the sentence is for people."""

    TEMPS = "temps"
    MEMOIRE = "memoire"
    SORTIE = "sortie"
    ILLISIBLE = "illisible"
    REFUS = "refus"
    SANDBOX = "sandbox"


SENTENCES = {
    Cause.TEMPS: "Le traitement a dépassé le temps permis ({timeout:.0f} s) et a été arrêté.",
    Cause.MEMOIRE: "Le traitement a dépassé la mémoire permise ({memory:.0f} Mo) et a été arrêté.",
    Cause.SORTIE: "Le résultat dépasse la taille permise ({output:.0f} Mo).",
    Cause.ILLISIBLE: "Le document n’a pas pu être lu\u202f: son contenu est abîmé ou inattendu.",
    Cause.SANDBOX: "Le traitement est refusé\u202f: ce serveur ne permet pas de l’isoler du réseau et des fichiers.",
}
# What malloc, GLib and GHC write when memory is refused to them.
OUT_OF_MEMORY = (b"MemoryError", b"failed to allocate", b"out of memory", b"Cannot allocate memory")


class ChildFailed(Exception):
    """A child gave no answer. ``reason`` is a French sentence; ``details`` is for the log only."""

    def __init__(self, cause: Cause, reason: str, details: str = "") -> None:
        super().__init__(reason)
        self.cause = cause
        self.reason = reason
        self.details = details


def run_child(
    program: str,
    *,
    stdin: bytes,
    timeout: float = 60,
    memory: int = 1 << 30,
    output: int = 64 << 20,
    cpu: int = 60,
    strict: bool | None = None,
) -> bytes:
    """Run a registered program in a closed child and return what it wrote.

    timeout: wall seconds; cpu: seconds of processor; memory: bytes of address space of each
    process; output: bytes of the answer and of any file it writes; strict: refuse to run when the
    network or the files cannot be closed around it, as everywhere but in a demonstration.
    Raises ChildFailed with a French reason, LookupError for an unknown program.
    """
    found = find_program(program)
    packages = {name: str(place) for name, place in found.packages.items()}
    strict = not settings.DEMO if strict is None else strict
    limits = {"cpu": cpu, "memory": memory, "output": output, "strict": strict}
    given_to = json.dumps({**limits, "packages": packages})
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wm-") as folder, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-B", "-X", "utf8", str(START), given_to, str(found.path)],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={
                "HOME": folder,
                "LANG": "C.UTF-8",
                "PATH": "/usr/bin:/bin",
                "TMPDIR": folder,
                "XDG_CACHE_HOME": folder,
            },
            start_new_session=True,
            close_fds=True,
        )
        answer, errors, cause = _listen(child, deadline=started + timeout, output=output)
    status = child.returncode
    if cause is None and status == 0:
        return answer
    failure = _explain(status, errors, cause, timeout=timeout, memory=memory, output=output)
    log.warning(
        "child failed: program=%s cause=%s status=%s after=%.1fs stderr=%r",
        *(program, failure.cause, status, time.monotonic() - started, failure.details[-2000:]),
    )
    raise failure


def _listen(
    child: subprocess.Popen[bytes], *, deadline: float, output: int
) -> tuple[bytes, bytes, Cause | None]:
    """Read both streams until the child ends or a limit is passed, then kill its whole group."""
    answer, errors, cause = bytearray(), bytearray(), None
    assert child.stdout is not None and child.stderr is not None  # noqa: S101, PT018
    watch = os.pidfd_open(child.pid)
    selector = selectors.DefaultSelector()
    try:
        for stream in (child.stdout, child.stderr):
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ)
        selector.register(watch, selectors.EVENT_READ)
        ended = False
        while not ended and cause is None:
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready and time.monotonic() >= deadline:
                cause = Cause.TEMPS
            for key, _ in ready:
                if key.fileobj == watch:
                    ended = True
                elif _take(key.fileobj, answer if key.fileobj is child.stdout else errors) is False:
                    selector.unregister(key.fileobj)
            if len(answer) > output:
                cause = Cause.SORTIE
            del errors[:-KEPT_STDERR]
    finally:
        # The leader is still a zombie here, so its group number cannot have been given again.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if cause is None:
            while _take(child.stdout, answer) and len(answer) <= output:
                pass
            if len(answer) > output:
                cause = Cause.SORTIE
            while _take(child.stderr, errors) and len(errors) <= 4 * KEPT_STDERR:
                pass
        selector.close()
        os.close(watch)
        child.stdout.close()
        child.stderr.close()
    return bytes(answer), bytes(errors[-KEPT_STDERR:]), cause


def _take(stream: Any, kept: bytearray) -> bool | None:
    """Read what is there; False at the end of the stream, None when nothing is there yet."""
    try:
        chunk = os.read(stream.fileno(), CHUNK)
    except BlockingIOError:
        return None
    kept += chunk
    return bool(chunk)


def _explain(
    status: int, errors: bytes, cause: Cause | None, *, timeout: float, memory: int, output: int
) -> ChildFailed:
    details = errors.decode("utf-8", "replace")
    told = _told_reason(details) if status == 65 else ""
    if cause is None and told:
        return ChildFailed(Cause.REFUS, told, details)
    if cause is None:
        if status in {-signal.SIGXCPU, -signal.SIGKILL}:
            cause = Cause.TEMPS
        elif status in {-signal.SIGXFSZ, 74}:
            cause = Cause.SORTIE
        elif status == 71 or any(word in errors for word in OUT_OF_MEMORY):
            cause = Cause.MEMOIRE
        elif status == 73:
            cause = Cause.SANDBOX
        else:
            cause = Cause.ILLISIBLE
    mega = 1 << 20
    sentence = SENTENCES[cause].format(timeout=timeout, memory=memory / mega, output=output / mega)
    if status == 72:
        sentence = (
            "Le document n’a pas pu être lu\u202f: ses éléments sont imbriqués trop profondément."
        )
    return ChildFailed(cause, sentence, details)


def _told_reason(details: str) -> str:
    last = details.strip().rsplit("\n", 1)[-1]
    with contextlib.suppress(ValueError, TypeError, KeyError):
        return str(json.loads(last)["raison"])[:500]
    return ""


def report_doors() -> dict[str, str]:
    """Ask a child what is closed around it: {"network": "namespace", "files": "landlock"}.

    An empty value means that this server does not permit that door to be closed.
    """
    doors: dict[str, str] = json.loads(run_child("probe", stdin=b"{}", timeout=20, strict=False))[
        "doors"
    ]
    return doors
