"""clamd asked for real, and every way it has of not answering: only « OK » is « OK »."""

import contextlib
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from pathlib import Path

import pytest

from procurement.documents.domain.judging import LARGEST
from procurement.documents.domain.scanning import AddressRefused, read_address, read_answer
from procurement.documents.services import read_version, scan
from procurement.documents.services.scanning import ping
from tests.procurement.documents.builders import make_docx, make_zip, png
from tests.services import EICAR, Clamd, services


pytestmark = pytest.mark.attaque("C02")
SIGNATURE = "Essai.EICAR.UNOFFICIAL"
HOSTILE = bytes.fromhex(EICAR)
INFECTED = {
    "nu": HOSTILE,
    "dans un zip": make_zip({"a.txt": HOSTILE}),
    "dans un zip dans un zip": make_zip({"b.zip": make_zip({"a.txt": HOSTILE})}),
    "dans un docx": make_docx(**{"word__embeddings__objet.bin": HOSTILE}),
    "au bout de 20 Mo": bytes(20 << 20) + HOSTILE,
}
CLEAN = {"rien": b"", "texte": b"Bonjour.\n", "docx": make_docx(), "image": png(40, 20)}


@pytest.mark.parametrize("cas", INFECTED)
def test_what_is_hostile_is_found_wherever_it_hides(clamd, cas):
    verdict = scan(INFECTED[cas])
    assert (verdict.sound, verdict.signature, verdict.cause) == (False, SIGNATURE, "")


@pytest.mark.parametrize("cas", CLEAN)
def test_what_is_clean_is_sound(clamd, cas):
    assert scan(CLEAN[cas]).sound


def test_clamd_says_what_it_is(clamd):
    assert ping()
    assert read_version().startswith("ClamAV ")


# ── Every way of not answering ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("url", ["", "unix:///nowhere/clamd", "tcp://127.0.0.1:1"])
def test_an_absent_scanner_gives_no_verdict(settings, url):
    settings.CLAMAV_URL = url
    assert scan(b"Bonjour.").cause == "absent"
    assert not ping()
    assert read_version() == ""


@contextlib.contextmanager
def stopped(clamd):
    """Hold clamd still, as a machine out of memory would; it goes on afterwards."""
    os.kill(clamd.child.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(clamd.child.process.pid, signal.SIGCONT)


@pytest.mark.attaque("X03")
def test_a_scanner_that_never_answers_is_given_up(clamd):
    begun = time.monotonic()
    with stopped(clamd):
        assert scan(b"Bonjour.", patience=0.5).cause == "muet"
        assert scan(bytes(LARGEST), patience=0.5).cause == "muet"
        assert not ping()
    assert time.monotonic() - begun < 20
    assert scan(b"Bonjour.").sound


def test_a_scanner_killed_in_the_middle_gives_no_verdict(clamd):
    verdicts = []
    with stopped(clamd):
        asking = threading.Thread(target=lambda: verdicts.append(scan(bytes(LARGEST))))
        asking.start()
        time.sleep(0.3)
        clamd.child.process.kill()
        clamd.child.process.wait()
    asking.join(20)
    assert [verdict.cause for verdict in verdicts] == ["coupe"]
    clamd.start()
    assert scan(b"Bonjour.").sound


def test_a_stream_longer_than_clamd_takes_gives_no_verdict(clamd, settings):
    folder = Path(tempfile.mkdtemp(dir=services.data))
    small = Clamd(folder / "court", stream_limit="1M")
    small.start()
    try:
        settings.CLAMAV_URL = small.url
        assert scan(bytes(1 << 10)).sound
        for size in (2 << 20, 20 << 20):
            assert scan(bytes(size)).cause in {"taille", "coupe"}
        assert scan(HOSTILE).signature
    finally:
        small.stop()
        shutil.rmtree(folder)


def test_more_than_a_document_may_hold_is_not_even_sent_whole(clamd):
    assert scan(bytes(LARGEST)).sound
    assert scan(bytes(LARGEST + 1)).cause == "taille"


@pytest.fixture
def fake(settings):
    """A server that plays a clamd: fake(function of its connection)."""
    folder = Path(tempfile.mkdtemp(dir=services.data))
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(folder / "faux"))
    server.listen()
    settings.CLAMAV_URL = f"unix://{folder / 'faux'}"
    threads = []

    def play(behave):
        def serve():
            with contextlib.suppress(OSError):
                link, _ = server.accept()
                with link:
                    behave(link)

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()

    yield play
    server.close()
    for thread in threads:
        thread.join(10)


def swallow(link):
    """Read until the end of the stream, as clamd does."""
    with contextlib.suppress(OSError):
        data = b""
        while not data.endswith(bytes(4)):
            data += link.recv(1 << 16)


GARBAGE = [
    b"",
    b"\0",
    b"OK\0",
    b"stream: OK",
    b"stream: OK\n",
    b"stream: OK \0",
    b"stream: ok\0",
    b"stream: NOK\0",
    b"stream: OK\0stream: OK\0",
    b"HTTP/1.1 200 OK\r\n\r\n\0",
    b"stream: Can't allocate memory ERROR\0",
    b"stream:  FOUND\0",
    b"stream: a\nb FOUND\0",
    b"\xff\xfe\0",
    b"x" * 100_000,
]


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_not_an_answer_of_clamd_is_no_verdict(fake, answer):
    def behave(link):
        swallow(link)
        link.sendall(answer)

    fake(behave)
    verdict = scan(b"Bonjour.")
    assert (verdict.sound, verdict.signature) == (False, "")
    assert verdict.cause in {"illisible", "coupe"}


def test_garbage_is_told_from_a_sound_answer():
    """Positive control: the reading that others write would have let some of it through."""
    fooled = [answer for answer in GARBAGE if b"OK" in answer]
    assert len(fooled) >= 7
    assert not any(read_answer(answer).sound for answer in GARBAGE)
    assert read_answer(b"stream: OK\0").sound


def test_an_answer_before_the_end_is_believed_only_for_the_worse(fake):
    """A server that says OK and hangs up has not read the file."""

    def behave(link):
        link.recv(100)
        link.sendall(b"stream: OK\0")

    fake(behave)
    assert scan(bytes(LARGEST)).cause == "coupe"


def test_an_answer_that_drips_is_given_up(fake):
    over = threading.Event()

    def behave(link):
        swallow(link)
        while not over.wait(0.05):
            link.sendall(b"s")

    fake(behave)
    begun = time.monotonic()
    try:
        assert scan(b"Bonjour.", patience=1).cause == "muet"
    finally:
        over.set()
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "url", ["/run/clamd", "unix://run/clamd", "tcp://hote", "tcp://hote:0", "tcp://hote:99999",
            "http://hote:3310", "tcp://a b:3310", "unix:///" + "x" * 200],
)  # fmt: skip
def test_an_address_nobody_could_reach_is_refused(url):
    with pytest.raises(AddressRefused):
        read_address(url)
