"""Opening the page of a pièce: growing text, growing history, against a bare page."""

import time
from collections.abc import Iterator

from django.urls import reverse

from wikimarche.management.measures.queries import count_page
from wikimarche.management.measures.rows import Row, p50_ms, p95_ms, ratio
from wikimarche.management.measures.scenes import (
    Scene,
    add_piece,
    count_chars,
    lengthen_history,
    set_scene,
)
from wikimarche.management.measures.web import Client, Web, serving
from wikimarche.models import Piece


TEXTS = (50, 100, 200, 400)
HISTORIES = (10, 100, 1_000, 10_000)
COMMENTS = 5_000
GOAL_MS = 300


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Rows of growing text, then of growing history on the largest text, then the verdict."""
    texts, histories, rounds = ((10, 20), (10, 30), 5) if quick else (TEXTS, HISTORIES, 30)
    scene = set_scene()
    rows: list[Row] = []
    with serving() as web:
        client = web.client()
        client.sign_in(scene.editeur, scene.mot_de_passe)
        for articles in texts:
            comments = COMMENTS * articles // texts[-1]
            piece = add_piece(scene, articles=articles, chars=articles * 1000, comments=comments)
            row = _size_of(piece, articles, 1, comments)
            rows.append(row | _measure_page(scene, piece, client, web, rounds))
            yield {"bench": "open", **rows[-1]}
        for versions in histories:
            lengthen_history(piece, [scene.gestionnaire, scene.editeur], versions=versions)
            row = _size_of(piece, texts[-1], versions, comments)
            rows.append(row | _measure_page(scene, piece, client, web, rounds))
            yield {"bench": "open", **rows[-1]}
    last = rows[-1]
    yield {
        "bench": "open",
        "summary": True,
        "first_ms": max(row["first_ms"] for row in rows),
        "p95_ms": last["p95_ms"],
        "cpu_ms": last["cpu_ms"],
        "queries": last["queries"],
        "passed": {
            "under_300_ms": last["cpu_ms"] < GOAL_MS and last["p50_ms"] < GOAL_MS,
            "queries_constant": len({(row["queries"], row["panel_queries"]) for row in rows}) == 1,
        },
    }


def _size_of(piece: Piece, articles: int, versions: int, comments: int) -> Row:
    """What the page shows: its text, its history, its threads."""
    return {
        "chars": count_chars(piece),
        "articles": articles,
        "versions": versions,
        "comments": comments,
    }


def _measure_page(scene: Scene, piece: Piece, client: Client, web: Web, rounds: int) -> Row:
    """Time the page, its panel of comments and the bare page in turn; CPU of the server and of its database session.

    first_ms: the page by a server that has never written the articles changed since the last row.
    """
    page: list[float] = []
    bare: list[float] = []
    panel: list[float] = []
    path = piece.get_absolute_url()
    threads = reverse("wikimarche:fil_list", args=[piece.pk])
    started = time.perf_counter()
    client.ask("GET", path)
    first = time.perf_counter() - started
    for _ in range(2):
        client.ask("GET", path)
    cpu = panel_cpu = 0.0
    size = 0
    for _ in range(rounds):
        before, started = web.cpu(), time.perf_counter()
        status, content = client.ask("GET", path)
        page.append(time.perf_counter() - started)
        cpu += web.cpu() - before
        if status != 200:
            raise RuntimeError(f"The page of the pièce was refused: {status}")
        size = len(content)
        before, started = web.cpu(), time.perf_counter()
        client.ask("GET", threads)
        panel.append(time.perf_counter() - started)
        panel_cpu += web.cpu() - before
        started = time.perf_counter()
        client.ask("GET", "/mesure/nue/")
        bare.append(time.perf_counter() - started)
    return {
        "first_ms": p50_ms([first]),
        "p50_ms": p50_ms(page),
        "p95_ms": p95_ms(page),
        "cpu_ms": round(cpu / rounds * 1000, 1),
        "octets": size,
        "queries": count_page(scene, path),
        "panel_p50_ms": p50_ms(panel),
        "panel_cpu_ms": round(panel_cpu / rounds * 1000, 1),
        "panel_queries": count_page(scene, threads),
        "floor": "bare page",
        "floor_p50_ms": p50_ms(bare),
        "ratio": ratio(p50_ms(page), p50_ms(bare)),
    }
