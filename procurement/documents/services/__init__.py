"""The public face of the package: bytes kept and served, documents judged, children, PDFs."""

from procurement.documents.domain.images import judge_image
from procurement.documents.domain.names import clean_name
from procurement.documents.services.children import Cause, ChildFailed, report_doors, run_child
from procurement.documents.services.drawing import draw_piece, draw_report, group_signs, render_pdf
from procurement.documents.services.files import (
    IntegrityBroken,
    open_bytes,
    open_stored,
    serve_file,
    store_file,
    sweep_files,
)
from procurement.documents.services.judging import DocumentRefused, judge_document, read_bounded
from procurement.documents.services.words import convert_word


__all__ = [
    "Cause",
    "ChildFailed",
    "DocumentRefused",
    "IntegrityBroken",
    "clean_name",
    "convert_word",
    "draw_piece",
    "draw_report",
    "group_signs",
    "judge_document",
    "judge_image",
    "open_bytes",
    "open_stored",
    "read_bounded",
    "render_pdf",
    "report_doors",
    "run_child",
    "serve_file",
    "store_file",
    "sweep_files",
]
