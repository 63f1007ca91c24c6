"""Hostile images and documents, sent to the served site as a browser sends them; what it hands back is closed."""

import io
import json
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from tests.procurement.documents.builders import (
    RELATIONS,
    W,
    docx_parts,
    make_relations,
    make_zip,
    png,
)
from wikimarche.enums import FormatExport
from wikimarche.models import Image as Kept, Importation
from wikimarche.services import add_image, ask_export


def bare_png(side: int) -> bytes:
    """A head that announces a square, and next to nothing behind it."""

    def block(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side * (side // 8 + 1)), 9)
    return b"\x89PNG\r\n\x1a\n" + block(b"IHDR", head) + block(b"IDAT", rows) + block(b"IEND", b"")


def animated(frames: int) -> bytes:
    out = io.BytesIO()
    pictures = [Image.new("P", (8, 8), rank % 200) for rank in range(frames)]
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "teal").save(out, "JPEG")
    return out.getvalue()


IMAGES = {
    "196 million points in 24 kB": lambda: bare_png(14_000),
    "92 million points": lambda: bare_png(9_600),
    "a GIF of 10 000 frames": lambda: animated(10_000),
    "a JPEG cut short": lambda: jpeg()[:400],
    "a PSD": lambda: b"8BPS\x00\x01" + bytes(600),
    "an EPS": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n" + b" " * 600,
    "a FITS": lambda: b"SIMPLE  =                    T" + b" " * 600,
}


@pytest.mark.attaque("C06")
@pytest.mark.parametrize("cas", IMAGES)
def test_an_image_that_would_burst_is_refused_on_its_head(base, equipe, cas):
    """Whatever it is called: the server neither decodes it nor keeps it."""
    content, browser = IMAGES[cas](), equipe.browser()
    url = reverse("wikimarche:image_add", args=[equipe.piece.pk])
    browser.get(equipe.piece.get_absolute_url())
    for nom in ("plan.png", "plan.jpg"):
        with base.working(seconds=0.5, memory=64 << 20):
            answer = browser.post(url, {"fichier": SimpleUploadedFile(nom, content)})
        assert answer.status_code == 400
    assert not Kept.objects.filter(piece=equipe.piece).exists()


PARTS = {
    "image": "images", "attachedTemplate": "modèle", "aFChunk": "inclus", "oleObject": "", "frame": "",
    "hyperlink": "",
}  # fmt: skip
"""What a document may call → the word by which the page says that it was left."""


@pytest.mark.attaque("C05")
@pytest.mark.parametrize("kind", PARTS)
def test_a_document_that_calls_outside_is_read_without_a_call(equipe, listener, kind):
    """Sent, read and shown: nobody is called, and the text that stands in the document is there."""
    url = f"http://127.0.0.1:{listener.server_port}/{kind}"
    body = (
        f'<?xml version="1.0"?><w:document xmlns:w="{W}" xmlns:r="{RELATIONS}" xmlns:a="http://schemas.'
        'openxmlformats.org/drawingml/2006/main"><w:body><w:p><w:r><w:drawing><a:blip r:link="r1"/>'
        "</w:drawing></w:r></w:p><w:p><w:r><w:t>Le texte reste.</w:t></w:r></w:p>"
        '<w:altChunk r:id="r1"/></w:body></w:document>'
    )
    parts = docx_parts() | {
        "word/document.xml": body.encode(),
        "word/_rels/document.xml.rels": make_relations(kind, url),
        "word/_rels/settings.xml.rels": make_relations(kind, url),
    }
    browser = equipe.browser()
    sent = SimpleUploadedFile("cctp.docx", make_zip(parts))
    answer = browser.post(
        reverse("wikimarche:piece_import", args=[equipe.piece.pk]), {"fichier": sent}
    )
    assert answer.status_code == 302
    importation = Importation.objects.get(piece=equipe.piece)
    for job in Job.objects.filter(kind="wikimarche:read_document", statut="en_file"):
        run_job(job.pk)
    importation.refresh_from_db()
    assert importation.statut == "a_verifier", importation.raison
    assert "Le texte reste." in json.dumps(importation.decoupage)
    assert PARTS[kind] in browser.get(answer.url).text
    assert listener.heard == []


@pytest.mark.attaque("C10")
@pytest.mark.parametrize(
    "ranges", ["", "bytes=" + ",".join(["0-"] * 1000), "bytes=0-0", "bytes=-1"]
)
def test_a_file_leaves_whole_and_closed_to_caches_and_scripts(equipe, ranges):
    """An export and an image; a thousand ranges make neither a thousand copies nor a piece of one."""
    job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.DOCX)
    run_job(job.pk)
    image = add_image(by=equipe.gestionnaire, piece=equipe.piece, content=png(40, 20), nom="a.png")
    asked = {"HTTP_RANGE": ranges} if ranges else {}
    browser = equipe.browser("gestionnaire")
    export = browser.get(reverse("documents:job_download", args=[job.pk]), **asked)
    shown = browser.get(reverse("wikimarche:image", args=[image.pk]), **asked)
    for answer in (export, shown):
        assert answer.status_code == 200
        assert answer["Cache-Control"].startswith("private, no-store")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert int(answer["Content-Length"]) == len(answer.content)
    assert export["Content-Disposition"].startswith("attachment")
    assert shown.content == png(40, 20)
