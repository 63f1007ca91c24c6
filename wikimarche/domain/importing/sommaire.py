"""Table of contents of the source: taken out of the text, then used to check the cutting."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from wikimarche.domain.importing.blocks import Item
from wikimarche.domain.importing.headings import Printed, looks_like_title, read_number
from wikimarche.domain.importing.inlines import plain
from wikimarche.domain.importing.pieces import ImportReport, Json


_TITLE = re.compile(
    r"^(?:sommaire|table des mati[èe]res|table of contents|contents|index)\s*:?$", re.IGNORECASE
)
_PAGED = re.compile(r"(?:\.{3,}|…|_{3,}|\s|·{2,})\s*\d{1,3}\s*$")
_LEADER = re.compile(r"(?:\.{4,}|…{2,}|(?:\s\.){4,}|_{4,})\s*\d{0,3}\s*$")


# Only the end of a line tells a page number; and a hostile line may be very long.
_TAIL = 200
# Above this many pairs, likeness is not tried: an honest table has a few hundred lines.
_PAIRS = 60_000


@dataclass(frozen=True)
class Entree:
    """A line of the table of contents: printed number, title, level, anchor it points to."""

    texte: str
    titre: str
    numero: str
    niveau: int
    ancre: str
    printed: Printed | None


def normalise(text: str) -> str:
    """Return a title without case, accents, punctuation or spacing, to compare.

    >>> normalise("L’Exécution – du marché :")
    'l execution du marche'
    """
    text = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    text = "".join(c if c.isalnum() else " " for c in text if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


def take_sommaire(items: Sequence[Item]) -> tuple[list[Item], list[Entree]]:
    """Split the items into the text and the lines of its table of contents."""
    lines = set()
    for index, item in enumerate(items):
        if item.toc:
            lines.add(index)
    if not lines:
        lines = _guess(items)
    entries = [_entry(items[i]) for i in sorted(lines) if not _listed(items[i])]
    for index in sorted(lines):
        if _listed(items[index]):
            entries.extend(_list_entries(items[index].node, 1))
    kept = [item for index, item in enumerate(items) if index not in lines]
    if lines:
        kept = [item for item in kept if not _TITLE.match(item.text.strip())]
    return kept, [entry for entry in entries if entry.titre and not _TITLE.match(entry.titre)]


def _listed(item: Item) -> bool:
    return item.node["type"] in ("bullet_list", "ordered_list")


def _links_only(atoms: Sequence[Json]) -> bool:
    return any(a["type"] == "_renvoi" for a in atoms) and not "".join(
        a.get("text", "") for a in atoms if a["type"] == "text"
    ).strip(" .\t\u00a00123456789")


def _guess(items: Sequence[Item]) -> set[int]:
    """Find runs of lines that point to headings or end with a page number."""
    found: set[int] = set()
    after_title = False
    run: list[int] = []
    for index, item in enumerate([*items, None]):
        line = False
        if item is not None and item.is_paragraph:
            atoms = item.node["content"]
            line = _links_only(atoms) or bool(_LEADER.search(item.text[-_TAIL:]))
            line = line or (len(item.text) < 160 and bool(_PAGED.search(item.text)))
        elif item is not None and _listed(item):
            entries = item.node["content"]
            if len(entries) >= 3 and all(_links_only(e["content"][0]["content"]) for e in entries):
                found.add(index)
                continue
        if line:
            run.append(index)
            continue
        sure = sum(
            _links_only(items[i].node["content"]) or bool(_LEADER.search(items[i].text[-_TAIL:]))
            for i in run
        )
        if len(run) >= 3 and (after_title or sure >= 0.6 * len(run)):
            found.update(run)
        if item is not None and item.text:
            after_title = bool(_TITLE.match(item.text.strip()))
        run = []
    return found


def _entry(item: Item) -> Entree:
    atoms = item.node["content"]
    links = [a for a in atoms if a["type"] == "_renvoi"]
    return _read_entry(plain(atoms), max(1, item.toc), links[0]["cible"] if links else "")


def _read_entry(text: str, level: int, anchor: str) -> Entree:
    text = " ".join(text[:400].split())
    text = _LEADER.sub("", text).strip()
    text = re.sub(r"[\s.…_]*\b\d{1,3}\s*$", "", text) if _PAGED.search(text) else text
    text = text.strip(" .…_\u00a0")
    printed = read_number(text)
    if printed is None:
        return Entree(text, text, "", level, anchor, None)
    return Entree(text, printed.title or text, printed.raw, level, anchor, printed)


def _list_entries(node: Json, level: int) -> list[Entree]:
    entries = []
    for item in node["content"]:
        atoms = item["content"][0]["content"]
        links = [a for a in atoms if a["type"] == "_renvoi"]
        entries.append(_read_entry(plain(atoms), level, links[0]["cible"] if links else ""))
        for child in item["content"][1:]:
            if child["type"] in ("bullet_list", "ordered_list"):
                entries.extend(_list_entries(child, level + 1))
    return entries


def _title_of(item: Item) -> str:
    if item.title is not None:
        return item.title
    printed = read_number(item.text)
    return printed.title if printed and printed.title else item.text


def match_sommaire(items: list[Item], entries: Sequence[Entree], report: ImportReport) -> None:
    """Pair each line of the table with a heading; promote the paragraph it names when there is none.

    Changes items in place (level of promoted paragraphs) and fills `report.sommaire`.
    """
    if not entries:
        return
    taken: set[int] = set()
    missing: list[Entree] = []
    pairs: list[tuple[Entree, int]] = []
    titles = {i: normalise(_title_of(item)) for i, item in enumerate(items) if item.level}
    whole = {i: normalise(items[i].text) for i in titles}
    last = -1
    for entry in entries:
        wanted = (normalise(entry.titre), normalise(entry.texte))
        exact = [
            i for i in titles if i not in taken and (titles[i] in wanted or whole[i] in wanted)
        ]
        exact = [i for i in exact if i > last] or exact
        if not exact:
            missing.append(entry)
            continue
        taken.add(exact[0])
        last = exact[0]
        pairs.append((entry, exact[0]))
    missing, found = _match_rest(items, missing, pairs, titles, taken)
    promoted, absent = _promote(items, missing, pairs)
    report.sommaire = {
        "entrees": len(entries),
        "retrouvees": len(entries) - len(absent),
        "approchees": found,
        "promues": promoted,
        "introuvables": [entry.texte for entry in absent],
    }


def _match_rest(
    items: Sequence[Item],
    missing: Sequence[Entree],
    pairs: list[tuple[Entree, int]],
    titles: dict[int, str],
    taken: set[int],
) -> tuple[list[Entree], list[str]]:
    """Pair by anchor, then by likeness: a table of contents is often older than its text."""
    if len(missing) * len(titles) > _PAIRS:
        return list(missing), []
    rest, found = [], []
    for entry in missing:
        wanted = normalise(entry.titre)
        free = [i for i in titles if i not in taken]
        best, score = -1, 0.0
        for i in free:
            matcher = difflib.SequenceMatcher(None, wanted, titles[i][:300], autojunk=False)
            if matcher.real_quick_ratio() < 0.4 or matcher.quick_ratio() < 0.4:
                continue
            ratio = matcher.ratio()
            ratio += 0.15 if entry.ancre and entry.ancre in items[i].anchors else 0
            contained = wanted and (wanted in titles[i] or titles[i] in wanted)
            ratio += 0.15 if contained and len(titles[i]) > 4 else 0
            if ratio > score:
                best, score = i, ratio
        if best >= 0 and score >= 0.75:
            taken.add(best)
            pairs.append((entry, best))
            found.append(f"{entry.texte} → {items[best].text}"[:200])
        else:
            rest.append(entry)
    return rest, found


def _promote(
    items: list[Item], missing: Sequence[Entree], pairs: Sequence[tuple[Entree, int]]
) -> tuple[int, list[Entree]]:
    levels: dict[int, int] = {}
    for entry, index in pairs:
        levels.setdefault(entry.niveau, items[index].level)
    absent: list[Entree] = []
    count = 0
    if not missing:
        return 0, absent
    known = {normalise(i.text): n for n, i in reversed(list(enumerate(items))) if i.is_paragraph}
    for entry in missing:
        index = known.get(normalise(entry.texte), known.get(normalise(entry.titre), -1))
        if index < 0 or not looks_like_title(items[index].text, limit=200):
            absent.append(entry)
            continue
        item = items[index]
        item.level = levels.get(
            entry.niveau, entry.printed.depth if entry.printed else entry.niveau
        )
        item.node = {"type": "_heading", "content": item.node["content"]}
        count += 1
    return count, absent


def compare_numbers(entries: Sequence[Entree], numbers: Sequence[tuple[str, str]]) -> int:
    """Count the lines whose printed number is the computed one. numbers: (numero, titre)."""
    computed = {(numero, normalise(titre)) for numero, titre in numbers}
    return sum(
        (".".join(map(str, e.printed.number)), normalise(e.titre)) in computed
        for e in entries
        if e.printed is not None
    )
