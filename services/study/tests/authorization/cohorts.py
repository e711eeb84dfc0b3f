from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.authorization import Row, operators, seated

NAME = {"name": "새 이름"}
COHORT = {"title": "17기", "time_zone": "Asia/Seoul"}
ROWS = {
    "list_cohorts": Row((401, 200, 200, 200, 200, 200)),
    # Owners, and those whom they allow: a role of the installation, not of a cohort.
    "open_cohort": Row((401, 403, 403, 403, 403, 201), {**COHORT, "first_day": "2027-03-08", "weeks": 8}),
    "read_cohort": seated(200),
    "change_cohort": operators(200, COHORT),
    "close_cohort": operators(200),
    "reopen_cohort": operators(200),
    "list_parts": seated(200),
    "add_part": operators(201, NAME),
    "rename_part": operators(200, NAME),
    "remove_part": operators(204),
    "list_teams": seated(200),
    "add_team": operators(201, NAME),
    "rename_team": operators(200, NAME),
    "remove_team": operators(204),
    "list_weeks": seated(200),
    "add_week": operators(201, {"topic": "마무리"}),
    "change_week": operators(200, {"topic": "데모데이", "starts_on": "2026-12-28"}),
    "remove_week": operators(204),
}


def scene(club: SimpleNamespace) -> dict[str, Any]:
    team = club.cohort.teams.create(name="빈 팀")
    return {
        "cohort_id": club.cohort.id,
        "part_id": club.frontend.id,
        "team_id": team.id,
        "week_id": club.weeks[-1].id,
    }
