"""The nouns of writing together."""

from wikimarche.models.article import Article
from wikimarche.models.commentaire import Commentaire
from wikimarche.models.commit import Commit
from wikimarche.models.fil import Fil
from wikimarche.models.image import Image
from wikimarche.models.importation import Importation
from wikimarche.models.piece import Piece
from wikimarche.models.presence import Presence
from wikimarche.models.version import Version


__all__ = [
    "Article",
    "Commentaire",
    "Commit",
    "Fil",
    "Image",
    "Importation",
    "Piece",
    "Presence",
    "Version",
]
