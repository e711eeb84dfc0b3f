"""What tests share: the time, counting of queries, and parts of other systems on this machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 18:00 in Seoul
ISSUER = "http://testserver"


def assert_constant_queries(run: Callable[[], object], add_rows: Callable[[], object]) -> None:
    """Assert that `run` executes as many SQL statements after `add_rows` as before.

    There must be rows of each kind before: the first one may cost a statement.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        run()
    add_rows()
    with CaptureQueriesContext(connection) as many:
        run()
    assert len(many) == len(few), "\n".join(query["sql"] for query in many.captured_queries)
