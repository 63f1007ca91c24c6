"""A document read by pandoc → a tree of articles: its title, its levels, its report."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wikimarche.domain.importing.accounting import count_held, count_invisible, fill_report
from wikimarche.domain.importing.assembly import TITLE_LIMIT, Assembly
from wikimarche.domain.importing.blocks import BlockReader, Item, gather_typed_bullets
from wikimarche.domain.importing.inlines import plain
from wikimarche.domain.importing.outline import find_headings, settle_titles
from wikimarche.domain.importing.package import Survey
from wikimarche.domain.importing.pieces import (
    ImportedPiece,
    ImportRefused,
    ImportReport,
    Json,
    plain_of,
)
from wikimarche.domain.importing.preparation import prepare, read_media
from wikimarche.domain.importing.renumbering import number_by_level, tell_moved
from wikimarche.domain.importing.sommaire import compare_numbers, match_sommaire, take_sommaire
from wikimarche.domain.importing.spaces import join_spaces


_PIECE_TITLE = re.compile(
    r"(?i)^\W*(?:cahier des (?:clauses|charges)|r[èe]glement (?:de|particulier)|acte d.engagement|"
    r"C\.?C\.?[AT]\.?[CP]|bordereau|d[ée]composition)"
)


def import_ast(
    ast: Json,
    *,
    source: str,
    media: Mapping[str, bytes] | None = None,
    survey: Survey | None = None,
) -> ImportedPiece:
    """Cut the document pandoc has read into a tree of articles.

    ast: pandoc's JSON, made with `--track-changes=all`.
    source: « docx », « odt » or « markdown ».
    media: bytes by name, as given by `read_media`; by default those of the AST's own « media »
        (base64); survey: from `prepare`.
    Raises ImportRefused when the document holds no text.
    """
    if media is None:
        media = {nom: base64.b64decode(data) for nom, data in ast.get("media", {}).items()}
    survey = survey or Survey()
    media = {**media, **survey.media}
    report = ImportReport()
    reader = BlockReader(report, source=source, descriptions=survey.descriptions)
    try:
        items = reader.read(ast["blocks"])
    except RecursionError as error:
        raise ImportRefused("Le document est trop imbriqué pour être importé.") from error
    count_invisible(ast["blocks"], report)
    items, entries = take_sommaire(items)
    items = gather_typed_bullets(items)
    items = find_headings(items, report)
    match_sommaire(items, entries, report)
    settle_titles(items, in_text=source == "markdown")
    titre, items = _own_title(ast, items, reader)
    if not items:
        raise ImportRefused("Le document ne contient aucun texte.")
    _fold_lead(items)
    _normalise_levels(items)
    assembly = Assembly(report, source, survey, media)
    articles = assembly.build(items)
    if not any(a.titre or plain_of(a.corps) for a in articles):
        raise ImportRefused("Le document ne contient aucun texte.")
    fill_report(report, articles, assembly, survey, survey.held or count_held(ast["blocks"]))
    report.numeros = tell_moved(articles)
    report.remarques[:0] = report.numeros
    if entries:
        numbers = number_by_level(articles)
        titles = [(numbers[a.id], a.titre) for a in articles if a.id in numbers]
        report.sommaire["numeros_identiques"] = compare_numbers(entries, titles)
    return ImportedPiece(
        titre,
        tuple(articles),
        tuple(assembly.images.values()),
        tuple(assembly.comments),
        tuple(assembly.suggestions),
        tuple(reader.inlines.notes),
        report,
    )


def import_document(
    content: bytes, *, source: str, convert: Callable[[bytes, str], Json]
) -> ImportedPiece:
    """Import a file, given the function that runs pandoc in its closed child.

    convert: (prepared package, source) → pandoc's AST. The caller has judged `content` before.
    Raises ImportRefused, and what `convert` raises.
    """
    prepared = prepare(content, source)
    ast = convert(prepared.content, source)
    if "media" in ast:
        return import_ast(ast, source=source, survey=prepared.survey)
    names = sorted(image_names(ast["blocks"]))
    media = {} if source == "markdown" else read_media(prepared.content, names)
    return import_ast(ast, source=source, media=media, survey=prepared.survey)


def image_names(value: Any) -> set[str]:
    """Return the names of the images in a pandoc AST."""
    if isinstance(value, list):
        return set().union(*map(image_names, value)) if value else set()
    if isinstance(value, dict):
        if value.get("t") == "Image":
            return {value["c"][2][0]}
        return image_names(value.get("c"))
    return set()


def _own_title(ast: Json, items: list[Item], reader: BlockReader) -> tuple[str, list[Item]]:
    """Find the title of the document; the words leave the text only when they are kept here."""
    meta = ast.get("meta", {})
    titre = _meta_text(meta.get("title"), reader)
    for key in meta:
        if key not in ("title", "lang"):
            reader.report.miss("metadonnee", f"{key}\u202f: {_meta_text(meta[key], reader)}")
    if own := next((item for item in items if item.role == "titre"), None):
        return own.text[:TITLE_LIMIT], [item for item in items if item is not own]
    heads = [item for item in items if item.level]
    if heads and not titre:
        first, rest = heads[0], heads[1:]
        alone = rest and all(item.level > first.level for item in rest)
        if (
            alone
            and not first.printed
            and (_PIECE_TITLE.search(first.text) or any(item.printed for item in rest))
        ):
            titre = first.title or first.text
            first.level = 0
            items = [item for item in items if item is not first]
    if not titre:
        lead = next((i for i in items[:6] if i.title_style or _PIECE_TITLE.search(i.text)), None)
        if lead is not None and not lead.level and len(lead.text) < 200:
            titre = join_spaces(lead.text)
    return titre[:TITLE_LIMIT], items


def _meta_text(value: Any, reader: BlockReader) -> str:
    if value is None:
        return ""
    kind, content = value["t"], value.get("c")
    if kind == "MetaInlines":
        return join_spaces(plain(reader.inlines.read(content)))
    if kind == "MetaString":
        return str(content)
    if kind == "MetaList":
        return ", ".join(_meta_text(child, reader) for child in content)
    return str(content) if kind == "MetaBool" else ""


def _fold_lead(items: Sequence[Item]) -> None:
    """In a numbered document, titles before the first number belong to the front matter."""
    heads = [item for item in items if item.level]
    first = next((rank for rank, item in enumerate(heads) if item.printed), 0)
    numbered = sum(bool(item.printed) for item in heads)
    if any(item.article for item in heads[:first]):
        return
    if not first or numbered < 0.8 * (len(heads) - first):
        return
    for item in heads[:first]:
        if item.level > heads[first].level:
            return
    for item in heads[:first]:
        item.level = 0
        item.node = {
            "type": "heading",
            "attrs": {"id": None, "level": 1},
            "content": item.node["content"],
        }


def _normalise_levels(items: Sequence[Item]) -> None:
    """First level is 1 and no level is skipped; what is too deep becomes a heading of its article."""
    levels = sorted({item.level for item in items if item.level})
    ranks = {level: rank for rank, level in enumerate(levels, start=1)}
    stack: list[int] = []
    for item in items:
        if not item.level:
            continue
        rank = ranks[item.level]
        while stack and stack[-1] >= rank:
            stack.pop()
        stack.append(rank)
        item.level = len(stack)
