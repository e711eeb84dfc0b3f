from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from study.missions.actions.missions import create_mission
from study.submissions.actions.works import submit_work
from study.submissions.models import SubmittedFile
from tests.authorization import Row
from tests.conftest import OLGA

ROWS = {
    # A mentor and an operator know the mission, but only members hand in.
    "submit_work": Row((401, 404, 201, 403, 403, 404), {"text": "다시 쓴 글"}),
    # Ada's own.
    "get_submitted_file": Row((401, 404, 200, 200, 200, 404)),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    now = timezone.now()
    mission = create_mission(
        cohort=club.cohort,
        week_id=club.weeks[0].id,
        part_id=None,
        title="기획서",
        body="",
        repository="",
        opens_at=now - timedelta(days=1),
        due_at=now + timedelta(days=1),
        rubric=[],
        accepts=["file", "text"],
        at=now,
        by=OLGA,
    )
    file = SimpleUploadedFile("plan.txt", "기획".encode())
    attempt = submit_work(mission=mission, membership=club.ada, files=[file], at=now)
    return {
        "mission_id": mission.id,
        "submission_id": attempt.submission_id,
        "file_id": SubmittedFile.objects.get().id,
    }
