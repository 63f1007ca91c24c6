"""Verifying the history: up to 100 000 entries, against one SHA-256 over the same bytes."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256

from django.conf import settings
from django.db import connection, transaction

from wikimarche.management.measures.rows import Row, ratio
from wikimarche.management.measures.scenes import (
    add_piece,
    count_chars,
    lengthen_history,
    set_scene,
)


SIZES = (1_000, 10_000, 100_000)
ARTICLES = 40
GOAL_SECONDS = 5


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Rows of growing history, each verified by a process of its own, then the verdict."""
    sizes = (100, 300) if quick else SIZES
    scene = set_scene()
    piece = add_piece(scene, articles=ARTICLES, chars=ARTICLES * 1000)
    rows: list[Row] = []
    for size in sizes:
        lengthen_history(piece, [scene.gestionnaire, scene.editeur], versions=size)
        row = _verify()
        floor, size_read = _hash_same_bytes()
        row |= {
            "chars": count_chars(piece),
            "articles": ARTICLES,
            "versions": size,
            "octets": size_read,
            "floor": "SHA-256 of the same bytes, read the same way",
            "floor_seconds": round(floor, 3),
            "ratio": ratio(row["seconds"], floor),
        }
        rows.append(row)
        yield {"bench": "verify", **row}
    first, last = rows[0], rows[-1]
    yield {
        "bench": "verify",
        "summary": True,
        "seconds": last["seconds"],
        "ratio": last["ratio"],
        "passed": {
            "sound": all(row["ok"] for row in rows),
            "under_5_s": last["seconds"] < GOAL_SECONDS,
            "memory_flat": last["peak_rss_mb"] < 1.25 * first["peak_rss_mb"] + 10,
        },
    }


CHILD = """
import json, os, resource, time
import django
django.setup()
from procurement.audit.services import verify_evidence
started, cpu = time.perf_counter(), time.process_time()
report = verify_evidence()
print(json.dumps({
    "entries": report.entries, "ok": report.ok,
    "breaks": [str(each) for each in report.breaks[:3]],
    "seconds": round(time.perf_counter() - started, 3),
    "cpu_seconds": round(time.process_time() - cpu, 3),
    "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
}))
"""


def _verify() -> Row:
    """Verify in a fresh process, so that its peak of memory is its own."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", CHILD], cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE
    )
    row: Row = json.loads(done.stdout)
    return row


def _hash_same_bytes() -> tuple[float, int]:
    """Seconds to read every text the verification reads and hash it once, and the bytes read."""
    digest, size, started = sha256(), 0, time.perf_counter()
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT j.corps, v.serialized_data, j.empreinte FROM journal j"
            " LEFT JOIN reversion_version v ON v.id = j.version_id ORDER BY j.chaine, j.seq"
        )
        while batch := cursor.fetchmany(2000):
            for corps, data, link in batch:
                for piece in ((corps or "").encode(), (data or "").encode(), bytes(link)):
                    digest.update(piece)
                    size += len(piece)
    return time.perf_counter() - started, size
