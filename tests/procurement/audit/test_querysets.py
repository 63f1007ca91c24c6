"""Statements prepared once per connection: what they answer, and that they are not sent again."""

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from procurement.audit.querysets import Prepared


pytestmark = pytest.mark.django_db


def test_its_text_is_sent_once_per_connection():
    statement = Prepared("SELECT %s::integer + %s::integer")
    with CaptureQueriesContext(connection) as seen:
        assert statement.rows([1, 2]) == [(3,)]
        assert statement.rows([20, 22]) == [(42,)]
    first, second = (query["sql"] for query in seen.captured_queries)
    assert "PREPARE" in first
    assert second.startswith("EXECUTE")


def test_a_list_of_nothing_keeps_its_type():
    statement = Prepared("SELECT cardinality(%s::integer[]), %s::uuid")
    assert statement.rows([[None], None]) == [(1, None)]


def test_a_first_try_that_fails_does_not_close_the_way():
    statement = Prepared("SELECT 10 / %s::integer")

    with pytest.raises(DataError), transaction.atomic():
        statement.rows([0])
    assert statement.rows([5]) == [(2,)]
    assert statement.rows([2]) == [(5,)]


def test_what_a_value_holds_is_never_read_as_sql():
    statement = Prepared("SELECT %s::text, 'cent %%s'")
    said = "'); DROP TABLE journal; -- 100 %s $1"
    assert statement.rows([said]) == [(said, "cent %s")]
