"""Comparison of two states of a pièce: articles by identifier, blocks by identifier, then words and cells.

The result is data, rich enough for the page (in the text, side by side), the printed redline and
the Word one. Comments and numbers are not content: neither is ever a change.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import Any, Final
from uuid import UUID

from rapidfuzz import fuzz

from wikimarche.domain.alignment import Opcode, opcodes
from wikimarche.domain.canonical import canonical_json, canonical_node, inline_text, plain_text
from wikimarche.domain.numbering import Place, outline
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
class ArticleState:
    """An article at one version. corps: ProseMirror JSON; statut: « actif » or « retire ».

    numerote: False for front matter, which takes no number.
    """

    id: UUID
    parent: UUID | None
    rang: str
    titre: str
    corps: Json
    statut: str = "actif"
    numerote: bool = True


@dataclass(frozen=True, slots=True)
class PieceState:
    """A pièce at one version: its articles in any order, retired ones included."""

    articles: tuple[ArticleState, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words. noeuds: inline JSON with marks, without comments; avant: the same words before, for FORME."""

    op: Op
    noeuds: tuple[Json, ...]
    avant: tuple[Json, ...] = ()

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
    only typography changed. cellules: cells changed, added or withdrawn.
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

    @property
    def genre(self) -> Genre | None:
        """Main kind, None when the article did not change."""
        return self.genres[0] if self.genres else None

    @property
    def titre_courant(self) -> str:
        """Title after, or before when the article was withdrawn."""
        state = self.apres if self.apres is not None else self.avant
        return state.titre if state else ""

    @property
    def words(self) -> str:
        """The change in a few French words, for lists: « Déplacé, et 2 mots »."""
        return describe(self)


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


# -- words -----------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"\ufffc|\w+|[^\w\s\ufffc]|\s+")
_WORD: Final = re.compile(r"\w+")
_ATOM: Final = "\ufffc"
_TEXT_BLOCKS: Final = frozenset({"paragraph", "heading"})
_ATOM_BLOCKS: Final = frozenset({"image", "critere"})


@dataclass(slots=True)
class _Run:
    start: int
    end: int
    node: Json


class _Inline:
    """Inline content laid flat: one string, an object character for each atom, and the runs of marks."""

    def __init__(self, content: Sequence[Json]) -> None:
        self.runs: list[_Run] = []
        parts: list[str] = []
        pos = 0
        self.plain = True
        for node in content:
            text = node["text"] if node["type"] == "text" else _ATOM
            self.runs.append(_Run(pos, pos + len(text), node))
            parts.append(text)
            pos += len(text)
            if node.get("marks"):
                self.plain = False
        self.text = "".join(parts)
        # The expression covers every character: the tokens, end to end, are the text.
        self.tokens: list[str] = _TOKEN.findall(self.text)
        self.starts = [0, *accumulate(map(len, self.tokens))]
        for run in self.runs:
            if run.node["type"] != "text":
                place = bisect_left(self.starts, run.start)
                self.tokens[place] = _ATOM + canonical_json({**run.node, "marks": []})

    def cut(self, i: int, j: int) -> tuple[Json, ...]:
        """Inline nodes of the tokens i to j."""
        start, end = self.starts[i], self.starts[j]
        found = []
        for run in self.runs:
            if run.end <= start or run.start >= end:
                continue
            if run.node["type"] == "text" and (run.start < start or run.end > end):
                piece = run.node["text"][max(0, start - run.start) : end - run.start]
                found.append({**run.node, "text": piece})
            else:
                found.append(run.node)
        return tuple(found)

    def marks_of(self, token: int) -> tuple[Any, ...]:
        start, end = self.starts[token], self.starts[token + 1]
        return tuple(
            (max(run.start, start) - start, canonical_json(run.node.get("marks") or []))
            for run in self.runs
            if run.start < end and run.end > start
        )


def compare_inline(avant: Sequence[Json], apres: Sequence[Json]) -> tuple[Segment, ...]:
    """Compare the inline content of two text blocks, word by word.

    avant, apres: inline JSON without comment marks. A lone space between two replaced words joins
    them. Where only marks differ the segment is FORME.

    >>> [(s.op.value, s.text) for s in compare_inline(
    ...     [{"type": "text", "text": "chaque année le relevé"}],
    ...     [{"type": "text", "text": "chaque trimestre le relevé"}])]
    [('egal', 'chaque '), ('retrait', 'année'), ('ajout', 'trimestre'), ('egal', ' le relevé')]
    """
    a, b = _Inline(avant), _Inline(apres)
    segments: list[Segment] = []
    for tag, i, j, k, n in _join_spaces(opcodes(a.tokens, b.tokens), a.tokens):
        if tag == "equal":
            segments.extend(_equal_segments(a, b, i, j, k))
            continue
        if j > i:
            segments.append(Segment(Op.RETRAIT, a.cut(i, j)))
        if n > k:
            segments.append(Segment(Op.AJOUT, b.cut(k, n)))
    return tuple(segments)


def _join_spaces(codes: list[Opcode], tokens: Sequence[str]) -> Iterator[Opcode]:
    pending: Opcode | None = None
    for place, code in enumerate(codes):
        tag, i, j, _k, n = code
        between = 0 < place < len(codes) - 1
        if (
            pending
            and tag == "equal"
            and between
            and j - i == 1
            and tokens[i].isspace()
            and pending[0] == codes[place + 1][0] == "replace"
        ) or (pending and pending[0] == tag == "replace"):
            pending = ("replace", pending[1], j, pending[3], n)
        else:
            if pending:
                yield pending
            pending = code
    if pending:
        yield pending


def _equal_segments(a: _Inline, b: _Inline, i: int, j: int, k: int) -> Iterator[Segment]:
    if a.plain and b.plain:
        yield Segment(Op.EGAL, b.cut(k, k + j - i))
        return
    begin, same = 0, True
    for t in range(j - i):
        now = a.marks_of(i + t) == b.marks_of(k + t)
        if t and now != same:
            yield _equal_segment(a, b, i + begin, i + t, k + begin, same)
            begin = t
        same = now
    yield _equal_segment(a, b, i + begin, j, k + begin, same)


def _equal_segment(a: _Inline, b: _Inline, i: int, j: int, k: int, same: bool) -> Segment:
    nodes = b.cut(k, k + j - i)
    return Segment(Op.EGAL, nodes) if same else Segment(Op.FORME, nodes, a.cut(i, j))


def count_words(text: str) -> int:
    """Count words: runs of letters and digits.

    >>> count_words("l’eau, 12 m³")
    4
    """
    return len(_WORD.findall(text))


# -- blocks ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Item:
    """A child to match: node without comments or ids, its key, its own identifier, its text."""

    node: Json
    clean: Json
    key: str
    identifier: str | None
    _text: str | None = None

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = _text_of(self.clean)
        return self._text


def _item(node: Json) -> _Item:
    clean = canonical_node(node)
    return _Item(node, clean, canonical_json(clean), (node.get("attrs") or {}).get("id"))


def _text_of(node: Json) -> str:
    return plain_text({"content": [node]})


def _text_kind(item: _Item) -> str:
    kind: str = item.clean["type"]
    return "text" if kind in _TEXT_BLOCKS else kind


SIMILAR: Final = 55.0
"""Likeness, out of 100, from which two blocks without common identifier are one block edited."""


def _match(
    old: Sequence[_Item], new: Sequence[_Item], compatible: Callable[[_Item, _Item], bool]
) -> dict[int, int]:
    """Match children: new place to old place. By identifier, then by content, then by likeness."""
    pairs: dict[int, int] = {}
    by_id = {item.identifier: i for i, item in enumerate(old) if item.identifier}
    for n, item in enumerate(new):
        i = by_id.get(item.identifier) if item.identifier else None
        if i is not None and compatible(old[i], item):
            pairs[n] = i
    taken = set(pairs.values())
    left_new = [n for n in range(len(new)) if n not in pairs]
    left_old = [i for i in range(len(old)) if i not in taken]
    if not left_new or not left_old:
        return pairs
    keys_old, keys_new = [old[i].key for i in left_old], [new[n].key for n in left_new]
    for tag, i1, i2, n1, n2 in opcodes(keys_old, keys_new):
        if tag == "equal":
            pairs.update(zip(left_new[n1:n2], left_old[i1:i2], strict=True))
        elif tag == "replace":
            gap_old, gap_new = left_old[i1:i2], left_new[n1:n2]
            pairs.update(_match_alike(old, new, gap_old, gap_new, compatible))
    return pairs


def _match_alike(
    old: Sequence[_Item],
    new: Sequence[_Item],
    gap_old: Sequence[int],
    gap_new: Sequence[int],
    compatible: Callable[[_Item, _Item], bool],
) -> dict[int, int]:
    """Match by likeness, best first, never crossing a pair already made."""
    if len(gap_old) * len(gap_new) > 40_000:
        return dict(zip(gap_new, gap_old, strict=False))
    scores = []
    for n in gap_new:
        for i in gap_old:
            if compatible(old[i], new[n]):
                score = fuzz.ratio(old[i].text, new[n].text, score_cutoff=SIMILAR)
                if score or (not old[i].text and not new[n].text):
                    scores.append((-score, abs(gap_new.index(n) - gap_old.index(i)), n, i))
    pairs: dict[int, int] = {}
    for _score, _distance, n, i in sorted(scores):
        if n in pairs or i in pairs.values():
            continue
        if all((m < n) == (j < i) for m, j in pairs.items()):
            pairs[n] = i
    return pairs


def stayed(places: Sequence[int]) -> set[int]:
    """Give the indexes of a longest increasing run: what stayed, when the rest moved.

    >>> sorted(stayed([3, 0, 1, 2]))
    [1, 2, 3]
    """
    tails: list[int] = []
    previous: list[int] = []
    for index, place in enumerate(places):
        low, high = 0, len(tails)
        while low < high:
            middle = (low + high) // 2
            if places[tails[middle]] < place:
                low = middle + 1
            else:
                high = middle
        previous.append(tails[low - 1] if low else -1)
        if low == len(tails):
            tails.append(index)
        else:
            tails[low] = index
    found: set[int] = set()
    index = tails[-1] if tails else -1
    while index >= 0:
        found.add(index)
        index = previous[index]
    return found


def _same_family(old: _Item, new: _Item) -> bool:
    return _text_kind(old) == _text_kind(new)


def compare_blocks(avant: Sequence[Json], apres: Sequence[Json]) -> tuple[Bloc, ...]:
    """Compare two lists of blocks, in the order after, withdrawn ones at their old place.

    avant, apres: block JSON. Works for the blocks of an article, the items of a list, the
    paragraphs of a cell.
    """
    if avant == apres:
        return tuple(Bloc(Op.EGAL, node, node) for node in apres)
    old, new = [_item(node) for node in avant], [_item(node) for node in apres]
    pairs = _match(old, new, _same_family)
    order = [n for n in range(len(new)) if n in pairs]
    kept = stayed([pairs[n] for n in order])
    unmoved = {n for index, n in enumerate(order) if index in kept}
    blocs: list[Bloc] = []
    withdrawn = iter([i for i in range(len(old)) if i not in set(pairs.values())])
    waiting = next(withdrawn, None)
    for n, item in enumerate(new):
        if n in unmoved:
            while waiting is not None and waiting < pairs[n]:
                blocs.append(Bloc(Op.RETRAIT, old[waiting].node, None))
                waiting = next(withdrawn, None)
        if n not in pairs:
            blocs.append(Bloc(Op.AJOUT, None, item.node))
            continue
        bloc = _compare_pair(old[pairs[n]], item)
        blocs.append(bloc if n in unmoved else replace(bloc, deplace=True))
    while waiting is not None:
        blocs.append(Bloc(Op.RETRAIT, old[waiting].node, None))
        waiting = next(withdrawn, None)
    return tuple(blocs)


def _compare_pair(old: _Item, new: _Item) -> Bloc:
    if old.key == new.key:
        return Bloc(Op.EGAL, old.node, new.node)
    kind = new.clean["type"]
    before, after = old.clean.get("content") or (), new.clean.get("content") or ()
    if kind in _TEXT_BLOCKS:
        segments = compare_inline(before, after)
        words = any(segment.op in {Op.AJOUT, Op.RETRAIT} for segment in segments)
        return Bloc(Op.MODIFIE if words else Op.FORME, old.node, new.node, segments)
    if kind == "table":
        enfants = compare_tables(old.node, new.node)
    elif kind in _ATOM_BLOCKS:
        return Bloc(Op.MODIFIE, old.node, new.node)
    else:
        enfants = compare_blocks(old.node.get("content") or (), new.node.get("content") or ())
    quiet = {Op.EGAL, Op.FORME}
    same_words = all(enfant.op in quiet and not enfant.deplace for enfant in enfants)
    return Bloc(Op.FORME if same_words else Op.MODIFIE, old.node, new.node, enfants=enfants)


# -- tables ----------------------------------------------------------------------------------------


def compare_tables(avant: Json, apres: Json) -> tuple[Bloc, ...]:
    """Compare two tables cell by cell: one Bloc per row, whose children are cells.

    Columns are matched by their head, then by their content; rows by identity, then by their first
    cell and likeness. Where cells are merged, cells are matched by place in their row.
    """
    old, new = avant.get("content") or [], apres.get("content") or []
    columns = _match_columns(old, new)
    rows_old = [_row_item(row, [i for i, _n in columns if i is not None]) for row in old]
    rows_new = [_row_item(row, [n for _i, n in columns if n is not None]) for row in new]
    common = [(i, n) for i, n in columns if i is not None and n is not None]
    for items, side, source in ((rows_old, 0, old), (rows_new, 1, new)):
        for r, row in enumerate(source):
            cells = row.get("content") or []
            picked = [cells[pair[side]] for pair in common if pair[side] < len(cells)]
            items[r].key = canonical_json([canonical_node(cell) for cell in picked])
    pairs = _match(rows_old, rows_new, lambda _a, _b: True)
    pairs = _match_left_rows(rows_old, rows_new, pairs)
    kept_order = [n for n in range(len(new)) if n in pairs]
    kept = stayed([pairs[n] for n in kept_order])
    unmoved = {n for index, n in enumerate(kept_order) if index in kept}
    heads = _heads(new)
    rows: list[Bloc] = []
    withdrawn = iter([i for i in range(len(old)) if i not in set(pairs.values())])
    waiting = next(withdrawn, None)
    for n, row in enumerate(new):
        if n in unmoved:
            while waiting is not None and waiting < pairs[n]:
                rows.append(_whole_row(Op.RETRAIT, old[waiting]))
                waiting = next(withdrawn, None)
        if n not in pairs:
            rows.append(_whole_row(Op.AJOUT, row))
            continue
        bloc = _compare_rows(old[pairs[n]], row, columns, heads)
        rows.append(bloc if n in unmoved else replace(bloc, deplace=True))
    while waiting is not None:
        rows.append(_whole_row(Op.RETRAIT, old[waiting]))
        waiting = next(withdrawn, None)
    return tuple(rows)


def _row_item(row: Json, columns: Sequence[int]) -> _Item:
    cells = row.get("content") or []
    text = "\t".join(_text_of(cells[c]) for c in columns if c < len(cells))
    return _Item(row, row, "", None, text)


def _match_left_rows(
    old: Sequence[_Item], new: Sequence[_Item], pairs: dict[int, int]
) -> dict[int, int]:
    """Match rows that kept their first cell, when likeness was not enough: a figure replaced alone."""
    taken = set(pairs.values())
    firsts: dict[str, list[int]] = {}
    for i, item in enumerate(old):
        if i not in taken and (first := item.text.split("\t", 1)[0].strip()):
            firsts.setdefault(first, []).append(i)
    for n, item in enumerate(new):
        if n in pairs:
            continue
        if candidates := firsts.get(item.text.split("\t", 1)[0].strip()):
            pairs[n] = candidates.pop(0)
    return pairs


def _whole_row(op: Op, row: Json) -> Bloc:
    cells = row.get("content") or []
    if op is Op.AJOUT:
        return Bloc(op, None, row, enfants=tuple(Bloc(op, None, cell) for cell in cells))
    return Bloc(op, row, None, enfants=tuple(Bloc(op, cell, None) for cell in cells))


def _is_regular(rows: Sequence[Json]) -> bool:
    widths = set()
    for row in rows:
        cells = row.get("content") or []
        widths.add(len(cells))
        for cell in cells:
            attrs = cell.get("attrs") or {}
            if (attrs.get("colspan") or 1) != 1 or (attrs.get("rowspan") or 1) != 1:
                return False
    return len(widths) == 1


def _match_columns(old: Sequence[Json], new: Sequence[Json]) -> list[tuple[int | None, int | None]]:
    """Pairs (old column, new column) in the order after, withdrawn columns at their old place."""
    if not old or not new or not _is_regular(old) or not _is_regular(new):
        width = max((len(row.get("content") or []) for row in (*old, *new)), default=0)
        return [(c, c) for c in range(width)]
    before = [_column(old, c) for c in range(len(old[0]["content"]))]
    after = [_column(new, c) for c in range(len(new[0]["content"]))]
    if len(before) == len(after):
        same = sum(a[0] == b[0] for a, b in zip(before, after, strict=True))
        if same * 2 >= len(before):
            return [(c, c) for c in range(len(before))]
    pairs: list[tuple[int | None, int | None]] = []
    for tag, i1, i2, n1, n2 in opcodes([c[0] for c in before], [c[0] for c in after]):
        if tag == "equal":
            pairs.extend(zip(range(i1, i2), range(n1, n2), strict=True))
            continue
        free = list(range(i1, i2))
        for n in range(n1, n2):
            likely = [i for i in free if fuzz.ratio(before[i][1], after[n][1]) >= SIMILAR]
            if likely:
                pairs.extend((i, None) for i in free if i < likely[0])
                free = [i for i in free if i > likely[0]]
                pairs.append((likely[0], n))
            else:
                pairs.append((None, n))
        pairs.extend((i, None) for i in free)
    return pairs


def _column(rows: Sequence[Json], column: int) -> tuple[str, str]:
    texts = [_text_of(row["content"][column]) for row in rows]
    return texts[0], "\n".join(texts[1:])


def _heads(rows: Sequence[Json]) -> list[str]:
    if not rows:
        return []
    cells = rows[0].get("content") or []
    if not cells or any(cell["type"] != "table_header" for cell in cells):
        return []
    return [_text_of(cell).strip() for cell in cells]


def _compare_rows(
    old: Json, new: Json, columns: Sequence[tuple[int | None, int | None]], heads: Sequence[str]
) -> Bloc:
    before, after = old.get("content") or [], new.get("content") or []
    name = _text_of(after[0]).strip() if after else ""
    cells: list[Bloc] = []
    for i, n in columns:
        was = before[i] if i is not None and i < len(before) else None
        now = after[n] if n is not None and n < len(after) else None
        if was is None and now is None:
            continue
        if was is None:
            bloc = Bloc(Op.AJOUT, None, now)
        elif now is None:
            bloc = Bloc(Op.RETRAIT, was, None)
        else:
            bloc = _compare_cells(was, now)
        if bloc.op is not Op.EGAL:
            head = heads[n] if n is not None and n < len(heads) else ""
            lieu = ", ".join(
                part
                for part in (f"ligne {name}" if name else "", f"colonne {head}" if head else "")
                if part
            )
            bloc = replace(bloc, lieu=lieu)
        cells.append(bloc)
    ops = {cell.op for cell in cells}
    op = Op.EGAL if ops <= {Op.EGAL} else Op.FORME if ops <= {Op.EGAL, Op.FORME} else Op.MODIFIE
    return Bloc(op, old, new, enfants=tuple(cells))


def _compare_cells(old: Json, new: Json) -> Bloc:
    if canonical_node(old) == canonical_node(new):
        return Bloc(Op.EGAL, old, new)
    enfants = compare_blocks(old.get("content") or (), new.get("content") or ())
    quiet = {Op.EGAL, Op.FORME}
    same_words = all(enfant.op in quiet and not enfant.deplace for enfant in enfants)
    return Bloc(Op.FORME if same_words else Op.MODIFIE, old, new, enfants=enfants)


# -- counting --------------------------------------------------------------------------------------


def words_of(blocs: Sequence[Bloc]) -> Mots:
    """Count the words of a comparison of blocks; a moved block counts only the words changed in it."""
    total = Mots()
    for bloc in blocs:
        if bloc.op is Op.AJOUT:
            total += Mots(ajoutes=count_words(_text_of(bloc.apres)))
        elif bloc.op is Op.RETRAIT:
            total += Mots(retires=count_words(_text_of(bloc.avant)))
        elif bloc.segments:
            total += words_of_segments(bloc.segments)
        elif bloc.enfants:
            total += words_of(bloc.enfants)
    return total


def words_of_segments(segments: Sequence[Segment]) -> Mots:
    """Count the words of a comparison of words; a withdrawal followed by an addition is a replacement."""
    added = withdrawn = replaced = 0
    previous = 0
    for segment in segments:
        count = count_words(segment.text) if segment.op in {Op.AJOUT, Op.RETRAIT} else 0
        if segment.op is Op.RETRAIT:
            withdrawn += count
            previous = count
            continue
        if segment.op is Op.AJOUT:
            both = min(previous, count)
            replaced += both
            withdrawn -= both
            added += count - both
        previous = 0
    return Mots(added, withdrawn, replaced)


def changed_cells(blocs: Sequence[Bloc]) -> int:
    """Count the cells that changed, were added or withdrawn, in every table."""
    total = 0
    for bloc in blocs:
        if bloc.op is Op.EGAL or not bloc.enfants:
            continue
        if bloc.noeud["type"] == "table":
            total += sum(cell.op is not Op.EGAL for row in bloc.enfants for cell in row.enfants)
        else:
            total += changed_cells(bloc.enfants)
    return total


def describe(change: Changement) -> str:
    """Say a change in a few French words, for lists and announcements."""
    if Genre.AJOUT in change.genres:
        return "Article rétabli" if change.avant is not None else "Article ajouté"
    if Genre.RETRAIT in change.genres:
        return "Article retiré"
    parts = []
    if Genre.DEPLACEMENT in change.genres:
        parts.append("Déplacé")
    if change.cellules:
        parts.append(f"{change.cellules} cellule{'s' if change.cellules > 1 else ''}")
    total = change.mots.total
    if Genre.TEXTE in change.genres and total:
        parts.append(f"{total} mot{'s' if total > 1 else ''}")
    if change.forme_seule:
        parts.append("mise en forme")
    sentence = ", ".join(parts) if len(parts) != 2 else ", et ".join(parts)
    return sentence[:1].upper() + sentence[1:]


_EXCERPT: Final = 40


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    short = words if len(words) <= _EXCERPT else words[: _EXCERPT - 1].rstrip() + "…"
    return f"«\u202f{short}\u202f»"


def _edits(blocs: Sequence[Bloc]) -> Iterator[tuple[str, str]]:
    """Yield (text before, text after) of each place edited, '' where there is nothing."""
    for bloc in blocs:
        if bloc.op is Op.AJOUT:
            yield "", _text_of(bloc.apres)
        elif bloc.op is Op.RETRAIT:
            yield _text_of(bloc.avant), ""
        elif bloc.segments:
            yield from _edits_of(bloc.segments)
        else:
            yield from _edits(bloc.enfants)


def _edits_of(segments: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    before = ""
    for segment in segments:
        if segment.op is Op.RETRAIT:
            before = segment.text
        elif segment.op is Op.AJOUT:
            yield before, segment.text
            before = ""
        elif before:
            yield before, ""
            before = ""
    if before:
        yield before, ""


def tell_edit(change: Changement, *, limit: int = 2) -> str:
    """Say what was done as a phrase whose subject is the author: « remplace « année » par « trimestre » ».

    At most limit edits are told, then how many more there are. '' when nothing changed.
    """
    if Genre.AJOUT in change.genres:
        return "rétablit l’article" if change.avant is not None else "écrit l’article"
    if Genre.RETRAIT in change.genres:
        return "retire l’article"
    told = ["déplace l’article"] if Genre.DEPLACEMENT in change.genres else []
    edits = [*_edits_of(change.titre), *_edits(change.blocs)]
    edits = [(before, after) for before, after in edits if before.strip() or after.strip()]
    for before, after in edits[:limit]:
        if before.strip() and after.strip():
            told.append(f"remplace {_excerpt(before)} par {_excerpt(after)}")
        elif after.strip():
            told.append(f"ajoute {_excerpt(after)}")
        else:
            told.append(f"retire {_excerpt(before)}")
    if change.forme_seule:
        told.append("change la mise en forme")
    sentence = ", ".join(told[:-1]) + (" et " if len(told) > 1 else "") + "".join(told[-1:])
    more = len(edits) - limit
    if more > 0:
        sentence += (
            f", et {more} autre{'s' if more > 1 else ''} modification{'s' if more > 1 else ''}"
        )
    return sentence


# -- articles --------------------------------------------------------------------------------------


def compare_articles(
    avant: ArticleState, apres: ArticleState
) -> tuple[tuple[Segment, ...], tuple[Bloc, ...]]:
    """Compare the titles and the blocks of two states of one article."""
    titre = compare_inline(_title(avant.titre), _title(apres.titre))
    return titre, compare_blocks(avant.corps.get("content") or (), apres.corps.get("content") or ())


def _title(titre: str) -> list[Json]:
    return [{"type": "text", "text": titre}] if titre else []


def _whole(op: Op, state: ArticleState) -> tuple[tuple[Segment, ...], tuple[Bloc, ...]]:
    titre = tuple(Segment(op, (node,)) for node in _title(state.titre))
    nodes = state.corps.get("content") or ()
    if op is Op.AJOUT:
        return titre, tuple(Bloc(op, None, node) for node in nodes)
    return titre, tuple(Bloc(op, node, None) for node in nodes)


def _has_text_change(blocs: Sequence[Bloc]) -> bool:
    return any(
        (bloc.op is not Op.EGAL or bloc.deplace) and bloc.noeud["type"] != "table" for bloc in blocs
    )


def _only_form(titre: Sequence[Segment], blocs: Sequence[Bloc]) -> bool:
    return all(s.op is Op.EGAL for s in titre) and all(
        bloc.op in {Op.EGAL, Op.FORME} and not bloc.deplace for bloc in blocs
    )


def _edited(change: Changement) -> Changement:
    """Fill a change with the words, cells and kinds of its edits."""
    if change.avant is None or change.apres is None:
        return change
    avant, apres = change.avant, change.apres
    if avant.titre == apres.titre and avant.corps == apres.corps:
        titre = tuple(Segment(Op.EGAL, (node,)) for node in _title(apres.titre))
        nodes = apres.corps.get("content") or ()
        return replace(change, titre=titre, blocs=tuple(Bloc(Op.EGAL, n, n) for n in nodes))
    titre, blocs = compare_articles(avant, apres)
    genres = list(change.genres)
    cellules = changed_cells(blocs)
    tables = any(b.op is not Op.EGAL and b.noeud["type"] == "table" for b in blocs)
    if tables:
        genres.append(Genre.TABLEAU)
    renamed = any(s.op is not Op.EGAL for s in titre)
    if renamed or _has_text_change(blocs):
        genres.append(Genre.TEXTE)
    edited = renamed or tables or _has_text_change(blocs)
    return replace(
        change,
        genres=tuple(genres),
        titre=titre,
        blocs=blocs,
        mots=words_of(blocs) + words_of_segments(titre),
        cellules=cellules,
        forme_seule=edited and _only_form(titre, blocs),
    )


def compare(old: PieceState, new: PieceState, *, by_likeness: bool = False) -> Comparison:
    """Compare two states of a pièce, or of one article.

    Articles are matched by identifier: a moved or renumbered one keeps its edits inside. Among the
    children of one parent, those of a longest run in the same order stayed and the others moved;
    a change of parent is a move. An article is present when it and all that holds it are active.
    by_likeness: match what identifiers do not (a document imported again) by content, then by
    likeness of title and text; the result speaks of the old identifiers.
    """
    if by_likeness:
        new = _adopt(old, new)
    before = {article.id: article for article in old.articles}
    after = {article.id: article for article in new.articles}
    outline_old = outline(_places(old))
    outline_new = outline(_places(new))
    here_old = {row.id: row for row in outline_old if row.present}
    here_new = {row.id: row for row in outline_new if row.present}
    moved = _moved(
        before,
        after,
        [r.id for r in outline_old if r.id in here_old and r.id in here_new],
        [r.id for r in outline_new if r.id in here_old and r.id in here_new],
    )
    changes: dict[UUID, Changement] = {}
    for row in outline_new:
        if row.id in here_new:
            was = here_old.get(row.id)
            change = Changement(
                row.id,
                before.get(row.id),
                after[row.id],
                was.numero if was else "",
                row.numero,
                row.level,
            )
            if was is None:
                titre, blocs = _whole(Op.AJOUT, after[row.id])
                change = replace(
                    change,
                    genres=(Genre.AJOUT,),
                    titre=titre,
                    blocs=blocs,
                    mots=words_of(blocs) + words_of_segments(titre),
                )
            else:
                genres = (Genre.DEPLACEMENT,) if row.id in moved else ()
                change = _edited(replace(change, genres=genres))
            changes[row.id] = change
    for row in outline_old:
        if row.id in here_old and row.id not in here_new:
            titre, blocs = _whole(Op.RETRAIT, before[row.id])
            changes[row.id] = Changement(
                row.id,
                before[row.id],
                after.get(row.id),
                row.numero,
                "",
                row.level,
                (Genre.RETRAIT,),
                titre,
                blocs,
                words_of(blocs) + words_of_segments(titre),
            )
    order_old = [row.id for row in outline_old if row.id in here_old]
    order_new = [row.id for row in outline_new if row.id in here_new]
    return Comparison(
        changes, _reading(order_old, order_new, moved), _renumbered(changes, order_new)
    )


def _places(piece: PieceState) -> list[Place]:
    return [Place(a.id, a.parent, a.rang, a.statut == "actif", a.numerote) for a in piece.articles]


def _moved(
    before: dict[UUID, ArticleState],
    after: dict[UUID, ArticleState],
    order_old: Sequence[UUID],
    order_new: Sequence[UUID],
) -> set[UUID]:
    moved = {article for article in order_new if before[article].parent != after[article].parent}
    places = {article: place for place, article in enumerate(order_old)}
    siblings: dict[UUID | None, list[UUID]] = {}
    for article in order_new:
        if article not in moved:
            siblings.setdefault(after[article].parent, []).append(article)
    for group in siblings.values():
        kept = stayed([places[article] for article in group])
        moved.update(article for index, article in enumerate(group) if index not in kept)
    return moved


def _reading(
    order_old: Sequence[UUID], order_new: Sequence[UUID], moved: set[UUID]
) -> tuple[Ligne, ...]:
    """Put withdrawn articles, and the places moved ones left, after what they followed."""
    present = set(order_new)
    after: dict[UUID | None, list[Ligne]] = {}
    anchor: UUID | None = None
    for article in order_old:
        if article not in present:
            after.setdefault(anchor, []).append(Ligne(article))
        elif article in moved:
            after.setdefault(anchor, []).append(Ligne(article, parti=True))
        else:
            anchor = article
    lines = list(after.get(None, ()))
    for article in order_new:
        lines.append(Ligne(article))
        if article not in moved:
            lines.extend(after.get(article, ()))
    return tuple(lines)


def _renumbered(
    changes: dict[UUID, Changement], order: Sequence[UUID]
) -> tuple[Renumerotation, ...]:
    return tuple(
        Renumerotation(
            article,
            changes[article].titre_courant,
            changes[article].numero_avant,
            changes[article].numero_apres,
            not changes[article].genres,
        )
        for article in order
        if changes[article].numero_avant
        and changes[article].numero_avant != changes[article].numero_apres
    )


LIKE: Final = 70.0
"""Likeness, out of 100, from which an article without common identifier is an old one edited."""


def _adopt(old: PieceState, new: PieceState) -> PieceState:
    """Give articles of new the identifiers of the old articles they look like."""
    known = {article.id for article in old.articles}
    kept = {article.id for article in new.articles if article.id in known}
    free_old = [a for a in old.articles if a.id not in kept and a.statut == "actif"]
    free_new = [a for a in new.articles if a.id not in kept]
    names: dict[UUID, UUID] = {}
    by_content: dict[str, list[ArticleState]] = {}
    for article in free_old:
        by_content.setdefault(_content_key(article), []).append(article)
    for article in free_new:
        if candidates := by_content.get(_content_key(article)):
            names[article.id] = candidates.pop(0).id
    taken = set(names.values())
    texts_old = {a.id: f"{a.titre}\n{plain_text(a.corps)}" for a in free_old if a.id not in taken}
    texts_new = {a.id: f"{a.titre}\n{plain_text(a.corps)}" for a in free_new if a.id not in names}
    scores = []
    for place, (n, text) in enumerate(texts_new.items()):
        for other, (i, was) in enumerate(texts_old.items()):
            score = fuzz.ratio(was, text, score_cutoff=LIKE)
            if score:
                scores.append((-score, abs(place - other), place, n, i))
    for _score, _distance, _place, n, i in sorted(scores, key=lambda s: s[:3]):
        if n not in names and i not in taken:
            names[n] = i
            taken.add(i)
    return PieceState(
        tuple(
            replace(
                article,
                id=names.get(article.id, article.id),
                parent=names.get(article.parent, article.parent) if article.parent else None,
            )
            for article in new.articles
        )
    )


def _content_key(article: ArticleState) -> str:
    return f"{article.titre}\n{canonical_json(canonical_node(article.corps))}"


def comparison_json(comparison: Comparison) -> list[dict[str, Json]]:
    """Write a comparison as a list for commands and tools: changes in reading order, then lone renumberings.

    Each row: kind (main), kinds, article (UUID), titre, numero_avant, numero_apres, words
    (ajoutes, retires, remplaces), cellules, forme_seule.
    """
    rows: list[dict[str, Json]] = [
        {
            "kind": str(change.genres[0]),
            "kinds": [str(genre) for genre in change.genres],
            "article": str(change.article),
            "titre": change.titre_courant,
            "numero_avant": change.numero_avant,
            "numero_apres": change.numero_apres,
            "words": {
                "ajoutes": change.mots.ajoutes,
                "retires": change.mots.retires,
                "remplaces": change.mots.remplaces,
            },
            "cellules": change.cellules,
            "forme_seule": change.forme_seule,
        }
        for change in comparison.changements
    ]
    rows += [
        {
            "kind": str(Genre.RENUMEROTATION),
            "kinds": [str(Genre.RENUMEROTATION)],
            "article": str(row.article),
            "titre": row.titre,
            "numero_avant": row.avant,
            "numero_apres": row.apres,
            "words": {"ajoutes": 0, "retires": 0, "remplaces": 0},
            "cellules": 0,
            "forme_seule": False,
        }
        for row in comparison.renumerotations
        if row.seule
    ]
    return rows
