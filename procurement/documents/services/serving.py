"""Serving stored files: closed downloads, of bytes that were judged and still match their row."""

from urllib.parse import quote

from django.http import FileResponse, HttpResponse

from procurement.access.services import AccessRefused
from procurement.documents.domain.names import clean_name
from procurement.documents.models import StoredFile
from procurement.documents.services.analysis import FileRefused, refuse_unless_open
from procurement.documents.services.files import IntegrityBroken, open_stored


SHOWN_INLINE = {"image/png", "image/jpeg", "application/pdf"}


def serve_file(file: StoredFile, *, inline: bool = False) -> HttpResponse | FileResponse:
    """Answer with the bytes of a file that the gate has already granted.

    A Range header is ignored: the whole file is sent, since all of it was checked. ``inline`` holds
    for PNG, JPEG and PDF only. Raises AccessRefused (409, with the reason) unless the antivirus
    found the file sound.
    """
    try:
        refuse_unless_open(file)
    except FileRefused as refusal:
        raise AccessRefused(refusal.reason, status=409) from refusal
    answer: HttpResponse | FileResponse
    try:
        stream = open_stored(file)
    except IntegrityBroken:
        answer = HttpResponse(
            "Ce fichier ne correspond plus à son empreinte\u202f: il n’est pas servi. "
            "Prévenez l’administration de la plateforme.",
            content_type="text/plain; charset=utf-8",
            status=409,
        )
    else:
        answer = FileResponse(stream, content_type=file.type_mime)
        shown = inline and file.type_mime in SHOWN_INLINE
        answer["Content-Disposition"] = disposition(file.nom, inline=shown)
        answer["Content-Length"] = str(file.taille)
        answer["Accept-Ranges"] = "none"
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def disposition(nom: str, *, inline: bool = False) -> str:
    """Write Content-Disposition for any name (RFC 6266): an ASCII shadow, then the real name."""
    nom = clean_name(nom)
    shadow = "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_"
        for sign in nom
    )
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{shadow}\"; filename*=UTF-8''{quote(nom, safe='')}"
