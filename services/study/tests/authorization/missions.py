from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from study.missions.actions.deadlines import grant_extension
from study.missions.actions.missions import create_mission
from study.missions.actions.requests import request_extension
from tests.authorization import Row, cohort_members, operators
from tests.conftest import OLGA

SHEET = "part,order,title,repository\n,1,투표,club/imported\n"
MISSION = {"title": "투표", "week_id": "{week_id}", "repository": "club/new"}
LEVELS = [{"points": 1, "label": "있음"}, {"points": 0, "label": "없음"}]
MORE = {"membership_id": "{membership_id}", "hours": 24, "reason": "병원 진료"}
ROWS = {
    "list_missions": cohort_members(200),
    "create_mission": operators(201, MISSION),
    "get_mission": cohort_members(200),
    "update_mission": operators(200, {"title": "새 제목"}),
    "delete_mission": operators(204),
    "set_rubric": operators(200, {"criteria": [{"title": "테스트", "levels": LEVELS}]}),
    "list_part_deadlines": operators(200),
    "set_part_deadline": operators(200, {"due_at": "2099-01-01T00:00:00Z"}),
    "clear_part_deadline": operators(204),
    "list_extensions": operators(200),
    "grant_extension": operators(201, MORE),
    "grant_extensions": operators(
        201, {"membership_ids": ["{membership_id}"], "hours": 5, "reason": "네트워크 장애"}
    ),
    "withdraw_extension": operators(204),
    "list_own_extension_requests": cohort_members(200),
    # Mentors and operators have no mission to do.
    "request_extension": Row((401, 404, 200, 409, 409, 404), {"reason": "병원 진료"}),
    "withdraw_extension_request": cohort_members(204),
    "list_extension_requests": operators(200),
    "decide_extension_requests": operators(
        200, {"request_ids": ["{request_id}"], "granted": True, "hours": 48, "answer": "알겠어요"}
    ),
    "remind_members": operators(200),
    "remind_of_missing": operators(200),
    "import_missions": operators(200, {"text": SHEET, "first_week": 1}),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    now = timezone.now()
    mission = create_mission(
        cohort=club.cohort,
        week_id=club.weeks[0].id,
        part_id=None,
        title="OT",
        body="",
        repository="club/ot",
        opens_at=now - timedelta(days=1),
        due_at=now + timedelta(days=1),
        rubric=[],
        at=now,
        by=OLGA,
    )
    extension = grant_extension(
        mission=mission, membership_id=club.ada.id, hours=1, reason="시험", granted_by=OLGA, at=now
    )
    request = request_extension(
        mission=mission, membership=club.ada, reason="예비군 훈련", asked_until=None, at=now
    )
    return {
        "request_id": str(request.id),
        "cohort_id": club.cohort.id,
        "mission_id": mission.id,
        "part_id": club.backend.id,
        "week_id": str(club.weeks[0].id),
        "membership_id": str(club.ada.id),
        "extension_id": extension.id,
    }
