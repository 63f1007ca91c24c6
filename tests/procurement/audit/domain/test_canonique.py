"""One hash for one JSON value, whoever prints it."""

import json

import pytest
from django.db import connection

from procurement.audit.domain.canonique import json_digest


@pytest.mark.parametrize(
    "value", [1e22, 2.0, 1e-7, -0.0, 0.1, 1e16, [1.5, "é\n"], {"b": 1, "a": {}}]
)
def test_postgres_prints_the_same_value_otherwise_and_the_hash_is_one(db, value):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(value)])
        printed = cursor.fetchone()[0]
    assert json_digest(printed) == json_digest(json.dumps(value))


def test_another_value_has_another_hash():
    assert len({json_digest(text) for text in ("1", "1.5", '"1"', "[1]", "true", "null")}) == 6
