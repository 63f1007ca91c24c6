"""The canary oracle itself can fail: each way out that leaks is caught, and what may leave passes."""

import base64
import gzip
import io
import json
import logging
import zipfile
from email.mime.text import MIMEText
from urllib.parse import quote

import pytest
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from procurement.documents.services import render_pdf
from tests.procurement.documents.builders import make_docx, make_zip
from tests.support.canary import LOG, OUTSIDE, Oracle, as_json


@pytest.fixture
def oracle():
    return Oracle(addresses={"etranger@region.example": "etranger"})


@pytest.fixture
def mark(oracle):
    return oracle.can("article", "texte", "editeur")


def paper(mark):
    return render_pdf(f"<html lang='fr'><title>Pièce</title><p>Le délai {mark} court.</p></html>")


def stored(text):
    """Not compressed: unquoted as a URL, its text is shorter than its directory says."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.txt", text)
    return content.getvalue()


WAYS = {
    "plain": lambda mark: mark.encode(),
    "cut short": lambda mark: f"{mark[:-14]}…".encode(),
    "in capitals": lambda mark: mark.upper().encode(),
    "between tags": lambda mark: f"<p>{mark[:25]}<ins class='a'>{mark[25:]}</ins></p>".encode(),
    "hyphenated": lambda mark: f"{mark[:33]}-\n  {mark[33:]}".encode(),
    "HTML escaped": lambda mark: "".join(f"&#{ord(sign)};" for sign in mark).encode(),
    "URL encoded": lambda mark: "".join(f"%{ord(sign):02x}" for sign in mark).encode(),
    "in a link": lambda mark: quote(f"/?q={mark}").encode(),
    "JSON": lambda mark: json.dumps({"texte": mark}).encode(),
    "JSON escaped": as_json,
    "base64": lambda mark: base64.b64encode(f"avant {mark} après".encode()),
    "base64 for URLs": lambda mark: base64.urlsafe_b64encode(f"ÿÿ?{mark}".encode()),
    "gzip": lambda mark: gzip.compress(mark.encode()),
    "CSV": lambda mark: f'référence;objet\r\n1;"\'{mark}"\r\n'.encode("utf-8-sig"),
    "UTF-16": lambda mark: mark.encode("utf-16"),
    "ZIP": lambda mark: make_zip({"a/texte.txt": mark}),
    "name in a ZIP": lambda mark: make_zip({f"{mark}.txt": b""}),
    "ZIP that reads otherwise as a URL": lambda mark: stored(f"%41 {mark}"),
    "ZIP in a ZIP": lambda mark: make_zip({"dedans.zip": make_zip({"a": mark})}),
    "DOCX": make_docx,
    "PDF": paper,
    "PDF in base64 in JSON": lambda mark: json.dumps(
        {"fichier": base64.b64encode(paper(mark)).decode()}
    ).encode(),
    "title of a PDF": lambda mark: render_pdf(
        f"<html lang='fr'><title>{mark}</title><p>Rien.</p></html>"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_leak_is_caught_whatever_wraps_it(oracle, mark, way):
    content = WAYS[way](mark)
    assert oracle.scan("editeur", content, way) == []
    (leak,) = oracle.scan("observateur", content, way)
    assert str(leak) == f"observateur saw article.texte by {way}"


@pytest.mark.parametrize("way", WAYS)
def test_what_holds_no_secret_passes(oracle, mark, way):
    other = Oracle().can("article", "texte")
    assert oracle.scan("observateur", WAYS[way](other), way) == []


@pytest.mark.parametrize("kind", ["subject", "text", "html", "attached", "quoted-printable"])
def test_a_mail_that_leaks_is_caught(oracle, mark, kind):
    mail = EmailMultiAlternatives(
        f"Objet {mark if kind == 'subject' else ''}",
        f"Délai é {mark}" if kind == "text" else "Rien",
        to=["etranger@region.example", "inconnue@ailleurs.example"],
    )
    if kind == "html":
        mail.attach_alternative(f"<p>é {mark}</p>", "text/html")
    if kind == "attached":
        mail.attach("a.docx", make_docx(mark), "application/zip")
    if kind == "quoted-printable":
        part = MIMEText("", "plain", "utf-8")
        del part["Content-Transfer-Encoding"]
        part["Content-Transfer-Encoding"] = "quoted-printable"
        part.set_payload("".join(f"={ord(sign):02X}" for sign in mark))
        mail.attach(part)
    oracle.read_mails([mail])
    assert {leak.actor for leak in oracle.leaks} == {"etranger", OUTSIDE}


def test_a_line_of_the_log_that_leaks_is_caught(oracle, mark):
    with oracle.reading_the_log():
        logging.getLogger("procurement.essai").warning("said %s", "rien")
        assert not oracle.leaks
        logging.getLogger("procurement.essai").warning("said %s", mark)
        logging.getLogger("procurement.essai").warning("x", extra={"faits": {"nom": mark}})
    logging.getLogger("procurement.essai").warning("said %s", mark)
    assert [leak.actor for leak in oracle.leaks] == [LOG, LOG]


@pytest.mark.parametrize("place", ["header", "cookie", "streamed"])
def test_an_answer_is_searched_whole(oracle, mark, place):
    answer = HttpResponse("Rien")
    if place == "header":
        answer["Location"] = f"/?suite={mark}"
    if place == "cookie":
        answer.set_cookie("message", base64.b64encode(mark.encode()).decode())
    if place == "streamed":
        answer = StreamingHttpResponse(iter([mark[:20].encode(), mark[20:].encode()]))
    answer.request = RequestFactory().get("/ici/").environ
    oracle.listen("observateur", answer)
    assert {leak.mark.champ for leak in oracle.leaks} == {"texte"}
    if place == "streamed":
        assert b"".join(answer.streaming_content) == mark.encode()
