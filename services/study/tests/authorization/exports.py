from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.authorization import Row, operators

ROWS = {
    "export_table": operators(200),
    # Clara sees those of her own cohort.
    "list_alumni": Row((401, 200, 404, 404, 200, 404)),
}
# The others operate a cohort of their own.
FORMER_OPERATOR = {"list_alumni": 404}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    return {"cohort_id": club.cohort.id, "table": "people", "file_format": "csv"}
