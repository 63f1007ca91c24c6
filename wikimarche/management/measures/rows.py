"""Clocks and figures shared by the measures."""

import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection


Row = dict[str, Any]
TICKS = os.sysconf("SC_CLK_TCK")


def p50_ms(seconds: Iterable[float]) -> float:
    """Median, in milliseconds."""
    return round(statistics.median(seconds) * 1000, 3)


def p95_ms(seconds: Iterable[float]) -> float:
    """The time that 95 of 100 stay under, in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[max(0, -(-len(ordered) * 95 // 100) - 1)] * 1000, 3)


def ratio(value: float, floor: float) -> float:
    """How many times the floor."""
    return round(value / floor, 2) if floor else 0.0


def clock(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cpu_of(pids: Iterable[int]) -> float:
    """CPU seconds that these processes have used since they started."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def backends() -> list[int]:
    """Processes of Postgres that serve this role on this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = current_user AND pid <> pg_backend_pid()"
        )
        return [row[0] for row in cursor.fetchall()]


def settings_of_server() -> Row:
    """What makes a commit durable, as the server says it."""
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(names)])
        return dict(cursor.fetchall())


@contextmanager
def counted_queries() -> Iterator[list[int]]:
    """Count the queries of a block into a list of one number."""
    count = [0]

    def count_one(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        count[0] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count_one):
        yield count


def machine() -> Row:
    """Load at this moment: figures taken on a busy machine say so themselves."""
    return {"coeurs": os.cpu_count(), "charge": round(os.getloadavg()[0], 1)}
