"""Canonical JSON: one text for one value, so that a hash never depends on who prints it."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID


def canonical_json(value: object) -> str:
    """Print a value as JSON with sorted keys, no blank, accents kept.

    Dates become ISO 8601, decimals and uuids text, any other object its text. NUL and lone
    surrogates, which Postgres cannot store, become ␀ and ?.

    >>> canonical_json({"b": 1, "a": ["é", None, Decimal("1.50")]})
    '{"a":["é",null,"1.50"],"b":1}'
    """
    return json.dumps(clean(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _number(text: str) -> int | float:
    """Read a float; a whole one is an integer, since Postgres prints 1e22 with all its digits."""
    value = float(text)
    return int(value) if value.is_integer() else value


_read = json.JSONDecoder(parse_float=_number).decode
_print = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def json_digest(text: str) -> str:
    """Hash a JSON text by its value: SHA-256 of its canonical form, 64 hexadecimal signs.

    >>> json_digest('{"b": 1.0, "a": []}') == json_digest('{"a":[],"b":1}')
    True
    """
    return hashlib.sha256(_print(_read(text)).encode()).hexdigest()


def clean(value: object) -> Any:
    r"""Reduce a value to what JSON and Postgres can both hold.

    >>> clean({1: "a\x00b", "d": datetime.date(2026, 1, 2)})
    {'1': 'a␀b', 'd': '2026-01-02'}
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value.replace("\x00", "␀").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {clean(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((clean(item) for item in value), key=str)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    return clean(str(value))
