"""A pièce at one version, written in a format."""

import contextlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from procurement.audit.selectors import chain_head, database_now
from procurement.documents.services import FileRefused, draw_piece, group_signs, open_judged
from procurement.marches.selectors import lost_of, name_variables, read_variables, say_criteres
from procurement.ui.typographie import format_instant
from wikimarche.enums import FormatExport
from wikimarche.models import Image, Piece, Version
from wikimarche.reports.contents import ArticleContent, PieceContent
from wikimarche.reports.docx import write_docx
from wikimarche.reports.markdown import write_markdown
from wikimarche.reports.odt import write_odt
from wikimarche.selectors import ArticleView, piece_at, read_state, render_articles


MIME = {
    FormatExport.PDF: "application/pdf",
    FormatExport.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FormatExport.ODT: "application/vnd.oasis.opendocument.text",
    FormatExport.MD: "text/markdown; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file to hand out."""

    nom: str
    type_mime: str
    content: bytes


def write_export(
    piece: Piece,
    version: Version,
    format: FormatExport,
    progress: Callable[[int, int, str], None] = lambda step, total, words: None,
) -> Export:
    """Write one version of a pièce. Comments are never part of it.

    Raises ChildFailed with a French reason when the document cannot be drawn.
    """
    progress(0, 3, "Lecture de la version")
    state = read_state(piece, version)
    shown = piece_at(piece, version)
    fiche = _say_fiche(shown, version, past=shown is not piece)
    every = render_articles(shown.marche, state, comments=False)
    views = [view for view in every if view.present]
    progress(1, 3, "Mise en page")
    if format == FormatExport.PDF:
        content = _draw(shown, version, fiche, views)
    else:
        retires = {str(view.id): view.titre for view in every if not view.present}
        contents = _contents(
            shown, version, fiche, views, {row.id: row.corps for row in state}, retires
        )
        if format == FormatExport.DOCX:
            content = write_docx(contents)
        elif format == FormatExport.MD:
            content = write_markdown(contents)
        else:
            content = write_odt(contents)
    progress(3, 3, "Fichier prêt")
    return Export(name_export(shown, version, format), MIME[format], content)


def name_export(piece: Piece, version: Version, format: FormatExport) -> str:
    """Name the file after the marché, the pièce and the version, in plain ASCII.

    piece: as the file shows it. « M-2026-021_CCTP_v37.pdf »
    """
    named = f"{_plain(piece.marche.reference)}_{_plain(piece.type)}"
    return f"{named}_v{version.numero}.{format}"


def _plain(words: str) -> str:
    ascii = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", ascii).strip("-")


def _draw(piece: Piece, version: Version, fiche: str, views: list[ArticleView]) -> bytes:
    images, said = _images(piece), read_variables(piece.marche)
    return draw_piece(
        {
            "organisation": piece.marche.organisation.nom,
            "direction": said["marche.direction"],
            "marche": piece.marche.objet,
            "reference": piece.marche.reference,
            "piece_titre": piece.titre,
            "piece_type": piece.get_type_display(),
            "piece_court": piece.type,
            "version": version.numero,
            "version_nom": version.nom,
            "instant": format_instant(version.instant),
            "instant_iso": version.instant.isoformat(),
            "empreinte": version.empreinte,
            "fiche": fiche,
            "journal": _journal(piece),
            "articles": [
                {
                    "id": view.id,
                    "numero": view.number,
                    "niveau": view.level,
                    "titre": view.titre,
                    "html": view.html,
                }
                for view in views
            ],
            "visas": [],
        },
        media=images,
        image=lambda fichier: f"media:{fichier}" if fichier in images else None,
    )


def _say_fiche(piece: Piece, version: Version, *, past: bool) -> str:
    """Say which fiche the text cites: the hash of a version is of its words, not of the fiche."""
    if past:
        redacted = ", une partie caviardée" if lost_of(piece.marche) else ""
        return f"telle qu’à la version {version.numero}{redacted}"
    return f"au {format_instant(database_now())}"


def _journal(piece: Piece) -> str:
    """Say where the journal of the marché stands: a paper that leaves the house is its witness."""
    seq, empreinte = chain_head(piece.marche_id)
    return f"ligne n°\u00a0{seq}, {group_signs(empreinte)}"


def _contents(
    piece: Piece,
    version: Version,
    fiche: str,
    views: list[ArticleView],
    bodies: Mapping[UUID, Any],
    retires: Mapping[str, str],
) -> PieceContent:
    return PieceContent(
        titre=piece.titre,
        type_libelle=piece.get_type_display(),
        marche=piece.marche.objet,
        organisation=piece.marche.organisation.nom,
        version=str(version.numero),
        empreinte=version.empreinte,
        instant=version.instant,
        articles=tuple(
            ArticleContent(
                id=str(view.id),
                numero=view.number,
                niveau=view.level,
                titre=view.titre,
                corps=bodies[view.id],
            )
            for view in views
        ),
        variables=read_variables(piece.marche),
        libelles=name_variables(piece.marche),
        images=_images(piece),
        retires=retires,
        criteres=tuple(say_criteres(piece.marche)),
        fiche=fiche,
    )


def _images(piece: Piece) -> dict[str, bytes]:
    """Bytes of the images of this pièce, and of no other.

    One that the antivirus did not find sound leaves its description in the document.
    """
    found = {}
    for image in Image.objects.filter(piece=piece).select_related("fichier"):
        with contextlib.suppress(FileRefused), open_judged(image.fichier) as stored:
            found[str(image.pk)] = stored.read()
    return found
