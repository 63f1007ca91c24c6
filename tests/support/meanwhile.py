"""Something that happens in the middle of a request."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def after_query(rank: int, act: Callable[[], object]) -> Iterator[None]:
    """Act right after the query of this rank, from 1; fails when there are not so many."""
    left = rank

    def wrap(execute: Callable[..., Any], *said: Any) -> Any:
        nonlocal left
        answer = execute(*said)
        left -= 1
        if left == 0:
            act()
        return answer

    with connection.execute_wrapper(wrap):
        yield
    assert left <= 0, "there are not so many queries"


@contextmanager
def before_the_lock(act: Callable[[], object]) -> Iterator[None]:
    """Act while a request waits for its first lock: what it read before is of before."""
    done = False

    def wrap(execute: Callable[..., Any], sql: str, *said: Any) -> Any:
        nonlocal done
        if not done and re.search(r"\bFOR (NO KEY )?UPDATE\b", sql):
            done = True
            act()
        return execute(sql, *said)

    with connection.execute_wrapper(wrap):
        yield
    assert done, "nothing was locked"


def count_queries(act: Callable[[], object]) -> int:
    """How many queries an act makes."""
    count = 0

    def wrap(execute: Callable[..., Any], *said: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*said)

    with connection.execute_wrapper(wrap):
        act()
    return count
