"""Missions that GitHub completes: an approval or a merge there, and nothing waits for a review here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from chassis.testing import NOW
from study.github.models import PullRequest, TimelineEvent
from study.github.queries import pull_requests_to_poll
from study.missions.models import CompletedBy, Mission
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, OLGA, review_page, submission_page
from tests.github.payloads import (
    ADA_ON_GITHUB,
    BORIS_ON_GITHUB,
    CAROL,
    A,
    B,
    closed,
    isoformat,
    make_mission,
    merged,
    minutes,
    person,
    pull_request,
    push,
    review,
)

pytestmark = pytest.mark.django_db

API = "/api/v1/study"


@pytest.fixture
def approval(mission: Mission) -> Mission:
    """The mission, which an approval or a merge on GitHub completes."""
    mission.completed_by = CompletedBy.APPROVAL
    mission.save(update_fields=["completed_by"])
    return mission


def status(number: int = 42) -> tuple[str, bool, str | None]:
    """State, whether it waits for a review, and what completed it."""
    submission = Submission.objects.select_related("completing_event").get(pull_request__number=number)
    return submission.state, submission.awaits_review, submission.completion


def revert(
    *, at: float, number: int = 50, branch: str = "revert-42-vote", title: str = "", **changes: Any
) -> dict[str, Any]:
    """The merge of a pull request that GitHub's "Revert" button made."""
    title = title or 'Revert "투표"'
    payload = merged(at=at, number=number, title=title, user=CAROL, sha="e" * 40, **changes)
    payload["pull_request"]["head"]["ref"] = branch
    payload["pull_request"]["created_at"] = isoformat(minutes(at - 0.5))
    return payload


WAITS = ("waiting", True, None)


@pytest.mark.parametrize("by", [ADA_ON_GITHUB, CAROL, person(7, "ai[bot]", "Bot")])
def test_only_a_mentors_approval_completes(approval, deliver_all, by):
    deliver_all(pull_request(), review("approved", at=3, by=by, association="OWNER"))
    assert status() == WAITS

    deliver_all(review("approved", at=4, review_id=2))
    assert status() == ("completed", False, "approval")


def test_the_member_is_notified_once_and_the_page_names_who_approved(
    approval, deliver_all, published, as_principal, api_as
):
    deliver_all(pull_request(), review("approved", at=3), review("approved", at=3), merged(at=4))

    submission = Submission.objects.get()
    (event,) = published("study.submission_completed.v1")
    assert event == {
        "submission_id": str(submission.id),
        "cohort_id": str(approval.cohort_id),
        "mission_title": "django-vote",
        "completion": "approval",
        "reviewer": "Boris",
        "recipients": [str(ADA)],
    }
    page = as_principal(ADA).get(submission_page(submission)).content.decode()
    assert "boris-reviews 님이 GitHub에서 승인" in page
    shown = api_as(ADA).get(f"{API}/submissions/{submission.id}").json()["submission"]
    assert (shown["state"], shown["completion"], shown["completion_login"]) == (
        "completed",
        "approval",
        "boris-reviews",
    )
    assert datetime.fromisoformat(shown["completed_at"]) == minutes(3)


def test_a_merge_in_a_shared_repository_counts_and_is_named(approval, deliver_all, as_principal):
    deliver_all(pull_request(), merged(by=CAROL))

    assert status() == ("completed", False, "merge")
    page = as_principal(OLGA).get(submission_page(Submission.objects.get())).content.decode()
    assert "carol-maintains 님이 GitHub에서 병합" in page


def test_ones_own_merge_completes_nothing_but_an_approval_after_it_does(approval, deliver_all, published):
    deliver_all(pull_request(), merged(by=ADA_ON_GITHUB))
    assert status() == WAITS
    assert published("study.submission_completed.v1") == []

    approved = review("approved", at=9)
    approved["pull_request"].update(state="closed", merged_at=isoformat(minutes(4)))
    deliver_all(approved)
    assert status() == ("completed", False, "approval")


def test_who_merged_may_be_known_later(approval, deliver_all):
    comment = review("commented", at=5)
    comment["pull_request"].update(state="closed", merged_at=isoformat(minutes(4)))
    deliver_all(pull_request(), comment)
    assert status() == WAITS

    deliver_all(merged(by=CAROL))
    assert status() == ("completed", False, "merge")


def test_a_merge_by_ones_linked_account_is_ones_own(approval, deliver_all, club, as_principal):
    other = person(777, "ada-at-work")
    deliver_all(pull_request(user=other))
    waiting = approval.github_repository.pull_requests.get()
    as_principal(OLGA).post(
        f"/cohorts/{club.cohort.id}/submissions/pulls/{waiting.id}/match/?member={club.ada.id}"
    )

    deliver_all(merged(by=ADA_ON_GITHUB, user=other))

    assert status() == WAITS


def test_a_mentor_who_was_the_author_does_not_complete_their_own(approval, deliver_all, club):
    deliver_all(pull_request())
    club.ada.role = "mentor"
    club.ada.save(update_fields=["role"])

    deliver_all(review("approved", at=3, by=ADA_ON_GITHUB), merged(by=ADA_ON_GITHUB))

    assert status() == WAITS


def test_in_a_personal_repository_only_a_mentors_merge_counts(club, deliver_all):
    for number, by, completion in [(1, CAROL, None), (2, BORIS_ON_GITHUB, "merge")]:
        mission = make_mission(
            club,
            repository="38-lets-sopt-server/*",
            title=f"{number}차",
            marker=f"{number}차",
            completed_by=CompletedBy.APPROVAL,
        )
        named: dict[str, Any] = {
            "repository": "38-lets-sopt-server/ada",
            "number": number,
            "title": f"{number}차 미션",
        }

        deliver_all(pull_request(**named), merged(by=by, **named))

        assert PullRequest.objects.get(submission__mission=mission).repository.is_personal
        assert status(number)[2] == completion


def test_a_dismissed_approval_no_longer_counts(approval, deliver_all):
    deliver_all(pull_request(), review("approved", at=3), review("dismissed", at=5, action="dismissed"))

    assert status() == WAITS


def test_an_approval_stays_when_commits_are_pushed_until_changes_are_requested(
    approval, deliver_all, published
):
    deliver_all(pull_request(), review("approved", at=3), push(A, B, at=5))
    assert status() == ("completed", False, "approval")
    *_first, again = published("study.submission_received.v1")
    assert (again["is_completed"], again["recipients"]) == (True, [str(ADA)])

    deliver_all(review("changes_requested", at=6, sha=B, review_id=2))
    assert status() == ("changes_requested", False, None)


@pytest.mark.parametrize(
    ("named", "reopens"),
    [
        ({}, True),
        ({"branch": "undo", "body": "Reverts CEOS-Developers/django-vote-15th#42\n\nIt fails."}, True),
        ({"branch": "undo", "body": "Reverts somebody/else#42"}, False),
        ({"branch": "undo", "title": 'Revert "투표 미션"'}, True),
        ({"branch": "undo", "title": 'Revert "다른 제목"'}, False),
        ({"branch": "revert-43-vote"}, False),
        # No revert: it only says so in its text.
        ({"branch": "fix", "title": "fix", "body": "Reverts ceos-developers/django-vote-15th#42"}, False),
    ],
)
def test_a_revert_reopens_what_it_names(approval, deliver_all, named, reopens):
    deliveries = [pull_request(title="투표 미션"), merged(title="투표 미션"), revert(at=9, **named)]
    for order in (deliveries, deliveries[::-1]):
        with transaction.atomic():
            deliver_all(*order)
            expected = ("reverted", False, None) if reopens else ("completed", False, "merge")
            assert status() == expected
            transaction.set_rollback(True)


def test_an_open_revert_reverts_nothing(approval, deliver_all):
    opened = pull_request(number=50, title='Revert "투표"', user=CAROL, at=6)
    opened["pull_request"]["head"]["ref"] = "revert-42-vote"

    deliver_all(pull_request(), merged(), opened)

    assert status() == ("completed", False, "merge")


def test_a_revert_of_the_revert_completes_it_again(approval, deliver_all, published):
    twice: dict[str, Any] = {
        "number": 51,
        "branch": "revert-50-revert-42-vote",
        "title": 'Revert "Revert "투표""',
    }
    deliver_all(pull_request(), merged(), revert(at=6))
    assert status() == ("reverted", False, None)

    deliver_all(revert(at=9, **twice))

    assert status() == ("completed", False, "merge")
    assert len(published("study.submission_completed.v1")) == 2


def test_after_a_revert_the_next_pull_request_is_the_submission(approval, deliver_all, as_principal, club):
    deliver_all(pull_request(), merged(), revert(at=6))
    week = as_principal(ADA).get(f"/cohorts/{club.cohort.id}/week/").content.decode()
    assert "병합이 되돌려졌어요" in week

    again: dict[str, Any] = {"number": 60, "sha": B, "created_at": isoformat(minutes(10))}
    deliver_all(pull_request(at=10, **again), review("approved", at=12, **again))

    assert PullRequest.objects.exclude(submission=None).get().number == 60
    assert status(60) == ("completed", False, "approval")


def test_a_reverted_merge_is_open_again_where_seodang_reviews(mission, deliver_all):
    deliver_all(pull_request(), merged(), revert(at=6))

    assert status() == ("reverted", False, None)


def test_the_submission_alone_completes(mission, deliver_all, published, as_principal, club):
    mission.completed_by = CompletedBy.SUBMISSION
    mission.save(update_fields=["completed_by"])

    deliver_all(pull_request())

    assert status() == ("completed", False, "submission")
    (received,) = published("study.submission_received.v1")
    assert received["is_completed"] is True
    assert published("study.submission_completed.v1") == []
    assert "리뷰 대기" not in as_principal(BORIS).get("/reviews/").content.decode()

    deliver_all(closed(at=3))
    assert status() == ("closed", False, None)


def test_either_completes(mission, deliver_all, as_principal):
    mission.completed_by = CompletedBy.EITHER
    mission.save(update_fields=["completed_by"])
    deliver_all(pull_request())
    submission = Submission.objects.get()

    # The mission has no rubric: a comment is enough.
    answer = as_principal(BORIS).post(
        review_page(submission), {"comment": "좋아요", "revision": "", "release": "1"}
    )
    assert answer.status_code == 302
    assert status() == ("waiting", False, None)

    deliver_all(push(A, B, at=4))
    assert status() == ("resubmitted", True, None)
    deliver_all(review("approved", at=5, sha=B))
    assert status() == ("completed", False, "approval")


def test_a_review_here_does_not_complete_what_waits_for_github(
    approval, deliver_all, as_principal, api_as, club
):
    deliver_all(pull_request())
    submission = Submission.objects.get()
    page = as_principal(BORIS).get(review_page(submission)).content.decode()
    assert "GitHub에서 승인해야 완료돼요" in page

    as_principal(BORIS).post(review_page(submission), {"comment": "좋아요", "revision": "", "release": "1"})

    assert status() == WAITS
    (row,) = api_as(ADA).get(f"{API}/cohorts/{club.cohort.id}/missions").json()["results"]
    assert row["state"] == "waiting"


def test_another_choice_applies_to_what_is_there(mission, deliver_all, api_as, published):
    deliver_all(pull_request(), merged(by=CAROL))
    assert status() == ("merged", True, None)
    path = f"{API}/missions/{mission.id}"

    ends = {
        "approval": ("completed", False, "merge"),
        "submission": ("completed", False, "submission"),
        "review": ("merged", True, None),
        "either": ("completed", False, "merge"),
    }
    for completed_by, end in ends.items():
        answer = api_as(OLGA).patch(path, {"completed_by": completed_by})
        assert answer.status_code == 200, answer.json()
        assert answer.json()["completed_by"] == completed_by
        assert status() == end

    assert [event["completion"] for event in published("study.submission_completed.v1")] == ["merge"] * 2


def test_who_merged_before_this_release_is_asked_of_github(mission, deliver_all, api_as):
    deliver_all(pull_request(), merged(by=CAROL))
    TimelineEvent.objects.update(actor_id=None)

    api_as(OLGA).patch(f"{API}/missions/{mission.id}", {"completed_by": "approval"})

    assert status() == WAITS
    assert PullRequest.objects.get().id in pull_requests_to_poll(NOW, limit=9)
