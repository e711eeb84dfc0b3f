from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.authorization import operators

ROWS = {"export_table": operators(200)}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    return {"cohort_id": club.cohort.id, "table": "people", "file_format": "csv"}
