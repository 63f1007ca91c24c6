"""Word, OpenDocument and Markdown → a draft tree of articles. Start with `import_ast`."""

from wikimarche.domain.importing.draft import (
    CORRECTIONS,
    Correction,
    CorrectionRefused,
    apply_corrections,
    apply_operation,
    correct_piece,
    find_homes,
    take_back,
)
from wikimarche.domain.importing.labels import LABELS, Left, tell_left
from wikimarche.domain.importing.package import Survey
from wikimarche.domain.importing.pieces import (
    ImportedArticle,
    ImportedComment,
    ImportedImage,
    ImportedPiece,
    ImportedSuggestion,
    ImportRefused,
    ImportReport,
    rename_renvois,
    replace_images,
)
from wikimarche.domain.importing.preparation import Prepared, prepare, read_media
from wikimarche.domain.importing.renumbering import is_kept, number_by_level, retell_remarks
from wikimarche.domain.importing.tree import import_ast, import_document


__all__ = [
    "CORRECTIONS",
    "LABELS",
    "Correction",
    "CorrectionRefused",
    "ImportRefused",
    "ImportReport",
    "ImportedArticle",
    "ImportedComment",
    "ImportedImage",
    "ImportedPiece",
    "ImportedSuggestion",
    "Left",
    "Prepared",
    "Survey",
    "apply_corrections",
    "apply_operation",
    "correct_piece",
    "find_homes",
    "import_ast",
    "import_document",
    "is_kept",
    "number_by_level",
    "prepare",
    "read_media",
    "rename_renvois",
    "replace_images",
    "retell_remarks",
    "take_back",
    "tell_left",
]
