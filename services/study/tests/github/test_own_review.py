"""A review on GitHub of one's own submission moves nothing, whichever of one's accounts opened it."""

from __future__ import annotations

import pytest

from study.cohorts.models import Role
from study.submissions.models import Submission
from tests.conftest import OLGA
from tests.github.payloads import ADA_ON_GITHUB, BORIS_ON_GITHUB, person, pull_request, review

pytestmark = pytest.mark.django_db

SECOND_ACCOUNT = person(777, "ada-at-work")


@pytest.fixture(params=[ADA_ON_GITHUB, SECOND_ACCOUNT], ids=["linked account", "second account"])
def promoted(request, mission, send, club, as_principal):
    """Ada's submission, matched by Olga if opened with her second account; afterwards she is a mentor."""
    send("pull_request", pull_request(user=request.param))
    olga = as_principal(OLGA)
    if request.param is SECOND_ACCOUNT:
        waiting = mission.github_repository.pull_requests.get()
        olga.post(f"/cohorts/{club.cohort.id}/submissions/pulls/{waiting.id}/match/?member={club.ada.id}")
    page = f"/cohorts/{club.cohort.id}/members/{club.ada.id}/"
    olga.post(page, {"role": Role.MENTOR, "part_id": str(club.backend.id), "team_id": ""})
    submission = Submission.objects.get()
    assert submission.membership.role == Role.MENTOR
    return submission


@pytest.mark.parametrize("state", ["approved", "changes_requested"])
@pytest.mark.parametrize("association", ["NONE", "MEMBER", "OWNER"])
def test_ones_own_review_moves_nothing(promoted, send, published, state, association):
    answer = send(
        "pull_request_review",
        review(state, at=3, by=ADA_ON_GITHUB, association=association, user=promoted_author(promoted)),
    )

    assert answer.status_code == 200
    promoted.refresh_from_db()
    assert (promoted.state, promoted.awaits_review) == ("waiting", True)
    assert published("study.changes_requested.v1") == []


def test_another_mentors_does(promoted, send):
    send("pull_request_review", review("approved", at=3, by=BORIS_ON_GITHUB, user=promoted_author(promoted)))

    promoted.refresh_from_db()
    assert promoted.state == "approved"


def promoted_author(submission: Submission) -> dict[str, object]:
    assert submission.pull_request
    return person(submission.pull_request.author_id, submission.pull_request.author_login)
