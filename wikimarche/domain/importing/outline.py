"""Which lines are headings, and of which level: styles first, else the numbers in the text."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence

from wikimarche.domain.importing.atoms import all_marked, cut_atoms, strip_chars
from wikimarche.domain.importing.blocks import Item
from wikimarche.domain.importing.headings import (
    Printed,
    comes_next,
    is_roman,
    is_upper,
    looks_like_title,
    read_number,
)
from wikimarche.domain.importing.inlines import plain
from wikimarche.domain.importing.pieces import ImportReport
from wikimarche.domain.importing.spaces import join_spaces


_NAMED = ("partie", "livre", "titre", "chapitre", "section", "article")
_KEPT = ("annexe", "lot")
HEADING_LIMIT = 250
# In a form: a heading up to this long; past the second, a long aside is no part of the title.
FORM_LIMIT = 280
TITLE_WISHED = 140
ASIDE_LEAST = 60
_OWN_NUMBER = re.compile(r"(\d+(?:\.\d+)*)\.(?:\s+|$)")


def find_headings(items: list[Item], report: ImportReport) -> list[Item]:
    """Return the items with headings settled: `level` and `title` set, others level 0."""
    items = _clean_styled(items, report)
    _clean_labels(items, report)
    items = _split_first_lines(items)
    items = _split_asides(items)
    styled = [item for item in items if item.level]
    found = _from_text(items)
    if len(styled) >= 2 and len(found) < max(3, len(styled)):
        report.methode = "styles"
        _fill_gaps(items, found)
        _levels_from_numbers(items)
    elif found:
        report.methode = "styles et numérotation" if styled else "numérotation"
        _stack_levels(items, found)
    elif styled:
        report.methode = "styles"
    else:
        _from_look(items, report)
    return _join_titles(items)


def settle_titles(items: Sequence[Item], *, in_text: bool = False) -> None:
    """Strip the printed numbers of headings: numbers are computed from the tree.

    in_text: our own files of this format print the numbers in the text (Markdown does).
    """
    siblings: dict[int, tuple[int, ...]] = {}
    for item in items:
        if not item.level or item.title is not None:
            continue
        printed = read_number(item.text)
        item.title = join_spaces(item.text)
        if item.article:
            found = _OWN_NUMBER.match(item.title) if in_text and not item.unnumbered else None
            if found:
                item.printed, item.title = found[1], item.title[found.end() :]
            continue
        if printed is None or printed.kind in _KEPT:
            continue
        depth = item.level
        previous = siblings.get(depth)
        sure = printed.separated or printed.depth > 1 or printed.kind in _NAMED or printed.rank
        fits = printed.number == (1,) if previous is None else comes_next(previous, printed)
        if not sure and not fits:
            continue
        siblings[depth] = printed.number
        for deeper in [level for level in siblings if level > depth]:
            del siblings[deeper]
        item.printed = _printed_text(printed)
        if printed.title:
            text = plain(item.node["content"])
            at = _find_title(text, printed.title)
            strip_chars(item.node["content"], max(0, at))
            # As it is written, with the spaces that hold its signs.
            written = join_spaces(text[max(0, at) :])
            same = written.split() == printed.title.split()
            item.title = written if same else printed.title


def _find_title(text: str, title: str) -> int:
    """Return where the title starts in the raw text (spaces may differ)."""
    wanted = title.replace(" ", "")
    squeezed = [(i, c) for i, c in enumerate(text) if not c.isspace()]
    joined = "".join(c for _, c in squeezed)
    at = joined.rfind(wanted.replace("\u00a0", "").replace("\u202f", ""))
    return squeezed[at][0] if at >= 0 else 0


def _printed_text(printed: Printed) -> str:
    letter = len(printed.raw) == 1 and printed.raw.isalpha() and not is_roman(printed.raw.upper())
    if printed.kind == "decimal" or (printed.kind in _NAMED and not letter):
        number = ".".join(map(str, printed.number))
    else:
        number = printed.raw
    return f"{number} {printed.rank}".rstrip()


def _demote(item: Item) -> None:
    item.level = 0
    item.node = {"type": "paragraph", "attrs": {"id": None}, "content": item.node["content"]}


def _clean_styled(items: list[Item], report: ImportReport) -> list[Item]:
    """A heading style on a whole sentence is a layout, not a title."""
    for item in items:
        if item.node["type"] == "_heading" and not item.level:
            item.level = 1
        if item.level and item.node["type"] == "paragraph":
            item.node = {"type": "_heading", "content": item.node["content"]}
        if not item.level or item.article:
            continue
        words = len(item.text.split())
        sentence = item.text.endswith(";") or (
            item.text.endswith(".")
            and (words > 20 or not looks_like_title(item.text.rstrip("."), limit=HEADING_LIMIT))
        )
        bracket = item.text.startswith("(") and item.text.endswith(")") and words > 6
        if len(item.text) > HEADING_LIMIT or sentence or bracket:
            report.miss("style_de_titre_sur_un_paragraphe", item.text)
            _demote(item)
            item.bold = False
    return items


def _clean_labels(items: Sequence[Item], report: ImportReport) -> None:
    """« Adresse électronique : » in the style of a title, where titles are numbered: a field to fill."""
    lines = [i for i in items if i.level or (i.is_paragraph and i.bold and read_number(i.text))]
    labels = [i for i in lines if not i.article and not read_number(i.text)]
    if len(lines) - len(labels) < max(3, len(labels)):
        return
    for item in labels:
        if item.text.rstrip().endswith(":"):
            report.miss("libelle_en_style_de_titre", item.text)
            _demote(item)
            item.bold = False


def _split_first_lines(items: Sequence[Item]) -> list[Item]:
    """« ARTICLE 3 – OBJET⏎Le marché… » in one paragraph: a bold first line is a heading."""
    out: list[Item] = []
    for item in items:
        breaks = (
            [i for i, a in enumerate(item.node["content"]) if a["type"] == "hard_break"]
            if item.is_paragraph and not item.bold
            else []
        )
        if not breaks:
            out.append(item)
            continue
        head, tail = item.node["content"][: breaks[0]], item.node["content"][breaks[0] + 1 :]
        text = plain(head).strip()
        texts = [a for a in head if a["type"] == "text" and a["text"].strip()]
        bold = bool(texts) and all(
            any(m["type"] == "strong" for m in a.get("marks", ())) for a in texts
        )
        if bold and read_number(text) and looks_like_title(text) and plain(tail).strip():
            first = Item({**item.node, "content": head}, text, bold=True, anchors=item.anchors)
            out += [first, Item({**item.node, "content": tail}, plain(tail).strip())]
        else:
            out.append(item)
    return out


def _split_asides(items: Sequence[Item]) -> list[Item]:
    """« F2 – Documents de preuve (applicable également aux…) »: a long aside is the text of the article."""
    out: list[Item] = []
    for item in items:
        at = item.text.find(" (")
        aside = item.text[at:].strip(" .:\u00a0")
        if not (
            item.is_paragraph
            and _is_lettered(read_number(item.text))
            and len(item.text) > TITLE_WISHED
            and at > 0
            and aside.endswith(")")
            and len(aside) > ASIDE_LEAST
        ):
            out.append(item)
            continue
        content = item.node["content"]
        head, tail = cut_atoms(content, len(plain(content)) - len(plain(content).lstrip()) + at)
        first = Item({**item.node, "content": head}, plain(head).strip(), anchors=item.anchors)
        first.bold = all_marked(head, "strong")
        if not first.bold:
            out.append(item)
            continue
        out += [first, Item({**item.node, "content": tail}, plain(tail).strip())]
    return out


def _is_lettered(printed: Printed | None) -> bool:
    """Tell the number of a heading of a form, « F2 – »."""
    return (
        printed is not None
        and printed.kind == "lettre"
        and printed.depth > 1
        and printed.separated
        and bool(printed.title)
    )


# --- numbers in the text -----------------------------------------------------------------------


def _from_text(items: Sequence[Item]) -> dict[int, Printed]:
    """Return index → number of the lines that are headings by their number and their look."""
    candidates = {i: p for i, item in enumerate(items) if (p := _candidate(item)) is not None}
    candidates = _settle_roman(candidates)
    crowded = _crowded(items, candidates)
    accepted: dict[int, Printed] = {}
    last: dict[tuple[str, int], tuple[int, ...]] = {}
    path: tuple[int, ...] | None = None
    for index, printed in candidates.items():
        item = items[index]
        strong = item.bold or item.underlined or is_upper(printed.title or item.text)
        if index in crowded and not item.bold:
            continue
        family = printed.family
        decimal = printed.kind in ("decimal", "article")
        fits = comes_next(path if decimal else last.get(family), printed)
        named = printed.kind in _NAMED
        capital = printed.title[:1].isupper() or not printed.title
        if printed.kind == "minuscule" and not item.bold:
            continue
        if printed.kind in _KEPT and not strong:
            continue
        if named and not (printed.separated or strong or (fits and len(item.text) < 80)):
            continue
        if named and not capital and not printed.separated:
            continue
        if not looks_like_title(item.text, limit=200) and not fits:
            continue
        if not named and not strong:
            ended = item.text.rstrip().endswith((".", ":"))
            if not (fits and capital and not ended and (printed.separated or printed.depth > 1)):
                continue
        accepted[index] = printed
        last[family] = printed.number
        if decimal:
            path = printed.number
    return accepted


def _candidate(item: Item) -> Printed | None:
    if item.listed is not None and item.bold and looks_like_title(item.text, limit=120):
        style, start = item.listed
        return Printed(f"liste {style}", (start,), item.text, 1, True, "")
    if not item.is_paragraph or item.title_style:
        return None
    printed = read_number(item.text)
    if printed is None:
        return None
    # A form words its headings as sentences: the number and the bold say what they are.
    worded = item.bold and _is_lettered(printed) and len(item.text) <= FORM_LIMIT
    titled = looks_like_title(item.text, limit=200 if item.bold else 140)
    return printed if titled or worded else None


def _settle_roman(candidates: dict[int, Printed]) -> dict[int, Printed]:
    """« I - » after « H - » is a letter, not a Roman one."""
    letter = 0
    settled = {}
    for index, printed in candidates.items():
        if printed.kind == "romain" and printed.depth == 1 and len(printed.raw) == 1:
            rank = ord(printed.raw) - 64
            if rank == letter + 1 and letter:
                settled[index] = Printed("lettre", (rank,), printed.title, 1, True, printed.raw)
                letter = rank
                continue
        if printed.kind == "lettre" and printed.depth == 1:
            letter = printed.number[0]
        settled[index] = printed
    return settled


def _crowded(items: Sequence[Item], candidates: dict[int, Printed]) -> set[int]:
    """Return the lines of typed enumerations: same family, one after the other, no text between."""
    crowded: set[int] = set()
    for index, printed in candidates.items():
        after = candidates.get(index + 1)
        if after is not None and after.family == printed.family:
            step = after.number[:-1] == printed.number[:-1]
            if step and after.number[-1] == printed.number[-1] + 1:
                crowded |= {index, index + 1}
    # The last line of a document full of bare titles is still a title: keep capitals.
    return {i for i in crowded if not is_upper(items[i].text)}


def _apply(item: Item, level: int) -> None:
    item.level = level
    if item.listed is not None:
        content = item.node["content"][0]["content"][0]["content"]
        item.title = join_spaces(item.text)
    else:
        content = item.node["content"]
    item.node = {"type": "_heading", "content": content}


def _stack_levels(items: Sequence[Item], found: dict[int, Printed]) -> None:
    """Give levels by nesting: a family seen for the first time is below the current one."""
    stack: list[tuple[str, int]] = []
    known: dict[tuple[str, int], int] = {}
    for index, item in enumerate(items):
        if item.level:
            printed = read_number(item.text)
            family = printed.family if printed else ("style", item.level)
        elif index in found:
            printed = found[index]
            family = printed.family
        else:
            continue
        if family in stack:
            del stack[stack.index(family) + 1 :]
        else:
            stack = _place(stack, family, known)
            stack.append(family)
        known[family] = len(stack)
        _apply(item, len(stack))
        item.family = family


def _place(
    stack: list[tuple[str, int]], family: tuple[str, int], known: dict[tuple[str, int], int]
) -> list[tuple[str, int]]:
    """Return the part of the stack under which a family comes."""
    kind, depth = family
    if family in known:
        return stack[: known[family] - 1]
    if kind == "decimal" and depth > 1:
        parents = [("decimal", d) for d in range(depth - 1, 0, -1)] + [("article", 1)]
        for parent in parents:
            if parent in stack:
                return stack[: stack.index(parent) + 1]
    if kind in _KEPT:
        return []
    if kind in _NAMED:
        ranks = [i for i, (k, _) in enumerate(stack) if k in _NAMED]
        above = [i for i in ranks if _NAMED.index(stack[i][0]) < _NAMED.index(kind)]
        if ranks:
            return stack[: above[-1] + 1] if above else []
        if any(k == "style" for k, _ in stack):
            return stack[:1]
        return []
    if kind == "style":
        above = [i for i, (k, d) in enumerate(stack) if k == "style" and d < depth]
        return stack[: above[-1] + 1] if above else []
    return stack


def _fill_gaps(items: Sequence[Item], found: dict[int, Printed]) -> None:
    """Take the unstyled headings whose number continues the styled ones."""
    families: dict[tuple[str, int], int] = {}
    last: dict[tuple[str, int], tuple[int, ...]] = {}
    for index, item in enumerate(items):
        printed = read_number(item.text) if item.level else found.get(index)
        if printed is None:
            continue
        if item.level:
            families[printed.family] = item.level
            last[printed.family] = printed.number
        elif printed.family in families and comes_next(last[printed.family], printed):
            _apply(item, families[printed.family])
            last[printed.family] = printed.number


def _levels_from_numbers(items: Sequence[Item]) -> None:
    """When one style is used for every depth, the printed numbers give the levels."""
    by_depth: dict[int, set[int]] = defaultdict(set)
    for item in items:
        if item.level and (p := read_number(item.text)) and p.kind in ("decimal", "article"):
            by_depth[p.depth].add(item.level)
    depths = sorted(by_depth)
    if len(depths) < 2 or all(
        max(by_depth[a]) < min(by_depth[b]) for a, b in itertools.pairwise(depths)
    ):
        return
    base = min(min(levels) for levels in by_depth.values()) - depths[0]
    for item in items:
        if item.level and (p := read_number(item.text)) and p.kind in ("decimal", "article"):
            item.level = base + p.depth


# --- neither styles nor numbers ----------------------------------------------------------------


def _from_look(items: Sequence[Item], report: ImportReport) -> None:
    """Short lines in bold or capitals, alone, followed by text."""
    found = []
    for index, item in enumerate(items):
        following = items[index + 1] if index + 1 < len(items) else None
        if not item.is_paragraph or following is None or item.title_style:
            continue
        upper = is_upper(item.text)
        if not (item.bold or (upper and len(item.text.split()) > 1) or item.underlined):
            continue
        if not looks_like_title(item.text, limit=100) or (
            following.bold and following.is_paragraph
        ):
            continue
        found.append((item, 0 if upper else 1 if item.bold else 2))
    ranks = {rank: level for level, rank in enumerate(sorted({r for _, r in found}), start=1)}
    if len(found) >= 2:
        report.methode = "mise en forme"
        for item, rank in found:
            _apply(item, ranks[rank])
    else:
        report.methode = "aucun titre reconnu"


def _join_titles(items: Sequence[Item]) -> list[Item]:
    """« ARTICLE 3 » alone on its line takes the next line as its title."""
    out: list[Item] = []
    for item in items:
        previous = out[-1] if out else None
        if previous is not None and previous.level and not previous.article:
            printed = read_number(previous.text)
            alone = printed is not None and not printed.title and printed.kind not in _KEPT
            titled = item.is_paragraph and looks_like_title(item.text, limit=120)
            marked = item.bold or item.underlined or is_upper(item.text)
            if (
                alone
                and read_number(item.text) is None
                and ((titled and marked) or (item.level and item.level >= previous.level))
            ):
                gap = {"type": "text", "text": " – "}
                previous.node["content"] = [*previous.node["content"], gap, *item.node["content"]]
                previous.text = f"{previous.text} – {item.text}"
                previous.anchors += item.anchors
                continue
        out.append(item)
    return out
