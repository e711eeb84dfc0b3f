"""What is late is late by GitHub's time, whenever the delivery reached us."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from study.github.actions.polling import poll_pull_request
from study.github.models import PullRequest
from study.reviews.models import Review
from study.submissions.actions.grading import record_score
from study.submissions.models import Attempt, Submission
from tests.conftest import ADA, OLGA, submission_page
from tests.github.payloads import REPOSITORY, A, B, closed, minutes, pull_request, push, review, suite
from tests.submissions.conftest import fake_github

__all__ = ["fake_github"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def mission(mission):
    """Over by now by any clock: a minute after Ada opened her pull request."""
    mission.due_at = minutes(1)
    mission.save(update_fields=["due_at"])
    return mission


@pytest.fixture
def shown(as_principal) -> Any:
    """shown() → the submission's page as Ada sees it."""

    def look() -> str:
        page: str = as_principal(ADA).get(submission_page(Submission.objects.get())).content.decode()
        return page

    return look


def attempts() -> list[tuple[str, str, datetime]]:
    rows = Attempt.objects.order_by("number")
    return [(str(attempt.head_sha)[0], str(attempt.clock), attempt.received_at) for attempt in rows]


def test_what_was_opened_and_pushed_in_time_is_in_time_however_late_we_hear_of_it(
    mission, send, shown, published
):
    send("pull_request", pull_request())
    send("pull_request", push(A, B, at=0.5))

    assert attempts() == [("a", "opened", minutes(0)), ("b", "pushed", minutes(0.5))]
    assert [attempt.late_seconds for attempt in Attempt.objects.all()] == [0, 0]
    assert Submission.objects.get().was_late is False
    assert [event["late"] for event in published("study.submission_received.v1")] == [False, False]
    assert "GitHub에서 PR을 연 시각" in shown()
    assert "GitHub이 push를 받은 시각" in shown()


def test_a_push_after_the_deadline_is_late(mission, send):
    send("pull_request", pull_request(draft=True))
    send("pull_request", pull_request("ready_for_review", at=2))

    assert attempts() == [("a", "ready", minutes(2))]
    assert Attempt.objects.get().late_seconds == 60


def test_the_dates_of_commits_count_for_nothing(mission, send):
    payload = push(A, B, at=2)
    payload["pull_request"]["head"]["committed_date"] = "2000-01-01T00:00:00Z"
    payload["head_commit"] = {"timestamp": "2000-01-01T00:00:00Z"}
    send("pull_request", payload)

    assert attempts() == [("b", "pushed", minutes(2))]


def test_where_github_does_not_say_when_it_came_our_first_sight_counts_until_the_push_is_delivered(
    mission, send, shown
):
    before = timezone.now()
    send("pull_request", pull_request("labeled", at=0.5, sha=B))
    ((_head, clock, at),) = attempts()
    assert (clock, before <= at <= timezone.now()) == ("seen", True)
    assert "서당이 처음 확인한 시각" in shown()
    assert Submission.objects.get().was_late is True

    # Sent again by hand, with what it said then.
    send("pull_request", push(A, B, at=0.25))

    assert attempts() == [("b", "pushed", minutes(0.25))]
    assert Submission.objects.get().was_late is False


@pytest.fixture
def polled(mission, fake_github) -> Any:
    """polled(reviews, suites) → polls the head B an hour later; no delivery contained it."""

    def ask(reviews: list[Any], suites: list[Any]) -> None:
        row = PullRequest.objects.create(
            repository=mission.github_repository,
            cohort=mission.cohort,
            number=42,
            github_id=1_000_042,
            author_id=101,
            author_login="ada-codes",
            state="open",
            opened_at=minutes(0),
            github_updated_at=minutes(0) - timedelta(days=1),
        )
        path = f"/repos/{REPOSITORY}/pulls/42"
        fake_github.says(path, pull_request(at=30, sha=B)["pull_request"])
        fake_github.says(f"{path}/reviews", reviews)
        fake_github.says(f"/repos/{REPOSITORY}/commits/{B}/check-suites", {"check_suites": suites})
        poll_pull_request(pull_request_id=row.id, github=fake_github.client, at=minutes(60))

    return ask


def reviewed(at: float, sha: str = B) -> Any:
    data = review("commented", at=at, sha=sha)["review"]
    return {**data, "state": data["state"].upper()}


def checked(began: float, sha: str = B) -> Any:
    return suite("success", sha=sha, began=began)["check_suite"]


@pytest.mark.parametrize(
    ("reviews", "suites", "expected"),
    [
        ([], [], ("b", "seen", minutes(60))),
        ([reviewed(20)], [], ("b", "reviewed", minutes(20))),
        ([reviewed(20)], [checked(15)], ("b", "checked", minutes(15))),
        ([reviewed(10)], [checked(15)], ("b", "reviewed", minutes(10))),
        # Of another head, or of the commit before it was handed in.
        ([reviewed(10, A)], [], ("b", "seen", minutes(60))),
        ([], [checked(-300)], ("b", "checked", minutes(0))),
    ],
)
def test_only_polled_the_earliest_proof_of_the_head_counts(polled, reviews, suites, expected):
    polled(reviews, suites)

    assert attempts() == [expected]


def test_merged_in_time_is_in_time(mission, send):
    send("pull_request", closed(at=0.5, merged=True))

    assert attempts() == [("a", "merged", minutes(0.5))]


def test_what_an_earlier_release_received_by_its_own_clock_stays_unless_github_says_better(
    mission, send, shown
):
    send("pull_request", pull_request())
    Attempt.objects.update(clock=None, received_at=minutes(3), late_seconds=120, recorded_at=None)
    assert "서당이 처음 확인한 시각" in shown()

    send("pull_request", pull_request())

    assert attempts() == [("a", "opened", minutes(0))]


def test_a_push_that_was_made_before_a_release_and_delivered_after_it_awaits_a_review(mission, send):
    send("pull_request", pull_request())
    record_score(submission=Submission.objects.get(), points=1, max_points=2, at=minutes(0.8), by=OLGA)

    send("pull_request", push(A, B, at=0.5))

    assert Submission.objects.get().awaits_review is True


def test_an_attempt_that_was_reviewed_keeps_its_review_when_an_earlier_one_comes(mission, send, club):
    send("pull_request", push(A, B, at=0.5))
    first = Attempt.objects.get()
    stored_review = Review.objects.create(
        submission=first.submission,
        attempt=first,
        mentor_id=club.boris.account_id,
        version=1,
        created_at=minutes(1),
        saved_at=minutes(1),
    )

    send("pull_request", pull_request())

    stored_review.refresh_from_db()
    assert (stored_review.attempt.number, stored_review.attempt.head_sha) == (2, B)
    assert attempts() == [("a", "opened", minutes(0)), ("b", "pushed", minutes(0.5))]
