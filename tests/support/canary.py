"""The canary oracle: a mark in every secret, and every byte that leaves searched for it.

A mark is `can_<objet>_<champ>_<32 hex>`; each says who may see it. What leaves for a person is
unpacked (ZIP, PDF, mails) and unwrapped (base64, HTML, URL, JSON, tags, line ends), and a mark that
shows through outside its set is a leak, whatever the way out. Half of a mark is a mark: titles are cut short.
"""

import base64
import html
import io
import json
import re
import secrets
import shutil
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from logging import Handler, LogRecord, getLogger
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pypdf

from procurement.ui.logs import JsonFormatter


LOG = "traces du serveur"
"""Nobody's: no secret stands in the log."""

READER = "lecteur du document"
"""Whoever receives an exported pièce, outside the house."""

OUTSIDE = "adresse inconnue"
"""Who reads a mail sent to an address that is nobody's here."""
TOLD, WARNED, WARNINGS = (
    "ccès exceptionnel au marché",
    "juriste_sans_partage",
    ("acces.motif", "fiche.ref"),
)
"""A juriste is told of an exceptional access and of its end, on a marché that no page shows her."""

DEPTH = 6
"""Envelopes opened one inside the other: a ZIP in base64 in JSON is three."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_ESCAPE = re.compile(rb"\\u00([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})")
_NOISE = re.compile(
    rb"<[^>]{0,2000}>|=\r?\n|[\s-]|\xc2\xad|\xe2\x80[\x8b-\x8f\xa8-\xaf\x90\x91]|\xe2\x81\xa0|\x00"
)


@dataclass(frozen=True)
class Mark:
    """objet, champ: where it was put. seen_by: the actors who may see it."""

    objet: str
    champ: str
    secret: str
    seen_by: frozenset[str]

    def __str__(self) -> str:
        return f"can_{self.objet}_{self.champ}_{self.secret}"

    @property
    def halves(self) -> tuple[bytes, ...]:
        """Either of them gives the mark away; a short mark has none that chance could not write."""
        middle = len(self.secret) // 2
        if middle < 16:
            return (self.secret.encode(),)
        return self.secret[:middle].encode(), self.secret[middle:].encode()


@dataclass(frozen=True)
class Leak:
    """A mark seen by somebody outside its set, and the way it took."""

    mark: Mark
    actor: str
    way: str

    def __str__(self) -> str:
        return f"{self.actor} saw {self.mark.objet}.{self.mark.champ} by {self.way}"


@dataclass
class Oracle:
    """leaks: what was seen so far. seen: (mark, actor), to know that the search finds something."""

    marks: list[Mark] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    addresses: dict[str, str] = field(default_factory=dict)
    way: str = ""

    def can(self, objet: str, champ: str, *who: Iterable[str] | str, short: bool = False) -> str:
        """Draw a mark that these actors may see. short: for a field of fewer than fifty signs."""
        allowed = frozenset(
            name for each in who for name in ([each] if isinstance(each, str) else each)
        )
        mark = Mark(objet, champ, secrets.token_hex(8 if short else 16), allowed)
        self.marks.append(mark)
        return str(mark)

    def marks_in(self, content: bytes) -> set[Mark]:
        """Every mark that shows through, unpacked and unwrapped."""
        needles = [(half, mark) for mark in self.marks for half in mark.halves]
        found: set[Mark] = set()
        for layer in _layers(content, DEPTH, set()):
            lower = layer.lower()
            found |= {mark for half, mark in needles if half in lower}
        return found

    @staticmethod
    def texts_of(content: bytes) -> list[bytes]:
        """Everything that can be drawn out of a content, itself first."""
        return list(_layers(content, DEPTH, set()))

    def scan(self, actor: str, content: bytes | str, way: str) -> list[Leak]:
        """Search what leaves for an actor; the leaks are kept, and returned."""
        data = content.encode(errors="surrogatepass") if isinstance(content, str) else content
        leaks = []
        for mark in sorted(self.marks_in(data), key=str):
            self.seen.add((f"{mark.objet}.{mark.champ}", actor))
            if actor not in mark.seen_by:
                leaks.append(Leak(mark, actor, way))
        self.leaks += leaks
        return leaks

    def listen(self, actor: str, answer) -> None:
        """Search an answer of the test client: head, cookies and body, streamed or not."""
        way = self.way or f"{answer.request['REQUEST_METHOD']} {answer.request['PATH_INFO']}"
        if answer.streaming:
            body = b"".join(answer.streaming_content)
            answer.streaming_content = [body]
        else:
            body = answer.content
        head = "\n".join(f"{name}: {value}" for name, value in answer.items())
        self.scan(actor, body, way)
        self.scan(actor, f"{head}\n{answer.cookies.output()}", f"{way}, head")

    def read_mails(self, mails: Iterable[EmailMessage]) -> None:
        """Search each mail for each of its recipients."""
        for mail in mails:
            content = mail.message().as_bytes()
            for address in mail.recipients():
                actor = self.addresses.get(address.lower(), OUTSIDE)
                for leak in self.scan(actor, content, f"the mail « {mail.subject} »"):
                    told = f"{leak.mark.objet}.{leak.mark.champ}"
                    if TOLD in mail.subject and actor == WARNED and told in WARNINGS:
                        self.leaks.remove(leak)

    @contextmanager
    def reading_the_log(self) -> Iterator[None]:
        """Search every line the log writes meanwhile, as it would be written."""
        oracle = self

        class Ear(Handler):
            def emit(self, record: LogRecord) -> None:
                oracle.scan(LOG, self.format(record), f"a line of {record.name}")

        ear = Ear()
        ear.setFormatter(JsonFormatter())
        root = getLogger()
        root.addHandler(ear)
        try:
            yield
        finally:
            root.removeHandler(ear)

    def take_leaks(self) -> list[str]:
        """The leaks since the last time, in words."""
        leaks, self.leaks = self.leaks, []
        return sorted({str(leak) for leak in leaks})


def _layers(content: bytes, depth: int, met: set[bytes]) -> Iterator[bytes]:
    """The content as it is, then everything that can be drawn out of it, each once."""
    if content in met:
        return
    met.add(content)
    yield content
    yield _NOISE.sub(b"", content)
    if depth:
        for inner in _open(content):
            if inner:
                yield from _layers(inner, depth - 1, met)


def _open(content: bytes) -> Iterator[bytes]:
    # A container that another unwrapping has altered (« %41 » in compressed bytes) opens no more,
    # in any of their ways; that those of the site do open is held by what the tests must have seen.
    if content.startswith(b"PK\x03\x04"):
        with suppress(Exception):
            yield from _members(content)
    if content.startswith(b"%PDF-"):
        with suppress(Exception):
            yield from _pdf_layers(content)
    if content.startswith(b"\x89PNG"):
        return
    if content[:2] in (b"\x1f\x8b", b"\x78\x9c", b"\x78\xda", b"\x78\x01"):
        with suppress(zlib.error):
            yield zlib.decompress(content, wbits=47)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield content.decode("utf-16", errors="replace").encode()
    if re.match(rb"[A-Za-z-]+: [^\n]+\n", content) and b"\n\n" in content.replace(b"\r", b""):
        for part in message_from_bytes(content).walk():
            yield part.get_payload(decode=True) or b""
    if b"&" in content:
        yield html.unescape(content.decode(errors="replace")).encode(errors="replace")
    if b"%" in content:
        yield unquote_to_bytes(content)
    if b"\\" in content:
        yield _ESCAPE.sub(lambda code: bytes([int(code[1] or code[2], 16)]), content)
    for found in _BASE64.findall(content):
        for start in range(4):
            words = found[start:].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
            with suppress(ValueError):
                yield base64.b64decode(words + b"=" * (-len(words) % 4))


def _members(content: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield archive.comment
        for member in archive.infolist():
            yield member.filename.encode()
            yield archive.read(member)


def _pdf_layers(content: bytes) -> Iterator[bytes]:
    """What is read, what is laid out, and every stream of the file."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    yield "\n".join(page.extract_text() for page in reader.pages).encode(errors="replace")
    yield repr(reader.metadata).encode() + repr(reader.outline).encode()
    for number in range(1, len(reader.xref[0]) + len(reader.xref_objStm) + 2):
        with suppress(Exception):  # an object that is free, or is no stream
            found = reader.get_object(pypdf.generic.IndirectObject(number, 0, reader))
            yield repr(found).encode(errors="replace")
            yield found.get_data()
    # What poppler reads too, where it is installed.
    if program := shutil.which("pdftotext"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.pdf"
            path.write_bytes(content)
            yield subprocess.run(  # noqa: S603 - a file of the test's own
                [program, str(path), "-"], check=True, capture_output=True
            ).stdout


def as_json(value: object) -> bytes:
    """Every sign of a text as JSON may write it."""
    return re.sub(r"[A-Za-z0-9]", lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value)).encode()
