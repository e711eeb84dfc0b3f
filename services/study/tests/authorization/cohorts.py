from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.authorization import Row, cohort_members, operators

NAME = {"name": "새 이름"}
COHORT = {"title": "17기", "time_zone": "Asia/Seoul"}
ROWS = {
    "list_cohorts": Row((401, 200, 200, 200, 200, 200)),
    # Owners and accounts that they allow: a role of the installation, not of a cohort.
    "create_cohort": Row((401, 403, 403, 403, 403, 201), {**COHORT, "first_day": "2027-03-08", "weeks": 8}),
    "get_cohort": cohort_members(200),
    "update_cohort": operators(200, COHORT),
    "set_joining_by_approval": operators(204, {"is_on": True}),
    "close_cohort": operators(200),
    "reopen_cohort": operators(200),
    "list_parts": cohort_members(200),
    "create_part": operators(201, NAME),
    "rename_part": operators(200, NAME),
    "delete_part": operators(204),
    "list_teams": cohort_members(200),
    "create_team": operators(201, NAME),
    "update_team": operators(200, NAME),
    "delete_team": operators(204),
    "list_weeks": cohort_members(200),
    "create_week": operators(201, {"topic": "마무리"}),
    "update_week": operators(200, {"topic": "데모데이", "starts_on": "2026-12-28"}),
    "delete_week": operators(204),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    team = club.cohort.teams.create(name="빈 팀")
    return {
        "cohort_id": club.cohort.id,
        "part_id": club.frontend.id,
        "team_id": team.id,
        "week_id": club.weeks[-1].id,
    }
