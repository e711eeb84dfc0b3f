"""How many rows a database reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def rows_read(run: Callable[[], Result]) -> tuple[Result, int]:
    """Return what `run` returns, and how many rows and index entries MySQL read for it."""
    before = _handler_reads()
    result = run()
    return result, _handler_reads() - before


def _handler_reads() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%%'", [])
        return sum(int(value) for _name, value in cursor.fetchall())
