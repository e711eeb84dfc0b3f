from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from study.cohorts.models import Role
from study.roster.actions import start_import
from study.roster.rules import Person
from tests.authorization import operators
from tests.conftest import OLGA

ROWS = {
    "import_people": operators(201, {"text": "이름,이메일\n김서당,kim@example.com\n"}),
    "get_people_import": operators(200),
    "list_people_import_rows": operators(200),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    person = Person(2, "박서당", "park@example.com", Role.MEMBER, "", "", "", "")
    started = start_import(
        cohort=club.cohort,
        people=[person],
        columns={"name": "이름", "email": "이메일"},
        creates_groups=False,
        by=OLGA,
        at=timezone.now(),
    )
    return {"cohort_id": club.cohort.id, "import_id": started.id}
