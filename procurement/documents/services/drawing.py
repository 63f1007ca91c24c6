"""render_pdf: the one door to WeasyPrint, which runs in a child that can reach nothing.

draw_piece: the printed form of a pièce, from plain data.
"""

import functools
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from procurement.documents.domain.printing import prepare_body
from procurement.documents.services.children import run_child
from procurement.ui.typographie import shorten


log = logging.getLogger(__name__)

# A page of 5 000 table rows took 23 s and 433 MB of memory in use; the space asked is larger.
MEMORY = 1536 << 20
EMPTY_BODY = re.compile(r"(?:<p[^<>]*>(?:\s|<br>)*</p>|\s)*")
"""A body without a word: its title stays with the article that follows."""
SUMMARY_LEVELS = 3
SUMMARY_PAGE = 40
"""Lines of contents that fit one page: beyond, the third level is left out."""


def render_pdf(
    html: str,
    *,
    css: Sequence[str] = (),
    media: Mapping[str, bytes] = {},
    variant: str = "pdf/ua-1",
    timeout: float = 60,
) -> bytes:
    """Draw a tagged PDF.

    html: a whole page, with its ``lang`` and ``title``. css: style sheets as text. media: bytes
    named ``media:<id>`` in the page and the sheets (PNG, JPEG, fonts), resolved through the gate
    by the caller. Any other address is refused and logged: the page is drawn without it.
    Raises ChildFailed with a French reason.
    """
    asked = {
        "html": html,
        "css": list(css),
        "variant": variant,
        "media": [[name, len(content)] for name, content in media.items()],
    }
    frame = b"".join([json.dumps(asked).encode(), b"\n", *media.values()])
    answer = run_child(
        "draw_pdf", stdin=frame, timeout=timeout, cpu=int(timeout), memory=MEMORY, output=128 << 20
    )
    told, _, pdf = answer.partition(b"\n")
    for url in json.loads(told)["refused"]:
        log.warning("address refused while drawing a PDF: %r", url)
    return pdf


def draw_report(
    template: str,
    context: Mapping[str, Any],
    *,
    sheets: Sequence[str],
    media: Mapping[str, bytes] = {},
    variant: str = "pdf/ua-1",
    timeout: float = 60,
) -> bytes:
    """Draw templates/reports/<template> with static/reports/<sheets> over the common sheet."""
    css = [_read_sheet(name) for name in ("polices.css", "feuille.css", *sheets)]
    html = render_to_string(f"reports/{template}", dict(context))
    return render_pdf(html, css=css, media={**_fonts(), **media}, variant=variant, timeout=timeout)


def draw_piece(
    context: Mapping[str, Any],
    *,
    media: Mapping[str, bytes] = {},
    image: Callable[[str], str | None] = lambda fichier: None,
    timeout: float = 60,
) -> bytes:
    """Draw a pièce as a PDF to hand out: title page, contents, numbered articles.

    context: organisation, marche, piece_titre, version (a number), instant (written out); and, when
    known, piece_type (label or initials), piece_court (for the running head), direction, reference,
    version_nom, empreinte (hexadecimal), journal (where its journal stands, in words), instant_iso, mention (an annotated export says so on each
    page), articles: [{id, numero, niveau (1…), titre, html}], visas: [{libelle, nom, instant}].
    image: from the identifier of a file to its name "media:…" among ``media``.
    """
    return draw_report(
        "wikimarche/piece.html",
        fill_piece(context, image=image),
        sheets=["piece.css"],
        media=media,
        timeout=timeout,
    )


def fill_piece(
    context: Mapping[str, Any], *, image: Callable[[str], str | None] = lambda fichier: None
) -> dict[str, Any]:
    """Complete the plain context of a pièce with what only paper needs."""
    articles = []
    anchors = {name_anchor(index, article) for index, article in enumerate(context["articles"])}
    for index, article in enumerate(context["articles"]):
        niveau = min(int(article["niveau"]), 4)
        body = article["html"]
        articles.append(
            {
                "numero": article["numero"],
                "titre": article["titre"],
                "niveau": niveau,
                "rang_titre": niveau + 1,
                "ancre": name_anchor(index, article),
                "html": prepare_body(body, image=image, anchors=anchors) if body else "",
                "vide": not body or EMPTY_BODY.fullmatch(body) is not None,
            }
        )
    empreinte = str(context.get("empreinte") or "")
    summary = [row for row in articles if row["niveau"] <= SUMMARY_LEVELS and row["titre"]]
    deepest = SUMMARY_LEVELS if len(summary) <= SUMMARY_PAGE else 2
    return {
        **context,
        "articles": articles,
        "sommaire": [row for row in summary if row["niveau"] <= deepest],
        "empreinte_courte": group_signs(empreinte[:12]),
        "empreinte_lisible": group_signs(empreinte),
        "version_nom_court": shorten(str(context.get("version_nom") or ""), 30),
        "marche_court": shorten(context["marche"], 78),
        "piece_court": context.get("piece_court") or context["piece_titre"],
    }


def name_anchor(index: int, article: Mapping[str, Any]) -> str:
    """Return the anchor of an article, the same as on screen."""
    identifier = article.get("id")
    return f"a-rang-{index}" if identifier is None else f"a-{identifier}"


def group_signs(empreinte: str) -> str:
    """Cut a hash in groups of four, to be read aloud.

    >>> group_signs("3f9a01bc77de")
    '3f9a 01bc 77de'
    """
    return " ".join(re.findall(".{1,4}", empreinte))


def _reports() -> Path:
    return Path(settings.BASE_DIR) / "static" / "reports"


@functools.cache
def _fonts() -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in (_reports() / "fonts").glob("*.ttf")}


def _read_sheet(name: str) -> str:
    return (_reports() / name).read_text()
