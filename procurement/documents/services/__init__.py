"""The public face of the package: bytes kept and served, documents judged, children, PDFs."""

from procurement.documents.domain.images import (
    IMAGE_TOO_LARGE,
    LARGEST_IMAGE,
    cut_image,
    judge_image,
)
from procurement.documents.domain.names import clean_name
from procurement.documents.services.analysis import (
    FileRefused,
    Received,
    accepts_unscanned,
    analyse_received,
    analyse_stored,
    keep_received,
    may_open,
    open_judged,
    refuse_unless_open,
    sweep_analyses,
)
from procurement.documents.services.children import Cause, ChildFailed, report_doors, run_child
from procurement.documents.services.drawing import draw_piece, draw_report, group_signs, render_pdf
from procurement.documents.services.files import (
    IntegrityBroken,
    discard_file,
    measure_image,
    open_bytes,
    open_stored,
    store_file,
    sweep_files,
)
from procurement.documents.services.judging import (
    ACCEPTED,
    LARGEST,
    TOO_LARGE,
    DocumentRefused,
    judge_document,
    kind_of,
    read_bounded,
)
from procurement.documents.services.scanning import is_configured, ping, read_version, scan
from procurement.documents.services.serving import serve_file
from procurement.documents.services.words import convert_word


__all__ = [
    "ACCEPTED",
    "IMAGE_TOO_LARGE",
    "LARGEST",
    "LARGEST_IMAGE",
    "TOO_LARGE",
    "Cause",
    "ChildFailed",
    "DocumentRefused",
    "FileRefused",
    "IntegrityBroken",
    "Received",
    "accepts_unscanned",
    "analyse_received",
    "analyse_stored",
    "clean_name",
    "convert_word",
    "cut_image",
    "discard_file",
    "draw_piece",
    "draw_report",
    "group_signs",
    "is_configured",
    "judge_document",
    "judge_image",
    "keep_received",
    "kind_of",
    "may_open",
    "measure_image",
    "open_bytes",
    "open_judged",
    "open_stored",
    "ping",
    "read_bounded",
    "read_version",
    "refuse_unless_open",
    "render_pdf",
    "report_doors",
    "run_child",
    "scan",
    "serve_file",
    "store_file",
    "sweep_analyses",
    "sweep_files",
]
