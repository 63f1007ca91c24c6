"""Comparing two versions: from 25 000 to 400 000 characters, against difflib on the changed blocks.

With the Python of an environment where Wagtail is installed, against its comparison of the same texts.
"""

import difflib
import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wikimarche.domain.canonical import plain_text
from wikimarche.domain.comparison import ArticleState, PieceState, compare
from wikimarche.domain.numbering import Place, outline
from wikimarche.domain.redline import redline_corps, redline_titre
from wikimarche.domain.render import render_corps
from wikimarche.domain.specimen import generate_piece, revise_piece
from wikimarche.management.measures.queries import count_page
from wikimarche.management.measures.rows import Row, p50_ms, ratio
from wikimarche.management.measures.scenes import Scene, count_chars, set_scene, write_piece
from wikimarche.management.measures.web import Web, serving
from wikimarche.models import Article, Piece, Version
from wikimarche.permissions import Action
from wikimarche.selectors import compare_versions, find_version
from wikimarche.services.versions import writing


SIZES = (25_000, 50_000, 100_000, 200_000, 400_000)
GOAL_SECONDS = 1.0
GOAL_WAGTAIL = 25
LIMIT = 60
"""CPU seconds after which a comparison by Wagtail is stopped: its ratio is then a least."""
WORDS = re.compile(r"\w+|\s+|[^\w\s]")


def measure(*, quick: bool = False, wagtail: str = "") -> Iterator[Row]:
    """Rows of growing text: 3 % of the words and ten places changed, then the verdict.

    wagtail: the Python that runs Wagtail's own comparison; without it, it is not measured.
    """
    sizes, rounds = ((5_000, 10_000), 1) if quick else (SIZES, 5)
    scene = set_scene()
    rows: list[Row] = []
    with serving() as web:
        client = web.client()
        client.sign_in(scene.editeur, scene.mot_de_passe)
        for chars in sizes:
            old = generate_piece(chars=chars, article_chars=1000, seed=chars)
            new = revise_piece(old)
            piece = write_piece(scene, old)
            _rewrite(scene, piece, new)
            path = f"/pieces/{piece.pk}/comparer/?de=1&a=2"
            row = {
                "chars": count_chars(piece),
                "articles": len(old.articles),
                "versions": 2,
                **_measure_page(web, client, path, rounds),
                **_measure_domain(piece, old, new, rounds),
                "queries": count_page(scene, path),
            }
            row["ratio"] = ratio(row["domain_seconds"], row["floor_seconds"])
            if wagtail:
                row |= _measure_wagtail(wagtail, old, new, rounds)
            rows.append(row)
            yield {"bench": "compare", **row}
    last = rows[-1]
    yield {
        "bench": "compare",
        "summary": True,
        "seconds": last["seconds"],
        "ratio": last["ratio"],
        "passed": {
            "server_cpu_under_1_s": last["seconds"] < GOAL_SECONDS,
            "queries_constant": len({row["queries"] for row in rows}) == 1,
            **(_judge_wagtail(last) if wagtail else {}),
        },
    }


def _rewrite(scene: Scene, piece: Piece, new: PieceState) -> None:
    """Make the revised state version 2, in one act."""
    wanted = {article.id: article for article in new.articles}
    with writing(
        by=scene.gestionnaire,
        piece=piece,
        action=Action.PIECE_RESTORE,
        on=None,
        tag="wikimarche:piece:restored",
        structure=True,
    ) as version:
        for article in Article.objects.filter(piece=piece):
            state = wanted[article.pk]
            article.piece = piece
            article.parent_id, article.rang = state.parent, state.rang
            article.save(update_fields=["parent", "rang"])
            version.save_article(article, corps=state.corps)


def _measure_page(web: Web, client: Any, path: str, rounds: int) -> Row:
    """CPU seconds of the server and its database session for the page people see."""
    client.ask("GET", path)
    cpu, wall = [], []
    size = 0
    for _ in range(rounds):
        before, started = web.cpu(), time.perf_counter()
        status, content = client.ask("GET", path)
        wall.append(time.perf_counter() - started)
        cpu.append(web.cpu() - before)
        size = len(content)
        if status != 200:
            raise RuntimeError(f"The comparison was refused: {status}")
    return {
        "seconds": round(sum(cpu) / rounds, 3),
        "wall_p50_ms": p50_ms(wall),
        "octets": size,
    }


def _measure_domain(piece: Piece, old: PieceState, new: PieceState, rounds: int) -> Row:
    """CPU of the comparison alone, read from its versions, and of difflib on the same blocks."""
    de, a = find_version(piece, 1), find_version(piece, 2)
    if not isinstance(de, Version) or not isinstance(a, Version):
        raise RuntimeError("The generated pièce has no second version.")
    started = time.process_time()
    for _ in range(rounds):
        comparison = compare_versions(piece, de, a)
    domain = (time.process_time() - started) / rounds
    pairs = changed_texts(old, new)
    started = time.process_time()
    for _ in range(rounds):
        for before, after in pairs:
            difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    floor = (time.process_time() - started) / rounds
    return {
        "domain_seconds": round(domain, 3),
        "changes": len(comparison.changements),
        "floor": "difflib on the changed blocks",
        "floor_seconds": round(floor, 3),
    }


def changed_texts(old: PieceState, new: PieceState) -> list[tuple[list[str], list[str]]]:
    """The words of each block whose text differs, before and after."""
    after = {article.id: article for article in new.articles}
    pairs = []
    for article in old.articles:
        blocks = zip(article.corps["content"], after[article.id].corps["content"], strict=True)
        for left, right in blocks:
            if left != right:
                before, now = (plain_text({"content": [block]}) for block in (left, right))
                pairs.append((WORDS.findall(before), WORDS.findall(now)))
    return pairs


def _measure_wagtail(python: str, old: PieceState, new: PieceState, rounds: int) -> Row:
    """CPU of both comparisons, from texts in memory to HTML; the ratio is to Wagtail's faster way."""
    html = ""
    started = time.process_time()
    for _ in range(rounds):
        changes = compare(old, new).articles.values()
        html = "".join(redline_titre(change) + redline_corps(change) for change in changes)
    ours = (time.process_time() - started) / rounds
    blocs = [articles_html(state) for state in (old, new)]
    riche = ["".join(text for _, text in articles) for articles in blocs]
    done = subprocess.run(  # noqa: S603
        [python, "-I", str(Path(__file__).with_name("wagtail_child.py"))],
        input=json.dumps({"limite": LIMIT, "blocs": blocs, "riche": riche}).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    theirs = json.loads(done.stdout)
    row: Row = {"wagtail": theirs["version"], "written_seconds": round(ours, 3)}
    row["marques"] = share_marked(html)
    for way in ("blocs", "riche"):
        found = theirs[way]
        row[f"wagtail_{way}_seconds"] = found["secondes"]
        row[f"wagtail_{way}_marques"] = found["marques"]
        row[f"wagtail_{way}_ratio"] = ratio(found["secondes"], ours)
    fairer = min(("blocs", "riche"), key=lambda way: theirs[way]["secondes"])
    return row | {
        "wagtail_ratio": row[f"wagtail_{fairer}_ratio"],
        "borne": [way for way in ("blocs", "riche") if theirs[way]["borne"]],
    }


def _judge_wagtail(row: Row) -> dict[str, bool]:
    return {
        "25_times_faster_than_wagtail": row["wagtail_ratio"] >= GOAL_WAGTAIL,
        "25_times_faster_than_one_rich_text": row["wagtail_riche_ratio"] >= GOAL_WAGTAIL,
    }


def articles_html(state: PieceState) -> list[tuple[str, str]]:
    """Identifier and HTML of each article, in reading order: what a Wagtail site would have stored."""
    by_id: dict[Any, ArticleState] = {article.id: article for article in state.articles}
    places = (
        Place(each.id, each.parent, each.rang, each.statut == "actif", each.numerote)
        for each in state.articles
    )
    read = [by_id[place.id] for place in outline(places) if place.present]
    return [(str(each.id), f"<h2>{each.titre}</h2>{render_corps(each.corps)}") for each in read]


def share_marked(html: str) -> float:
    """Signs told as added or withdrawn, over all those shown."""
    shown = len(re.sub("<[^>]*>", "", html))
    marked = "".join(text for _, text in re.findall(r"<(ins|del)>(.*?)</\1>", html))
    return round(len(re.sub("<[^>]*>", "", marked)) / shown, 3)
