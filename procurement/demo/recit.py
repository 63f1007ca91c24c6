"""Telling how a pièce was written: each sentence of a story is one call of a service.

Nothing here writes by itself. Passages are found by their words, as a person would find them, so a
story reads like what happened; a passage that is not there stops the seed.

Texts may hold ``{{marche.duree_mois}}`` (a variable) and ``[[Titre d’un article]]`` (a renvoi).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone

from procurement.accounts.models import User
from procurement.demo.horloge import wait
from procurement.marches.models import Marche
from wikimarche.domain.anchors import Bord, Passage
from wikimarche.domain.canonical import plain_text
from wikimarche.domain.rewriting import steps_between
from wikimarche.enums import GenreFil, StatutArticle, TypePiece
from wikimarche.models import Article, Fil, Piece
from wikimarche.services import (
    add_article,
    commit_edit,
    create_piece,
    import_document,
    indent_article,
    merge_article,
    move_article,
    move_down,
    move_up,
    name_version,
    open_fil,
    outdent_article,
    reinstate_article,
    reply_to_fil,
    resolve_fil,
    restore_article,
    restore_piece,
    retire_article,
    split_article,
)


Json = dict[str, Any]
TEXTES = Path(__file__).parent / "textes"
_SPECIAL = re.compile(r"\{\{([a-z_.]+)\}\}|\[\[(.+?)\]\]")
_YEAR = re.compile(r"\{A\+(\d+)\}")
_FINE = re.compile(r"(?<=\S) (?=[;:!?»%€])|(?<=«) | (?=(?:h|m²|km|HT)\b)|(?<=\d) (?=\d{3}\b)")


def fine(text: str) -> str:
    """Put narrow no-break spaces where French wants them.

    >>> fine("« 1 200 m² » : oui").replace("\u202f", "_")
    '«_1_200_m²_»_: oui'
    """
    return _FINE.sub("\u202f", text)


def dated(text: str) -> str:
    """Fill in years: ``{A+2}`` is two years after the one in which the story is told.

    >>> dated("en {A+0}") == f"en {timezone.localdate().year}"
    True
    """
    year = timezone.localdate().year
    return _YEAR.sub(lambda found: str(year + int(found[1])), text)


class Lost(LookupError):
    """A passage or a title that the story expects is not in the pièce."""


class Recit:
    """The story of one pièce. ``by`` is the short name of a person."""

    def __init__(self, piece: Piece, people: Mapping[str, User]) -> None:
        self.piece, self.people = piece, people

    @classmethod
    def start(
        cls,
        marche: Marche,
        people: Mapping[str, User],
        *,
        by: str,
        type: TypePiece,
        titre: str = "",
        texte: str = "",
        brouillon: Callable[[str], str] = str,
    ) -> "Recit":
        """Create the pièce; bring in a text of ``textes/``, roughened by ``brouillon`` first."""
        user = people[by]
        wait(3, 9)
        piece = create_piece(by=user, marche=marche, type=type, titre=titre)
        if texte:
            content = fine(brouillon(dated((TEXTES / texte).read_text()))).encode()
            wait(10, 25)
            import_document(by=user, piece=piece, content=content, nom=texte)
        return cls(piece, people)

    # -- text ----------------------------------------------------------------------------------

    def edit(self, by: str, old: str, new: str) -> None:
        """Replace words by others in the article that holds them."""
        old = fine(old)
        article = self._holding(old)
        self._commit(by, article, _replace(article.corps, old, self._inline(new)))

    def amend(self, by: str, first: str, final: str) -> None:
        """Make a correction of a list: words, or a row « | a | b | » of which cells change."""
        if not first.startswith("|"):
            self.edit(by, first, final)
            return
        old, new = (
            [fine(cell.strip()) for cell in row.strip("| ").split(" | ")] for row in (first, final)
        )
        article, corps, cells = self._row(old)
        for rank, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                cells[rank] |= _replace(cells[rank], before, self._inline(after))
        self._commit(by, article, corps)

    def harmonise(self, by: str, words: Mapping[str, str], titre: str | None = None) -> int:
        """Replace words everywhere, one commit per article in the order of the rows; return how many."""
        done = 0
        for article in self._under(titre):
            corps = article.corps
            for old, new in words.items():
                if old in plain_text(article.corps):
                    corps = _replace(corps, old, self._inline(new), every=True)
            if corps != article.corps:
                self._commit(by, article, corps)
                done += 1
        return done

    def write(self, by: str, after: str, *sentences: str) -> None:
        """Add a paragraph after the block that holds a passage; one commit per sentence."""
        after = fine(after)
        article = self._holding(after)
        at = _path(article.corps, after)[0]
        for rank, sentence in enumerate(sentences):
            corps = deepcopy(article.corps)
            if rank == 0:
                corps["content"].insert(at + 1, _paragraph(self._inline(sentence)))
            else:
                corps["content"][at + 1]["content"] += self._inline(f" {sentence}")
            article = self._commit(by, article, corps, rank > 0)

    def add_item(self, by: str, after: str, *items: str) -> None:
        """Add items to a list, after the one that holds a passage."""
        after = fine(after)
        article = self._holding(after)
        for item in items:
            corps = deepcopy(article.corps)
            parent, index = _nearest(corps, after, "list_item")
            node = {"type": "list_item", "content": [_paragraph(self._inline(item))]}
            parent["content"].insert(index + 1, node)
            article, after = self._commit(by, article, corps), fine(item)

    def add_row(self, by: str, after: str, *cells: str) -> None:
        """Add a row to a table, after the one that holds a passage."""
        after = fine(after)
        article = self._holding(after)
        corps = deepcopy(article.corps)
        parent, index = _nearest(corps, after, "table_row")
        attrs = {"colspan": 1, "rowspan": 1, "align": None}
        row = [
            {
                "type": "table_cell",
                "attrs": attrs,
                "content": [_paragraph(self._inline(cell))],
            }
            for cell in cells
        ]
        parent["content"].insert(index + 1, {"type": "table_row", "content": row})
        self._commit(by, article, corps)

    def strike(self, by: str, extrait: str, kind: str = "") -> None:
        """Take out the block that holds a passage, or the nearest node of a kind around it."""
        extrait = fine(extrait)
        article = self._holding(extrait)
        corps = deepcopy(article.corps)
        if kind:
            parent, index = _nearest(corps, extrait, kind)
        else:
            parent, index = corps, _path(corps, extrait)[0]
        del parent["content"][index]
        self._commit(by, article, corps)

    def show_criteres(self, by: str, after: str) -> None:
        """Put the table of the criteria of the fiche after the block that holds a passage."""
        article = self._holding(fine(after))
        corps = deepcopy(article.corps)
        at = _path(corps, fine(after))[0]
        corps["content"].insert(at + 1, {"type": "critere", "attrs": {"id": None}})
        self._commit(by, article, corps)

    def rename(self, by: str, titre: str, new: str) -> None:
        """Change the title of an article."""
        article = self._titled(titre)
        commit_edit(
            by=self.people[by],
            article=article,
            commit_id=uuid4(),
            precedent=None,
            base=article.numero,
            steps=[],
            titre=fine(new),
        )

    # -- structure -----------------------------------------------------------------------------

    def add(self, by: str, titre: str, *paragraphs: str, after: str = "", under: str = "") -> None:
        """Add an article, empty, then write it paragraph by paragraph."""
        wait()
        article = add_article(
            by=self.people[by],
            piece=self.piece,
            after=self._titled(after) if after else None,
            parent=self._titled(under) if under else None,
            titre=fine(titre),
        )
        article.refresh_from_db()
        article.piece = self.piece
        for rank, text in enumerate(paragraphs):
            corps = deepcopy(article.corps)
            if rank == 0:
                corps["content"][0]["content"] = self._inline(text)
            else:
                corps["content"].append(_paragraph(self._inline(text)))
            article = self._commit(by, article, corps, True)

    def move(self, by: str, titre: str, *, after: str = "", under: str = "") -> None:
        """Move an article after another one, or first under another one."""
        article = self._titled(titre)
        anchor = self._titled(after) if after else None
        parent = anchor.parent_id if anchor else self._titled(under).pk if under else None
        wait()
        move_article(
            by=self.people[by], article=article, parent=parent, after=anchor.pk if anchor else None
        )

    def up(self, by: str, titre: str) -> None:
        """Move an article above its previous sibling."""
        wait()
        move_up(by=self.people[by], article=self._titled(titre))

    def down(self, by: str, titre: str) -> None:
        """Move an article below its next sibling."""
        wait()
        move_down(by=self.people[by], article=self._titled(titre))

    def indent(self, by: str, titre: str) -> None:
        """Nest an article under its previous sibling."""
        wait()
        indent_article(by=self.people[by], article=self._titled(titre))

    def outdent(self, by: str, titre: str) -> None:
        """Take an article one level up."""
        wait()
        outdent_article(by=self.people[by], article=self._titled(titre))

    def split(self, by: str, extrait: str, titre: str) -> None:
        """Cut an article before the block that holds a passage; the end takes a title."""
        article = self._holding(fine(extrait))
        at = _path(article.corps, fine(extrait))[0]
        position = sum(_size(block) for block in article.corps["content"][:at])
        wait()
        split_article(by=self.people[by], article=article, position=position, titre=fine(titre))

    def merge(self, by: str, titre: str) -> None:
        """Merge an article into the one above it."""
        wait()
        merge_article(by=self.people[by], article=self._titled(titre))

    def retire(self, by: str, titre: str, motif: str) -> None:
        """Take an article out, with the reason."""
        wait()
        retire_article(by=self.people[by], article=self._titled(titre), motif=motif)

    def reinstate(self, by: str, titre: str) -> None:
        """Put a retired article back."""
        article = self._titled(titre, statut=StatutArticle.RETIRE)
        wait()
        reinstate_article(by=self.people[by], article=article)

    # -- versions ------------------------------------------------------------------------------

    def name(self, by: str, nom: str) -> int:
        """Name the version; return its number."""
        wait(15, 40)
        return name_version(by=self.people[by], piece=self.piece, nom=nom)

    def restore(self, by: str, titre: str, numero: int) -> None:
        """Give an article the text it had in a version."""
        wait()
        restore_article(by=self.people[by], article=self._titled(titre), numero=numero)

    def restore_all(self, by: str, numero: int) -> None:
        """Give the pièce the tree and texts it had in a version."""
        wait()
        restore_piece(by=self.people[by], piece=self.piece, numero=numero)

    # -- discussing ----------------------------------------------------------------------------

    def comment(
        self, by: str, extrait: str, texte: str, genre: GenreFil = GenreFil.QUESTION
    ) -> Fil:
        """Comment words that stand in one paragraph at the top of an article."""
        wait()
        extrait = fine(extrait)
        article = self._holding(extrait)
        path = _path(article.corps, extrait)
        if len(path) != 2:
            raise Lost(f"«\u202f{extrait}\u202f» n’est pas dans un paragraphe.")
        block = article.corps["content"][path[0]]
        before, text = block["content"][: path[1]], block["content"][path[1]]["text"]
        start = sum(map(_size, before)) + text.index(extrait)
        bords = (Bord(block["attrs"]["id"], 0, place) for place in (start, start + len(extrait)))
        return open_fil(
            by=self.people[by],
            article=article,
            genre=genre,
            texte=fine(texte),
            passage=Passage(*bords),
            base=article.numero,
        )

    def comment_whole(self, by: str, titre: str, texte: str, genre: GenreFil) -> Fil:
        """Comment a whole article."""
        wait()
        article = self._titled(titre)
        return open_fil(by=self.people[by], article=article, genre=genre, texte=fine(texte))

    def answer(self, by: str, fil: Fil, texte: str, *, resolve: bool = False) -> None:
        """Answer in a thread, and close it or not."""
        wait()
        act = resolve_fil if resolve else reply_to_fil
        act(by=self.people[by], fil=fil, texte=fine(texte))

    # -- finding, committing -------------------------------------------------------------------

    def _articles(self, **filters: Any) -> list[Article]:
        found = list(Article.objects.filter(piece=self.piece, **filters).order_by("rang", "pk"))
        for article in found:
            article.piece = self.piece
        return found

    def _saying(self, words: str) -> list[Article]:
        """Articles of the text that hold these words."""
        articles = self._articles(statut=StatutArticle.ACTIF)
        return [article for article in articles if words in plain_text(article.corps)]

    def _holding(self, extrait: str) -> Article:
        found = self._saying(extrait)
        if len(found) != 1:
            raise Lost(f"«\u202f{extrait}\u202f» est dans {len(found)} articles de {self.piece}.")
        return found[0]

    def _row(self, cells: Sequence[str]) -> tuple[Article, Json, list[Json]]:
        """Find a row of a table by all its cells: its article, a copy of the body, the row in it."""
        for article in self._saying(cells[0]):
            corps = deepcopy(article.corps)
            for table in corps["content"]:
                for row in table["content"] if table["type"] == "table" else ():
                    if [_words(cell) for cell in row["content"]] == list(cells):
                        return article, corps, row["content"]
        raise Lost(f"Aucune ligne «\u202f{' | '.join(cells)}\u202f» dans {self.piece}.")

    def _titled(self, titre: str, statut: str = StatutArticle.ACTIF) -> Article:
        found = self._articles(statut=statut, titre=fine(titre))
        if len(found) != 1:
            raise Lost(
                f"«\u202f{titre}\u202f» est le titre de {len(found)} articles de {self.piece}."
            )
        return found[0]

    def _under(self, titre: str | None) -> list[Article]:
        articles = self._articles(statut=StatutArticle.ACTIF)
        if titre is None:
            return articles
        inside = {self._titled(titre).pk}
        for _ in range(4):
            inside |= {article.pk for article in articles if article.parent_id in inside}
        return [article for article in articles if article.pk in inside]

    def _inline(self, text: str) -> list[Json]:
        nodes: list[Json] = []
        text, at = fine(text), 0
        for found in _SPECIAL.finditer(text):
            nodes += _text(text[at : found.start()])
            if found[1]:
                nodes.append({"type": "variable", "attrs": {"chemin": found[1]}})
            else:
                target = self._titled(found[2])
                nodes.append({"type": "renvoi", "attrs": {"article": str(target.pk)}})
            at = found.end()
        return nodes + _text(text[at:])

    def _commit(self, by: str, article: Article, corps: Json, goes_on: bool = False) -> Article:
        """goes_on: the hand has not left the article, the work session lasts."""
        if goes_on:
            wait(1, 3)
        else:
            wait()
        commit_edit(
            by=self.people[by],
            article=article,
            commit_id=uuid4(),
            precedent=None,
            base=article.numero,
            steps=steps_between(article.corps, corps),
        )
        article.refresh_from_db(fields=["corps", "numero", "titre"])
        return article


def _text(text: str) -> list[Json]:
    return [{"type": "text", "text": text}] if text else []


def _paragraph(content: Sequence[Json]) -> Json:
    # Only blocks at the top of an article carry an identifier; the server draws the missing one.
    return {"type": "paragraph", "attrs": {"id": None}, "content": list(content)}


def _replace(corps: Json, old: str, new: Sequence[Json], *, every: bool = False) -> Json:
    """Copy a document with words replaced, once or every time; marks around them stay."""
    left = -1 if every else 1

    def walk(node: Json) -> list[Json]:
        nonlocal left
        if "text" in node:
            if old not in node["text"] or left == 0:
                return [node]
            parts = node["text"].split(old) if every else node["text"].split(old, 1)
            left = -1 if every else 0
            out: list[Json] = []
            for rank, part in enumerate(parts):
                if rank:
                    out += [_marked(piece, node) for piece in new]
                if part:
                    out.append({**node, "text": part})
            return _joined(out)
        if "content" in node:
            return [{**node, "content": _joined([k for c in node["content"] for k in walk(c)])}]
        return [node]

    changed = walk(corps)[0]
    if changed == corps:
        raise Lost(f"«\u202f{old}\u202f» n’est pas d’un seul tenant.")
    return changed


def _marked(piece: Json, node: Json) -> Json:
    return {**piece, "marks": node["marks"]} if "marks" in node and "text" in piece else piece


def _joined(nodes: Sequence[Json]) -> list[Json]:
    out: list[Json] = []
    for node in nodes:
        last = out[-1] if out else None
        if last and "text" in node and "text" in last and last.get("marks") == node.get("marks"):
            out[-1] = {**last, "text": last["text"] + node["text"]}
        else:
            out.append(node)
    return out


def _path(node: Json, extrait: str) -> list[int]:
    """Indexes that lead from a node to the inline block that holds a passage."""
    for index, child in enumerate(node.get("content", ())):
        if "text" in child:
            if extrait in child["text"]:
                return [index]
        elif path := _path(child, extrait):
            return [index, *path]
    if node["type"] == "doc":
        raise Lost(f"«\u202f{extrait}\u202f» n’est pas d’un seul tenant.")
    return []


def _nearest(corps: Json, extrait: str, kind: str) -> tuple[Json, int]:
    """Parent and index of the innermost node of a kind around a passage."""
    found: tuple[Json, int] | None = None
    node = corps
    for index in _path(corps, extrait):
        child = node["content"][index]
        if child["type"] == kind:
            found = (node, index)
        node = child
    if found is None:
        raise Lost(f"«\u202f{extrait}\u202f» n’est pas dans {kind}.")
    return found


def _words(node: Json) -> str:
    return node.get("text", "") + "".join(_words(child) for child in node.get("content", ()))


def _size(node: Json) -> int:
    """Size of a node in positions of the editor (UTF-16 units)."""
    if "text" in node:
        return len(node["text"].encode("utf-16-le")) // 2
    if "content" in node or node["type"] in {"paragraph", "heading"}:
        return 2 + sum(_size(child) for child in node.get("content", ()))
    return 1


__all__ = ["Lost", "Recit"]
