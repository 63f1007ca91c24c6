"""What an import gives back: the draft tree, its images, remarks and report. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wikimarche.domain.schema import show_invisible


Json = dict[str, Any]

PREAMBULE = "Préambule"
NIVEAU_MAX = 6
ALT_ABSENT = "Image sans description"


@dataclass(frozen=True)
class ImportedArticle:
    """One article of the draft.

    id: uuid as text; the article's own when the file came from our export (`reconnu`), else made
        from the file, so that the same file gives the same draft.
    niveau: 1 to 6, never more than the previous article's plus one.
    numero_imprime: the number printed in the source (« 3.2 »), kept only to check the cutting.
    numerote: False for the front matter, which takes no number.
    corps: ProseMirror document of `domain/schema.json`, block ids included.
    """

    id: str
    titre: str
    niveau: int
    corps: Json
    numero_imprime: str = ""
    numerote: bool = True
    reconnu: bool = False
    ancre: str = ""

    @property
    def blocs(self) -> list[Json]:
        """Return the top-level blocks of the article."""
        return list(self.corps["content"])


@dataclass(frozen=True)
class ImportedImage:
    """An image of the source. `cle` is what the image nodes carry until the file is stored."""

    cle: str
    nom: str
    type_mime: str
    alt: str
    source: str
    contenu: bytes | None = None


@dataclass(frozen=True)
class ImportedComment:
    """A comment of the source. `article` and `bloc` are where it starts, `citation` its passage.

    debut, fin: offsets in the plain text of the block; `fin` is the block's length when the
    passage runs past it. In the title when `bloc` is empty.
    """

    article: str
    bloc: str
    auteur: str
    date: str
    texte: str
    citation: str
    debut: int
    fin: int


@dataclass(frozen=True)
class ImportedSuggestion:
    """A tracked change, not applied: « insertion », « suppression », « paragraphe_insere »….

    debut: offset in the plain text of the block, before the change. `bloc` is empty in a title.
    """

    article: str
    bloc: str
    nature: str
    texte: str
    auteur: str
    date: str
    debut: int


@dataclass
class ImportReport:
    """Counts of what was recognised, and by kind what was not, with a sample.

    tables, images, footnotes, comments: as many as the file holds, whatever became of them.
    tableaux_ouverts: whose text is kept without a frame (a title, a table in another, an empty one).
    tableaux_coupes: made of several in the draft. articles_coupes: « (suite) » of a long article;
    `articles` counts them, `levels` does not.
    numeros: those of `remarques` that tell of changed numbers, true until the cutting is corrected.
    """

    articles: int = 0
    articles_coupes: int = 0
    levels: dict[str, int] = field(default_factory=dict)
    tables: int = 0
    tableaux_ouverts: int = 0
    tableaux_coupes: int = 0
    lists: int = 0
    images: int = 0
    images_sans_description: int = 0
    footnotes: int = 0
    comments: int = 0
    tracked_changes: int = 0
    renvois: int = 0
    mots: int = 0
    methode: str = ""
    sommaire: Json = field(default_factory=dict)
    page_de_garde: int = 0
    titres_vides: int = 0
    remarques: list[str] = field(default_factory=list)
    numeros: list[str] = field(default_factory=list)
    non_reconnu: dict[str, Json] = field(default_factory=dict)

    def miss(self, kind: str, sample: str = "", *, count: int = 1) -> None:
        """Count one construct that has no place in an article, keeping the first sample."""
        if count < 1:
            return
        row = self.non_reconnu.setdefault(kind, {"nombre": 0, "exemple": ""})
        row["nombre"] += count
        if not row["exemple"] and sample.strip():
            row["exemple"] = show_invisible(" ".join(sample.split()))[:160]

    def as_json(self) -> Json:
        """Return the report as one JSON object."""
        return {
            "articles": self.articles,
            "articles_coupes": self.articles_coupes,
            "levels": self.levels,
            "tables": self.tables,
            "tableaux_ouverts": self.tableaux_ouverts,
            "tableaux_coupes": self.tableaux_coupes,
            "lists": self.lists,
            "images": self.images,
            "footnotes": self.footnotes,
            "comments": self.comments,
            "tracked_changes": self.tracked_changes,
            "non_reconnu": self.non_reconnu,
            "images_sans_description": self.images_sans_description,
            "renvois": self.renvois,
            "mots": self.mots,
            "methode": self.methode,
            "sommaire": self.sommaire,
            "page_de_garde": self.page_de_garde,
            "titres_vides": self.titres_vides,
            "remarques": self.remarques,
            "numeros": self.numeros,
        }


@dataclass(frozen=True)
class ImportedPiece:
    """A whole file, cut into articles. `titre` is the document's own title, « » when it has none."""

    titre: str
    articles: tuple[ImportedArticle, ...]
    images: tuple[ImportedImage, ...]
    comments: tuple[ImportedComment, ...]
    suggestions: tuple[ImportedSuggestion, ...]
    notes: tuple[str, ...]
    report: ImportReport


class ImportRefused(ValueError):
    """The file cannot become a pièce; the message is a French sentence for the person."""


def replace_images(corps: Json, fichiers: Mapping[str, str]) -> Json:
    """Give each image node the uuid of its stored file; nodes without one become a paragraph.

    fichiers: ImportedImage.cle → uuid of the stored file.
    """

    def visit(node: Json) -> Json:
        if node["type"] == "image":
            attrs = node["attrs"]
            if (fichier := fichiers.get(attrs["fichier"])) is None:
                texte = [{"type": "text", "text": f"[{attrs['alt']}]"}]
                return {"type": "paragraph", "attrs": {"id": attrs["id"]}, "content": texte}
            return {**node, "attrs": {**attrs, "fichier": fichier}}
        if "content" in node:
            return {**node, "content": [visit(child) for child in node["content"]]}
        return node

    return visit(corps)


def rename_renvois(corps: Json, articles: Mapping[str, str]) -> Json:
    """Point cross-references at the identifiers their targets were given in the end.

    articles: identifier read in the document → the one given; a target absent from it is kept.

    >>> node = {"type": "renvoi", "attrs": {"article": "a"}}
    >>> rename_renvois({"type": "doc", "content": [node]}, {"a": "b"})["content"][0]["attrs"]
    {'article': 'b'}
    """

    def visit(node: Json) -> Json:
        if node["type"] == "renvoi":
            target = node["attrs"]["article"]
            return {**node, "attrs": {**node["attrs"], "article": articles.get(target, target)}}
        if "content" in node:
            return {**node, "content": [visit(child) for child in node["content"]]}
        return node

    return visit(corps)


def plain_of(node: Json) -> str:
    """Return the text of a block or a document: text nodes in order, a break is a newline."""
    kind = node["type"]
    if kind == "text":
        return str(node["text"])
    if kind == "hard_break":
        return "\n"
    return "".join(plain_of(child) for child in node.get("content", ()))


def plain_words(node: Json) -> list[str]:
    """Return the words of a document, blocks apart."""
    words: list[str] = []

    def visit(current: Json) -> None:
        if current["type"] in ("paragraph", "heading"):
            words.extend(plain_of(current).split())
            return
        for child in current.get("content", ()):
            visit(child)

    visit(node)
    return words
