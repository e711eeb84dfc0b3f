from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chassis.testing import NOW
from study.copies.actions import start_copy
from tests.authorization import Row, operators
from tests.conftest import OLGA

COPY = {"title": "17기", "first_day": "2027-03-08"}
ROWS = {
    "list_cohort_copies": operators(200),
    # Olga must be allowed to create cohorts too: tests/copies/test_api.py.
    "start_cohort_copy": Row((401, 404, 404, 404, 403, 404), COPY),
    "preview_cohort_copy": Row((401, 404, 404, 404, 403, 404), COPY),
    "get_cohort_copy": operators(200),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    copy = start_copy(
        source=club.cohort,
        account_id=OLGA,
        allowed=True,
        title="17기",
        first_day=club.weeks[0].starts_on,
        repositories={},
        at=NOW,
    )
    return {"cohort_id": club.cohort.id, "copy_id": copy.id}
