from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.authorization import Row

# Without a text to look for, which a body cannot give: tests/search has the rest.
ROWS = {"search_cohort": Row((401, 404, 400, 400, 400, 404))}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    return {"cohort_id": club.cohort.id}
