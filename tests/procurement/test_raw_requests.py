"""Requests that no browser sends, through bare sockets, against the site started as in production."""

import re
import socket
import time
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from django.conf import settings

from tests.support.client import TOKEN


MEGA = 2**20
SIGN_IN = "/compte/connexion/"
ENOUGH = 64 * MEGA
"""Growth of the memory of the server that a single request may cause."""


@pytest.fixture
def live_server_url(served):
    return served.url


@pytest.fixture
def memory(served):
    return served.memory


class Answer:
    """status: 0 when the server hung up without a word. sent: bytes of body it let us send."""

    def __init__(self, raw: bytes, sent: int) -> None:
        self.raw, self.sent = raw, sent
        found = re.match(rb"HTTP/1\.1 (\d+)", raw)
        self.status = int(found[1]) if found else 0
        self.head, _, self.body = raw.partition(b"\r\n\r\n")


@pytest.fixture
def ask(live_server_url):
    """Send a head, then pieces of a body until the server answers or hangs up."""

    def send(head: str, pieces=(), *, url: str = live_server_url, seconds: float = 20) -> Answer:
        place = urlsplit(url)
        sent, raw, end = 0, b"", time.monotonic() + seconds
        with closing(socket.create_connection((place.hostname, place.port), 5)) as link:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**16)
            link.sendall(head.replace("HOST", place.netloc).replace("\n", "\r\n").encode())
            link.settimeout(0.02)
            with suppress(ConnectionError):
                for piece in pieces:
                    with suppress(TimeoutError):
                        raw += link.recv(2**16)
                    if raw or time.monotonic() > end:
                        break
                    link.settimeout(5)
                    link.sendall(piece)
                    sent += len(piece)
                    link.settimeout(0.001)
            link.settimeout(5)
            with suppress(TimeoutError, ConnectionError):
                while time.monotonic() < end and not complete(raw):
                    found = link.recv(2**16)
                    if not found:
                        break
                    raw += found
        return Answer(raw, sent)

    return send


def complete(raw: bytes) -> bool:
    head, separator, body = raw.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(separator) and found is not None and len(body) >= int(found[1])


def still_answers(url: str) -> bool:
    with urlopen(url + SIGN_IN, timeout=10) as page:  # noqa: S310 - the test's own server
        return page.status == 200


def endless(size=2**16):
    while True:
        yield b"x" * size


def chunks(size=2**16):
    while True:
        yield f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"


FORM = "Content-Type: application/x-www-form-urlencoded\n"
PARTS = "Content-Type: multipart/form-data; boundary=b\n"


def post(*lines: str, path: str = SIGN_IN) -> str:
    return f"POST {path} HTTP/1.1\nHost: HOST\nOrigin: http://HOST\n{''.join(lines)}\n"


SIGNED = f"Cookie: csrf={TOKEN}\nX-CSRFToken: {TOKEN}\n"
"""What lets a form be read at all: without it, it is refused before its first field."""


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n{more}\r\n'
    return head.encode() + value + b"\r\n"


@pytest.mark.attaque("C09")
def test_a_length_of_three_gigabytes_is_refused_before_it_is_read(ask, memory, live_server_url):
    before = memory()
    answer = ask(post(FORM, f"Content-Length: {3 * 2**30}\n"), endless())
    assert answer.status == 413
    assert answer.sent < settings.BODY_LIMIT + MEGA
    assert "Rien n’a été gardé" in answer.body.decode()
    assert memory() - before < ENOUGH
    assert still_answers(live_server_url)


def test_a_server_that_reads_everything_is_seen(ask):
    """Positive control: a server without the guard swallows more than is ever allowed."""

    class Greedy(BaseHTTPRequestHandler):
        def do_POST(self):
            for _ in range(30):
                self.rfile.read(MEGA)
            self.send_error(413)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Greedy)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    answer = ask(post(FORM, f"Content-Length: {3 * 2**30}\n"), endless(), url=url)
    server.shutdown()
    server.server_close()
    assert answer.sent >= settings.BODY_LIMIT + MEGA


@pytest.mark.attaque("C09")
def test_an_endless_body_in_chunks_is_refused_before_the_limit(ask, memory, live_server_url):
    before = memory()
    answer = ask(post(FORM, "Transfer-Encoding: chunked\n"), chunks())
    assert answer.status in (400, 411, 413)
    assert answer.sent < settings.BODY_LIMIT + MEGA
    assert memory() - before < ENOUGH
    assert still_answers(live_server_url)


@pytest.mark.attaque("C09")
@pytest.mark.parametrize("length", ["-1", "1e9", "0x10", "9" * 400, "5, 5000000000"])
def test_a_length_that_is_no_number_is_refused(ask, live_server_url, length):
    answer = ask(post(FORM, f"Content-Length: {length}\n"), [b"a=1"], seconds=10)
    assert answer.status in (400, 411, 413)
    assert still_answers(live_server_url)


@pytest.mark.attaque("C09")
def test_what_goes_past_an_understated_length_is_not_read_as_the_form(ask, live_server_url):
    """Ten bytes announced, the rest is another request, and no valid one."""
    answer = ask(
        post(FORM, SIGNED, "Content-Length: 10\n"), [b"login=a&pa" + b"ssword=b&x=" + b"x" * 2**20]
    )
    assert answer.raw.count(b"HTTP/1.1 ") <= 2
    assert answer.status == 200
    assert b" est obligatoire" in answer.body
    assert still_answers(live_server_url)


@pytest.mark.attaque("C09")
def test_a_length_and_chunks_together_are_not_two_requests(ask, live_server_url):
    """Where a proxy reads one and the server the other, a request hides in the body of another."""
    body = b"0\r\n\r\nGET /sante/vie/ HTTP/1.1\r\nHost: x\r\n\r\n"
    lines = (FORM, f"Content-Length: {len(body)}\n", "Transfer-Encoding: chunked\n")
    answer = ask(post(*lines), [body], seconds=10)
    assert answer.raw.count(b"HTTP/1.1 200") == 0
    assert still_answers(live_server_url)


@pytest.mark.attaque("C09")
def test_megabytes_of_blanks_in_base64_hold_no_memory(ask, memory, served, live_server_url):
    """Under the limit of a request, so that the decoder itself is met; its blanks were once its undoing (CVE-2026-33033)."""
    more = "Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n"
    value = b"YQ==" + b" " * (settings.BODY_LIMIT - 2 * MEGA) + b"YQ=="
    body = part("login", value, more) + b"--b--\r\n"
    assert len(body) < settings.BODY_LIMIT
    before = memory()
    pieces = [body[start : start + 2**16] for start in range(0, len(body), 2**16)]
    with served.working(seconds=10):
        answer = ask(post(PARTS, SIGNED, f"Content-Length: {len(body)}\n"), pieces, seconds=60)
    assert answer.status in (200, 400)
    assert memory() - before < ENOUGH
    assert still_answers(live_server_url)


def too_many(kind: str) -> tuple[str, bytes]:
    """Head and body of a form of ten thousand fields, three thousand parts or a thousand files."""
    if kind == "fields":
        body, head = b"&".join(b"a%d=1" % rank for rank in range(10_000)), FORM
    else:
        more = "Content-Type: text/plain\r\n" if kind == "parts" else ""
        name = 'f"; filename="a.txt' if kind == "files" else "f"
        count = 3_000 if kind == "parts" else 1_000
        body = b"".join(part(name, b"x", more) for _ in range(count)) + b"--b--\r\n"
        head = PARTS
    return post(head, SIGNED, f"Content-Length: {len(body)}\n"), body


@pytest.mark.attaque("C09")
@pytest.mark.parametrize("kind", ["fields", "parts", "files"])
def test_too_many_fields_or_parts_are_refused(ask, memory, live_server_url, kind):
    head, body = too_many(kind)
    before = memory()
    answer = ask(head, [body])
    assert answer.status == 400
    assert memory() - before < ENOUGH
    assert still_answers(live_server_url)


@pytest.mark.attaque("C09")
def test_a_site_that_does_not_count_them_reads_them_all(ask, served):
    """Positive control: the same forms reach the view, which asks for what they lack."""
    with served.beside("tests.support.unsafe_site:application", UNSAFE="bounds") as url:
        for kind in ("fields", "parts", "files"):
            head, body = too_many(kind)
            answer = ask(head, [body], url=url)
            assert answer.status == 200
            assert b" est obligatoire" in answer.body


@pytest.mark.attaque("C09")
def test_a_head_without_end_is_refused(ask, memory, live_server_url):
    before = memory()
    lines = (b"X-%d: %s\r\n" % (rank, b"x" * 1000) for rank in range(10**6))
    answer = ask("GET / HTTP/1.1\nHost: HOST\n", lines)
    assert answer.status in (0, 400, 431)
    assert answer.sent < 4 * MEGA
    assert memory() - before < ENOUGH
    assert still_answers(live_server_url)


@pytest.mark.attaque("C10")
@pytest.mark.parametrize(
    "path",
    [
        "/media/", "/media/ab/cd/abcd", "/static/..%2fmanage.py", "/static/../manage.py",
        "/static/%2e%2e/%2e%2e/manage.py", "/static/..%5cmanage.py", "/static//etc/passwd",
        "/static/%00", "/internal/", "/protected/media/", "/_media/", "/.git/config", "/.env",
        "/static/../../../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
        "/var/data/secrets.json", "/admin/", "/__debug__/",
    ],
)  # fmt: skip
def test_no_path_leads_to_a_file_of_the_server(ask, path):
    answer = ask(f"GET {path} HTTP/1.1\nHost: HOST\n\n")
    assert answer.status in (400, 404), answer.raw[:300]
    assert b"DJANGO_SETTINGS_MODULE" not in answer.raw
    assert b"root:" not in answer.raw


@pytest.mark.attaque("C10")
def test_a_thousand_ranges_are_not_a_thousand_copies(ask, live_server_url):
    with urlopen(live_server_url + SIGN_IN, timeout=10) as page:  # noqa: S310
        found = re.search(r'"(/static/[^"]+\.(?:css|js))"', page.read().decode())
    ranges = ",".join(["0-"] * 1000)
    whole = ask(f"GET {found[1]} HTTP/1.1\nHost: HOST\n\n")
    answer = ask(f"GET {found[1]} HTTP/1.1\nHost: HOST\nRange: bytes={ranges}\n\n")
    assert whole.status == 200
    assert answer.status in (200, 206, 416)
    assert len(answer.raw) <= len(whole.raw) + 500


@pytest.mark.attaque("D03")
@pytest.mark.parametrize(
    ("line", "lines"),
    [
        (f"GET {SIGN_IN}", "Host: evil.example\n"),
        (f"GET {SIGN_IN}", "Host: HOST\nHost: evil.example\n"),
        (f"GET {SIGN_IN}", "Host: evil.example\nHost: HOST\n"),
        (f"GET {SIGN_IN}", "Host: HOST@evil.example\n"),
        (f"GET {SIGN_IN}", "Host: evil.example#HOST\n"),
        (f"GET {SIGN_IN}", ""),
        (f"POST {SIGN_IN}", "Host: evil.example\nContent-Length: 0\n"),
    ],
)
def test_another_host_is_refused(ask, line, lines):
    answer = ask(f"{line} HTTP/1.1\n{lines}\n")
    assert answer.status == 400, answer.raw[:300]
    assert b"evil.example" not in answer.raw


@pytest.mark.attaque("D03")
@pytest.mark.parametrize(
    "lines",
    [
        "X-Forwarded-Host: evil.example\n", "Forwarded: host=evil.example\n",
        "X-Host: evil.example\n", "X_Forwarded_Host: evil.example\n",
        "X-Forwarded-Proto: https\nX-Forwarded-Port: 444\n", "X-Original-URL: /evil.example\n",
    ],
)  # fmt: skip
def test_the_host_said_by_another_header_is_not_believed(ask, lines):
    """Nor does it enter a redirection."""
    answer = ask(f"GET / HTTP/1.1\nHost: HOST\n{lines}\n")
    assert answer.status == 302
    location = re.search(rb"(?i)\r\nlocation: ([^\r]+)", answer.head)
    assert location[1].startswith(SIGN_IN.encode())
    assert b"evil.example" not in answer.raw


@pytest.mark.attaque("D03")
def test_an_absolute_address_does_not_choose_the_host(ask):
    answer = ask(f"GET http://evil.example{SIGN_IN} HTTP/1.1\nHost: HOST\n\n")
    assert answer.status in (200, 400, 404)
    assert b"evil.example" not in answer.raw


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG"])
def test_the_server_gives_back_nothing_of_what_it_was_sent(ask, method):
    """ASVS 13.4.4."""
    answer = ask(f"{method} {SIGN_IN} HTTP/1.1\nHost: HOST\nX-Secret: rendu-tel-quel\n\n")
    assert answer.status in (400, 403, 404, 405, 501)
    assert b"rendu-tel-quel" not in answer.raw


def test_an_honest_request_passes(ask):
    """Positive control: these sockets do reach the site."""
    answer = ask(f"GET {SIGN_IN} HTTP/1.1\nHost: HOST\n\n")
    assert answer.status == 200
    assert b"csrfmiddlewaretoken" in answer.body
