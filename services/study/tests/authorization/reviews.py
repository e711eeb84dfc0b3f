from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from chassis.testing import NOW
from study.github.models import Repository
from study.missions.models import Criterion, Level, Mission
from study.reviews import actions
from study.reviews.forms import ScoreInput
from tests.authorization import Row, mentors, operators, signed_in
from tests.conftest import BORIS
from tests.reviews.conftest import create_submission

SCORES = {"scores": [{"criterion_id": "{criterion_id}", "level_id": "{level_id}"}], "comment": "좋아요"}
ROWS = {
    "list_reviews": signed_in(200),
    # Its author reads what was released; the draft of the next version is the mentors'.
    "get_review": Row((401, 404, 200, 200, 200, 404)),
    "get_review_draft": mentors(200),
    "save_review_draft": mentors(200, SCORES),
    "discard_review_draft": mentors(204),
    "release_review": mentors(200),
    # There is a draft of the next version already.
    "withdraw_review": mentors(409),
    "list_reviewers": operators(200),
    "assign_evenly": operators(200),
    "assign_reviewer": operators(204, {"mentor_id": str(BORIS)}),
    "assign_several": operators(200, {"submission_ids": ["{submission_id}"], "mentor_id": str(BORIS)}),
    "set_automatic_assignment": operators(204, {"is_on": True}),
}
# Ada, once she is a mentor, about her own submission: she stays its author and becomes no judge of it.
OWN_SUBMISSION = {
    "get_review": 200,
    "get_review_draft": 404,
    "save_review_draft": 404,
    "discard_review_draft": 404,
    "release_review": 404,
    "withdraw_review": 404,
    "assign_reviewer": 404,
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    """Ada's submission with a released review and a draft of its next version."""
    mission = Mission.objects.create(
        cohort=club.cohort,
        week=club.weeks[2],
        title="django-vote",
        github_repository=Repository.objects.create(cohort=club.cohort, name="club/django-vote"),
        opens_at=NOW - timedelta(days=7),
        due_at=NOW + timedelta(days=1),
        created_at=NOW - timedelta(days=8),
    )
    criterion = Criterion.objects.create(mission=mission, position=1, title="테스트")
    level = Level.objects.create(criterion=criterion, points=4, label="모두")
    submission = create_submission(mission, club.ada, number=42)
    draft: dict[str, Any] = {
        "submission_id": submission.id,
        "mentor_id": BORIS,
        "scores": {criterion.id: ScoreInput(level.id, "")},
        "comment": "",
        "at": NOW,
    }
    actions.save_draft(**draft)
    actions.release(submission_id=submission.id, mentor_id=BORIS, at=NOW)
    actions.save_draft(**draft)
    return {
        "cohort_id": club.cohort.id,
        "submission": submission,
        "submission_id": submission.id,
        "criterion_id": criterion.id,
        "level_id": level.id,
    }
