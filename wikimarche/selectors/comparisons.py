"""Comparison of two versions of a pièce, ready to print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe

from procurement.marches.domain.variables import say_paths
from procurement.marches.selectors import say_variables
from wikimarche.domain.canonical import block_text
from wikimarche.domain.comparison import (
    ArticleState as ComparedArticle,
    Bloc,
    Changement,
    Comparison,
    Genre,
    Op,
    PieceState,
    Renumerotation,
    Segment,
    compare,
    describe,
    part_of,
    tell_edit,
)
from wikimarche.domain.redline import move_sentence, redline_corps, redline_titre, side_by_side
from wikimarche.models import Piece, Version
from wikimarche.selectors.pages import BLANK, article_address, context_of
from wikimarche.selectors.states import ArticleState, read_state
from wikimarche.selectors.touches import Touch, Touches, touches_between


GENRE_WORDS = {
    Genre.TEXTE: "Texte",
    Genre.TABLEAU: "Tableau",
    Genre.AJOUT: "Ajouté",
    Genre.RETRAIT: "Retiré",
    Genre.DEPLACEMENT: "Déplacé",
}
GENRE_ICONS = {
    Genre.TEXTE: "pencil",
    Genre.TABLEAU: "table",
    Genre.AJOUT: "plus-lg",
    Genre.RETRAIT: "dash-circle",
    Genre.DEPLACEMENT: "arrows-move",
}
GENRE_TONES = {
    Genre.TEXTE: "bleu",
    Genre.TABLEAU: "bleu",
    Genre.AJOUT: "bleu",
    Genre.RETRAIT: "rouge",
    Genre.DEPLACEMENT: "violet",
}


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A line of the reading order of a comparison, changed or not.

    rang: number of the change among changes, None for an article that did not change.
    parti: the empty place a moved article left. fait: what was done, as a phrase without subject.
    """

    rang: int | None
    change: Changement
    parti: bool
    titre: SafeString
    html: SafeString
    cotes: list[Any]
    phrase: str
    touches: list[Touch]
    fait: str

    @property
    def genre(self) -> Genre | None:
        """First of the genres of the change, which gives icon and tone; None when nothing changed."""
        return self.change.genre

    @property
    def genre_mot(self) -> str:
        """All its genres in words: « Déplacé et modifié »; « Fusionné » where its text went elsewhere."""
        if self.change.fusion:
            return "Fusionné"
        return " et ".join(
            word if rank == 0 else word.lower()
            for rank, word in enumerate(GENRE_WORDS[genre] for genre in self.change.genres)
        )

    @property
    def is_blank(self) -> bool:
        """A chapter that is a title only."""
        return BLANK.fullmatch(self.html) is not None

    @property
    def resume(self) -> str:
        """The change in a few words, for the list: « Déplacé, et 2 mots »."""
        return describe(self.change)

    @property
    def dit(self) -> str:
        """What was done, in a sentence; its author is the subject when there is only one."""
        if len(self.touches) == 1:
            return f"{self.touches[0]} {self.fait}"
        return self.fait[:1].upper() + self.fait[1:]

    @property
    def mots(self) -> str:
        """The words that changed, counted: « 1 mot remplacé, 7 ajoutés »; where a merge took them."""
        counts = self.change.mots
        said: list[str] = []
        for count, word in (
            (counts.remplaces, "remplacé"),
            (counts.ajoutes, "ajouté"),
            (counts.retires, "retiré"),
        ):
            if count:
                ending = "s" if count > 1 else ""
                noun = "" if said else f" mot{ending}"
                said.append(f"{count}{noun} {word}{ending}")
        if self.change.fusion:
            said.append(f"le texte est passé dans {self.change.fusion}")
        return ", ".join(said) or "aucun mot changé"

    @property
    def lien(self) -> str:
        """Fragment of the page where the change stands, « #g12 »."""
        return f"#g{self.rang}"

    @property
    def url(self) -> str:
        """Page of the article: its history and its place."""
        return article_address("article_detail", self.change.article)

    @property
    def restore_url(self) -> str:
        """Where the article is brought back to the older of the two versions (POST)."""
        return article_address("article_restore", self.change.article)

    @property
    def icone(self) -> str:
        """Name of an icon of ui, empty for an article that did not change."""
        return GENRE_ICONS[self.change.genre] if self.change.genre else ""

    @property
    def ton(self) -> str:
        """Tone of the palette of ui, empty for an article that did not change."""
        return GENRE_TONES[self.change.genre] if self.change.genre else ""

    @property
    def genres_donnees(self) -> str:
        """Its genres separated by spaces, for the filter of the browser."""
        return " ".join(self.change.genres)

    @property
    def numero(self) -> str:
        """Number of the article today, or the one it had when it was removed."""
        return self.change.numero_apres or self.change.numero_avant

    @property
    def titre_brut(self) -> str:
        """Title as text, without mark of change; said in words when there is none."""
        return self.change.titre_courant or "Article sans titre"

    @property
    def heading(self) -> int:
        """Level of the HTML heading, from 2 to 6: chapters stand under the title of the page."""
        return min(self.change.niveau + 1, 6)

    @property
    def auteurs(self) -> str:
        """Names of those who wrote the change, once each, in order of writing."""
        return ", ".join(dict.fromkeys(touch.nom for touch in self.touches))


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A comparison ready to print."""

    de: Version
    a: Version
    comparison: Comparison
    lecture: list[ChangeView]
    changes: list[ChangeView]
    genres: list[tuple[Genre, str, int]]
    auteurs: list[tuple[UUID, str]]
    renumerotations: tuple[Renumerotation, ...]


def compare_versions(piece: Piece, de: Version, a: Version) -> Comparison:
    """Compare two versions of one pièce. Three queries."""
    return compare(_state(read_state(piece, de)), _state(read_state(piece, a)))


def read_comparison(piece: Piece, de: Version, a: Version) -> ComparisonView:
    """Compare two versions and write what the page shows. Seven queries, whatever their distance."""
    before, after = read_state(piece, de), read_state(piece, a)
    comparison = compare(_state(before), _state(after))
    context = context_of(piece.marche, after, comments=False)
    past = context_of(piece.marche, before, comments=False)
    touches = touches_between(piece, de.numero, a.numero)
    say = partial(say_paths, values=say_variables(piece.marche))
    lecture: list[ChangeView] = []
    changed_articles = [
        line.article
        for line in comparison.lecture
        if comparison.articles[line.article].genres and not line.parti
    ]
    rangs = {article: rang for rang, article in enumerate(changed_articles, start=1)}
    for line in comparison.lecture:
        change = comparison.articles[line.article]
        changed = bool(change.genres) and not line.parti
        touched = touches.of(change, comparison) if changed else []
        lecture.append(
            ChangeView(
                rang=rangs.get(line.article),
                change=change,
                parti=line.parti,
                # The writers of the domain escape every text and write known markup only.
                titre=mark_safe(redline_titre(change)),  # noqa: S308
                html=mark_safe("" if line.parti else redline_corps(change, context)),  # noqa: S308
                cotes=side_by_side(change, context, context_avant=past) if changed else [],
                phrase=move_sentence(change),
                touches=touched,
                fait=tell_edit(change, say=say) if changed else "",
            )
        )
    changes = [view for view in lecture if view.rang and not view.parti]
    counts = comparison.count()
    return ComparisonView(
        de=de,
        a=a,
        comparison=comparison,
        lecture=lecture,
        changes=changes,
        genres=[
            (genre, GENRE_WORDS[genre], counts[genre]) for genre in GENRE_WORDS if genre in counts
        ],
        auteurs=sorted(
            {(touch.auteur, touch.nom) for view in changes for touch in view.touches},
            key=lambda pair: pair[1],
        ),
        renumerotations=comparison.renumerotations,
    )


def list_changes(
    piece: Piece, de: Version, a: Version, comparison: Comparison
) -> list[dict[str, Any]]:
    """Every change as plain data, one row per article and kind, renumberings included. Two queries.

    kind: texte, ajout, retrait, deplacement, renumerotation or tableau. author: who touched the
    article last between the two versions, or moved what gave it its place or number; nobody when
    ``de`` is the later version. words: those added and withdrawn, in order, each in one row: those
    of tables are of tableau, the others of texte, and a move has none. edit: what was done, as a
    phrase whose subject is the author.
    """
    touches = touches_between(piece, de.numero, a.numero)
    say = partial(say_paths, values=say_variables(piece.marche))
    rows: list[dict[str, Any]] = []
    for change in comparison.changements:
        everyone = touches.of(change, comparison)
        rows += [
            {
                "kind": str(genre),
                "article": change.article,
                "number": change.numero_apres or change.numero_avant,
                "number_before": change.numero_avant,
                "number_after": change.numero_apres,
                "title": change.titre_courant,
                "author": names[0] if names else "",
                "authors": names,
                "words": words_changed(part, say=say),
                "edit": tell_edit(part, say=say),
                "words_added": part.mots.ajoutes,
                "words_removed": part.mots.retires,
                "words_replaced": part.mots.remplaces,
            }
            for genre in change.genres
            for part in [part_of(change, genre)]
            for names in [_names(touches, change, genre, everyone)]
        ]
    for row in comparison.renumerotations:
        renumbered = comparison.articles[row.article]
        names = [touch.nom for touch in touches.of_renumbering(renumbered, comparison)]
        rows.append(
            {
                "kind": str(Genre.RENUMEROTATION),
                "article": row.article,
                "number": row.apres,
                "number_before": row.avant,
                "number_after": row.apres,
                "title": row.titre,
                "author": names[0] if names else "",
                "authors": names,
                "words": [],
                "edit": "",
                "words_added": 0,
                "words_removed": 0,
                "words_replaced": 0,
            }
        )
    return rows


def _names(
    touches: Touches, change: Changement, genre: Genre, everyone: Sequence[Touch]
) -> list[str]:
    """Names of those who touched an article, the latest first; of a move, who moved it first."""
    movers = touches.structural.get(change.article, ()) if genre is Genre.DEPLACEMENT else ()
    return list(dict.fromkeys(touch.nom for touch in (*movers, *everyone)))


def words_changed(
    change: Changement, *, say: Callable[[str], str] = lambda text: text
) -> list[dict[str, str]]:
    """The runs of words of a change: [{"op": "ajout" or "retrait", "texte": …}], in reading order.

    Those changed inside a footnote say so: "lieu": "note". say: as in ``tell_edit``.
    """
    found: list[dict[str, str]] = []

    def visit(segments: tuple[Segment, ...], **place: str) -> None:
        for segment in segments:
            if segment.op in {Op.AJOUT, Op.RETRAIT}:
                found.append({"op": str(segment.op), "texte": say(segment.text), **place})
            visit(segment.note, lieu="note")

    def walk(bloc: Bloc) -> None:
        if bloc.op in {Op.AJOUT, Op.RETRAIT}:
            found.append({"op": str(bloc.op), "texte": say(block_text(bloc.noeud))})
        visit(bloc.segments)
        for inner in bloc.enfants:
            walk(inner)

    visit(change.titre)
    for bloc in change.blocs:
        walk(bloc)
    return found


def _state(articles: list[ArticleState]) -> PieceState:
    return PieceState(
        tuple(
            ComparedArticle(
                id=article.id,
                parent=article.parent,
                rang=article.rang,
                titre=article.titre,
                corps=article.corps,
                statut="actif" if article.actif else "retire",
                numerote=article.numerote,
                fusion=article.fusion,
            )
            for article in articles
        )
    )
