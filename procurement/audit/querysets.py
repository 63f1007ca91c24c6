"""Statements of every request, read and planned by Postgres once per connection."""

import json
import re
from collections.abc import Sequence
from itertools import count
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import JSONField, Model


Row = TypeVar("Row", bound=Model)

_MARK = re.compile(r"%%|%s((?:::[a-z]+(?:\[\])?)?)")
"""A parameter and its cast, or a percent sign that stands for itself."""
_number = count(1)
_prepared: WeakKeyDictionary[Any, dict["Prepared", str]] = WeakKeyDictionary()
"""Per connection to the server, the names its statements have there: they end with it."""


class Prepared:
    """One statement with parameters (%s), prepared where it is first asked for.

    Its parameters take the types of what they are compared with, or of the cast that follows them.
    Sessions are ours from end to end: a pool that lends them by transaction would lose the names.
    """

    def __init__(self, sql: str) -> None:
        place = count(1)
        self.sql = _MARK.sub(
            lambda mark: "%%" if mark[0] == "%%" else f"${next(place)}{mark[1]}", sql
        )
        # The cast stands beside the value too: an array of NULL alone would be one of text.
        self.marks = ", ".join(mark[0] for mark in _MARK.finditer(sql) if mark[0] != "%%")

    def rows(self, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run it and read all its rows: one round trip, the first time too."""
        with connection.cursor() as cursor:
            names = _prepared.setdefault(cursor.connection, {})
            name = names.get(self)
            if name is None:
                # A name that nothing else has had: a first try that failed may have kept its own.
                name = f"wm_{next(_number)}"
                cursor.execute(
                    f"PREPARE {name} AS {self.sql}; EXECUTE {name}({self.marks})", params
                )
                names[self] = name
            else:
                cursor.execute(f"EXECUTE {name}({self.marks})", params)
            return list(cursor.fetchall())


def columns_of(model: type[Model], row: str) -> str:
    """Name every column of a table, for ``instance_of``. row: what the statement calls its row."""
    return ", ".join(f"{row}.{field.column}" for field in model._meta.concrete_fields)


def instance_of(model: type[Row], values: Sequence[Any]) -> Row:
    """Make the instance that these columns say, in the order of ``columns_of``."""
    fields = model._meta.concrete_fields
    read = [
        json.loads(value) if isinstance(field, JSONField) and value is not None else value
        for field, value in zip(fields, values, strict=True)
    ]
    return model.from_db(connection.alias, [field.attname for field in fields], read)
