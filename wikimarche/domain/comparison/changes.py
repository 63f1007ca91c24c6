"""What a comparison gives: segments of words, blocks, changes of articles, and the whole."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from wikimarche.domain.canonical import inline_text
from wikimarche.domain.comparison.states import ArticleState
from wikimarche.domain.schema import Json


class Genre(StrEnum):
    """Kind of a change of article, as filters and exports name it."""

    AJOUT = "ajout"
    DEPLACEMENT = "deplacement"
    RENUMEROTATION = "renumerotation"
    RETRAIT = "retrait"
    TABLEAU = "tableau"
    TEXTE = "texte"


class Op(StrEnum):
    """What happened to a passage, a block, a row or a cell. FORME: same words, other typography."""

    AJOUT = "ajout"
    EGAL = "egal"
    FORME = "forme"
    MODIFIE = "modifie"
    RETRAIT = "retrait"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words. noeuds: inline JSON with marks, without comments; avant: the same words before, for FORME.

    MODIFIE is a footnote whose text was edited: noeuds is the note after, avant the note before,
    note the words of its text.
    """

    op: Op
    noeuds: tuple[Json, ...]
    avant: tuple[Json, ...] = ()
    note: tuple["Segment", ...] = ()

    @property
    def text(self) -> str:
        """The words, atoms included as plain_text writes them."""
        return inline_text(self.noeuds)


@dataclass(frozen=True, slots=True)
class Bloc:
    """A block, row, cell or list item compared.

    avant, apres: JSON, None for an addition or a withdrawal. segments: words, for a changed text
    block. enfants: for a changed container. deplace: it also changed place among its siblings.
    lieu: where a cell stands, in words. FORME: only typography, alignment or level changed.
    """

    op: Op
    avant: Json | None
    apres: Json | None
    segments: tuple[Segment, ...] = ()
    enfants: tuple["Bloc", ...] = ()
    deplace: bool = False
    lieu: str = ""

    @property
    def noeud(self) -> Json:
        """The node after, or before when it was withdrawn."""
        return self.apres if self.apres is not None else self.avant


@dataclass(frozen=True, slots=True)
class Mots:
    """Words added, withdrawn, and replaced (a withdrawal and an addition at the same place, the lesser of the two)."""

    ajoutes: int = 0
    retires: int = 0
    remplaces: int = 0

    def __add__(self, other: "Mots") -> "Mots":
        return Mots(
            self.ajoutes + other.ajoutes,
            self.retires + other.retires,
            self.remplaces + other.remplaces,
        )

    @property
    def total(self) -> int:
        """Words touched, a replacement counted once."""
        return self.ajoutes + self.retires + self.remplaces


@dataclass(frozen=True)
class Changement:
    """What happened to one article. genres is empty when nothing did, renumbering aside.

    genre: the first of genres, for lists: ajout, retrait, deplacement, tableau, texte. titre:
    segments of the title. blocs: every block in reading order, equal ones included. forme_seule:
    only typography changed. cellules: cells changed, added or withdrawn. retrait:
    levels gained by a moved article that is read where it was; below zero, it went to the margin.
    """

    article: UUID
    avant: ArticleState | None
    apres: ArticleState | None
    numero_avant: str
    numero_apres: str
    niveau: int
    genres: tuple[Genre, ...] = ()
    titre: tuple[Segment, ...] = ()
    blocs: tuple[Bloc, ...] = ()
    mots: Mots = Mots()
    cellules: int = 0
    forme_seule: bool = False
    retrait: int = 0

    @property
    def genre(self) -> Genre | None:
        """Main kind, None when the article did not change."""
        return self.genres[0] if self.genres else None

    @property
    def geste(self) -> str:
        """What was done to its place, as a verb: « déplace », « met en retrait », « remonte d’un niveau »; '' otherwise."""
        if Genre.DEPLACEMENT not in self.genres:
            return ""
        if not self.retrait:
            return "déplace"
        return "met en retrait" if self.retrait > 0 else "remonte d’un niveau"

    @property
    def geste_fait(self) -> str:
        """The same, once done: « déplacé », « mis en retrait », « remonté d’un niveau »."""
        return (
            self.geste.replace("déplace", "déplacé").replace("met", "mis").replace("onte", "onté")
        )

    @property
    def fusion(self) -> str:
        """Of an article that left, the one that took its text, in quotation marks; '' otherwise."""
        return self.apres.fusion if self.apres and Genre.RETRAIT in self.genres else ""

    @property
    def titre_courant(self) -> str:
        """Title after, or before when the article was withdrawn."""
        state = self.apres if self.apres is not None else self.avant
        return state.titre if state else ""


@dataclass(frozen=True, slots=True)
class Renumerotation:
    """An article whose number changed. seule: nothing else did."""

    article: UUID
    titre: str
    avant: str
    apres: str
    seule: bool


@dataclass(frozen=True, slots=True)
class Ligne:
    """A line of the reading order: an article, or the place a moved article left (parti)."""

    article: UUID
    parti: bool = False


@dataclass(frozen=True)
class Comparison:
    """Everything between two states.

    articles: all of them, changed or not. lecture: reading order of the new state, with withdrawn
    articles at their old place and a line where a moved one was. renumerotations: table of numbers.
    """

    articles: dict[UUID, Changement]
    lecture: tuple[Ligne, ...]
    renumerotations: tuple[Renumerotation, ...]

    @cached_property
    def changements(self) -> tuple[Changement, ...]:
        """The articles that changed, in reading order; a renumbering alone is not a change."""
        return tuple(
            self.articles[ligne.article]
            for ligne in self.lecture
            if not ligne.parti and self.articles[ligne.article].genres
        )

    @cached_property
    def mots(self) -> Mots:
        """Words added, withdrawn and replaced in the whole pièce."""
        return sum((change.mots for change in self.changements), Mots())

    def count(self) -> dict[Genre, int]:
        """Count the changes of each kind; a moved and edited article counts in both."""
        counts: dict[Genre, int] = {}
        for change in self.changements:
            for genre in change.genres:
                counts[genre] = counts.get(genre, 0) + 1
        return counts
