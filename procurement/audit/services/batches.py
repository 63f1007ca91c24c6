"""Reading a long answer of the database without holding it whole."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.db import connection


BATCH = 2000


def read_batches(
    sql: str, params: Sequence[UUID] | Mapping[str, UUID | str | None], batch_size: int = BATCH
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the batches of a server-side cursor; Postgres reads the next while one is hashed."""
    with connection.chunked_cursor() as cursor, ThreadPoolExecutor(1) as reader:
        cursor.execute(sql, params)
        coming = reader.submit(cursor.fetchmany, batch_size)
        while batch := coming.result():
            coming = reader.submit(cursor.fetchmany, batch_size)
            yield batch
