"""The report of an import: what the file held, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from wikimarche.domain.importing.assembly import Assembly
from wikimarche.domain.importing.inlines import CONTROL
from wikimarche.domain.importing.package import MARK, PRIVATE, Survey
from wikimarche.domain.importing.pieces import (
    ImportedArticle,
    ImportedSuggestion,
    ImportReport,
    plain_words,
)
from wikimarche.domain.importing.symbols import UNKNOWN, draw_symbols


def count_invisible(blocks: Any, report: ImportReport) -> None:
    """Count the characters the reader takes out or cannot draw; the sample shows where they were."""
    waiting = [blocks]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            if value.get("t") in ("Str", "Code") or isinstance(value.get("c"), str):
                text = value["c"] if isinstance(value["c"], str) else value["c"][1]
                if found := len(CONTROL.findall(text)):
                    report.miss("caractere_invisible", CONTROL.sub("␦", text), count=found)
                drawn = draw_symbols(PRIVATE.sub("", MARK.sub("", text)))
                if found := drawn.count(UNKNOWN) - text.count(UNKNOWN):
                    report.miss("signe_de_police_de_symboles", drawn, count=found)
            else:
                waiting.append(value.get("c"))


def fill_report(
    report: ImportReport,
    articles: Sequence[ImportedArticle],
    assembly: Assembly,
    survey: Survey,
    held: Mapping[str, int],
) -> None:
    """Fill the report once the articles are made.

    held: tables, images, notes and comments of the file itself, before anything was cut.
    """
    report.articles = len(articles)
    levels = Counter(str(draft.niveau) for draft in assembly.drafts if not draft.suite)
    report.levels = dict(sorted(levels.items()))
    _count_held(report, assembly, held)
    report.mots = sum(len(a.titre.split()) + len(plain_words(a.corps)) for a in articles)
    for kind, count in survey.counts.items():
        report.miss(kind, survey.samples.get(kind, ""), count=count)
    _keep_odt_changes(assembly, survey, articles)
    if report.page_de_garde:
        report.remarques.append(
            f"Le texte placé avant le premier titre est dans l’article «\u202f{articles[0].titre}\u202f»."
        )
    if absent := report.sommaire.get("introuvables"):
        said = "un titre absent" if len(absent) == 1 else f"{len(absent)} titres absents"
        report.remarques.append(
            f"Le sommaire du fichier annonce {said} du texte\u202f: {name_some(absent)}."
        )
    if near := report.sommaire.get("approchees"):
        report.remarques.append(
            "Des titres du sommaire diffèrent un peu de ceux du texte, qui sont gardés\u202f: "
            f"{name_some(near)}."
        )
    for article in articles:
        if not article.titre:
            report.remarques.append("Un article n’a pas de titre.")
            break


def _count_held(report: ImportReport, assembly: Assembly, held: Mapping[str, int]) -> None:
    """Say how many the file holds, then what became of them."""
    report.lists = len(assembly.lists)
    report.tables = held["tables"]
    report.tableaux_coupes = sum(parts > 1 for parts in assembly.tables.values())
    report.tableaux_ouverts = max(0, held["tables"] - len(assembly.tables))
    nested = report.non_reconnu.get("tableau_imbrique", {}).get("nombre", 0)
    report.miss("tableau_ouvert", count=report.tableaux_ouverts - nested)
    report.miss("image_non_reprise", count=held["images"] - report.images)
    report.miss("note_non_reprise", count=held["footnotes"] - report.footnotes)
    report.images = max(0, held["images"] - assembly.absent)
    report.footnotes = held["footnotes"]
    report.comments = held.get("comments", report.comments)
    if cut := report.tableaux_coupes:
        said = "Un tableau est trop long" if cut == 1 else f"{cut} tableaux sont trop longs"
        report.remarques.append(
            f"{said} pour un article\u202f: coupé en plusieurs, rien n’y manque."
        )


def count_held(blocks: Any) -> dict[str, int]:
    """Count the tables, images and notes of a pandoc AST."""
    counts = {"Table": 0, "Image": 0, "Note": 0}
    waiting = [blocks]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            if value.get("t") in counts:
                counts[value["t"]] += 1
            waiting.append(value.get("c"))
    return {"tables": counts["Table"], "images": counts["Image"], "footnotes": counts["Note"]}


def name_some(titles: Sequence[str], most: int = 10) -> str:
    r"""Quote titles, and count those past the tenth.

    >>> name_some(["1 Objet", "2 Prix"])
    '«\u202f1 Objet\u202f», «\u202f2 Prix\u202f»'
    """
    named = ", ".join(f"«\u202f{' '.join(title.split())}\u202f»" for title in titles[:most])
    more = len(titles) - most
    return named if more <= 0 else f"{named} et {more} autre{'s' if more > 1 else ''}"


def _keep_odt_changes(
    assembly: Assembly, survey: Survey, articles: Sequence[ImportedArticle]
) -> None:
    """Keep, on the first article, the OpenDocument changes whose place was not found."""
    for rank, change in enumerate(survey.changes):
        if rank not in assembly.anchored:
            assembly.suggestions.append(
                ImportedSuggestion(
                    articles[0].id, "", change["nature"], change["texte"], change["auteur"],
                    change["date"], 0,
                )
            )  # fmt: skip
            assembly.report.tracked_changes += 1
