"""Saving: from the browser's commit to « Enregistré », against a bare durable INSERT."""

import time
from collections.abc import Iterator
from uuid import uuid4

import psycopg2
from django.conf import settings

from wikimarche.management.measures.rows import (
    Row,
    counted_queries,
    p50_ms,
    p95_ms,
    ratio,
    settings_of_server,
)
from wikimarche.management.measures.scenes import (
    FIELDS,
    Scene,
    add_piece,
    count_chars,
    lengthen_history,
    set_scene,
    type_one_sign,
)
from wikimarche.management.measures.web import Client, database_url, serving
from wikimarche.models import Article, Piece
from wikimarche.services import commit_edit


SIZES = (10, 100, 1_000, 10_000)
ARTICLES, CHARS = 400, 400_000
GOAL = 5


class Floor:
    """The least a durable server can do: one row of the same bytes, in its own transaction."""

    def __init__(self) -> None:
        with psycopg2.connect(settings.DATABASE_OWNER_URL) as owner, owner.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS mesure_plancher (id bigserial PRIMARY KEY, corps text);"
                " GRANT INSERT ON mesure_plancher TO app_web;"
                " GRANT USAGE ON SEQUENCE mesure_plancher_id_seq TO app_web"
            )
        owner.close()
        self.line = psycopg2.connect(database_url())
        self.line.autocommit = True
        self.cursor = self.line.cursor()

    def insert(self, text: str) -> float:
        """Seconds of one INSERT, its commit included."""
        started = time.perf_counter()
        self.cursor.execute("INSERT INTO mesure_plancher (corps) VALUES (%s)", [text])
        return time.perf_counter() - started


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Rows of growing history, then the verdict."""
    sizes, rounds = ((10, 100), 20) if quick else (SIZES, 200)
    server = settings_of_server()
    durable = server["fsync"] == "on" and server["synchronous_commit"] == "on"
    scene, floor, rows = set_scene(), Floor(), []
    piece = add_piece(scene, articles=ARTICLES, chars=CHARS)
    with serving() as web:
        client = web.client()
        client.sign_in(scene.editeur, scene.mot_de_passe)
        for size in sizes:
            lengthen_history(piece, [scene.gestionnaire, scene.editeur], versions=size)
            row = _measure_size(scene, piece, client, floor, rounds)
            rows.append(row)
            yield {
                "bench": "save",
                "versions": size,
                "articles": ARTICLES,
                "chars": count_chars(piece),
                **row,
            }
    first, last = rows[0], rows[-1]
    flat = ratio(last["ratio"], first["ratio"])
    yield {
        "bench": "save",
        "summary": True,
        "server": server,
        "ratio": last["ratio"],
        "growth": flat,
        "passed": {
            "durable": durable,
            "p95_within_5_inserts": all(row["ratio"] <= GOAL for row in rows),
            "p95_within_5_inserts_same_path": all(row["http_ratio"] <= GOAL for row in rows),
            "service_p95_within_5_inserts": all(row["service_ratio"] <= GOAL for row in rows),
            "no_slower_with_history": flat <= 1.2,
        },
    }


def _measure_size(scene: Scene, piece: Piece, client: Client, floor: Floor, rounds: int) -> Row:
    """Saves over HTTP, saves in this process and bare INSERTs, one after the other."""
    web, service, bare, same_path, page, least_answer = [], [], [], [], [], []
    pks = list(Article.objects.filter(piece=piece).values_list("pk", flat=True)[:8])
    before: dict[object, object] = {}
    queries = 0
    # Stay clear of the write of the session's activity, once a minute, in the first requests.
    for turn in range(-10, rounds):
        pk = pks[turn % len(pks)]
        article = Article.objects.select_related("piece__marche__organisation").get(pk=pk)
        text = serialize(article)
        sign = "abcdefghij"[turn % 10]
        body = {
            "id": str(uuid4()),
            "prev": before.get(pk),
            "base": article.numero,
            "steps": type_one_sign(article, sign),
        }
        started = time.perf_counter()
        status, answer = client.ask("POST", f"/articles/{pk}/commits/", body)
        taken = time.perf_counter() - started
        if status != 200:
            raise RuntimeError(f"A save was refused: {status} {answer.decode()[:300]}")
        before[pk] = body["id"]
        inserted = floor.insert(text)
        started = time.perf_counter()
        status, _ = client.ask("POST", "/mesure/inserer/", {"corps": text})
        inserted_over_http = time.perf_counter() - started
        if status != 200:
            raise RuntimeError(f"The bare INSERT was refused: {status}")
        started = time.perf_counter()
        client.ask("GET", "/mesure/nue/")
        signed_in = time.perf_counter() - started
        started = time.perf_counter()
        client.ask("GET", "/mesure/vide/")
        empty = time.perf_counter() - started
        article = Article.objects.select_related("piece__marche__organisation").get(pk=pk)
        with counted_queries() as count:
            started = time.perf_counter()
            commit_edit(
                by=scene.gestionnaire,
                article=article,
                commit_id=uuid4(),
                precedent=None,
                base=article.numero,
                steps=type_one_sign(article, sign.upper()),
            )
            inside = time.perf_counter() - started
        queries = count[0]
        if turn >= 0:
            web.append(taken)
            bare.append(inserted)
            same_path.append(inserted_over_http)
            page.append(signed_in)
            least_answer.append(empty)
            service.append(inside)
    p95, least = p95_ms(web), p95_ms(bare)
    return {
        "p50_ms": p50_ms(web),
        "p95_ms": p95,
        "floor": "bare durable INSERT",
        "floor_p50_ms": p50_ms(bare),
        "floor_p95_ms": least,
        "ratio": ratio(p95, least),
        "ratio_p50": ratio(p50_ms(web), p50_ms(bare)),
        "http_floor": "bare durable INSERT through the same server and session",
        "http_floor_p50_ms": p50_ms(same_path),
        "http_floor_p95_ms": p95_ms(same_path),
        "http_ratio": ratio(p95, p95_ms(same_path)),
        "service_p50_ms": p50_ms(service),
        "service_p95_ms": p95_ms(service),
        "service_ratio": ratio(p95_ms(service), least),
        "bare_page_p50_ms": p50_ms(page),
        "bare_page_p95_ms": p95_ms(page),
        "empty_answer_p50_ms": p50_ms(least_answer),
        "empty_answer_p95_ms": p95_ms(least_answer),
        "service_queries": queries,
    }


def serialize(article: Article) -> str:
    """The bytes a version of this article holds."""
    from django.core import serializers  # noqa: PLC0415

    return str(serializers.serialize("json", [article], fields=FIELDS))
