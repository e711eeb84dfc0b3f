"""Asking GitHub: sparingly, within its limits, and never at the cost of what we know."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.github.actions.polling import detect_force_push, poll_pull_request
from study.github.client import Client, GitHubNotFound, GitHubRateLimited, GitHubUnavailable
from study.github.models import EarlyCheck, EventKind, GitHubLimit, PullRequest, Source, TimelineEvent
from study.github.queries import pushes_to_compare
from study.github.tasks import detect_force_pushes, ingest_early_checks
from study.submissions.models import Attempt, State, Submission
from tests.github.payloads import (
    BORIS_ON_GITHUB,
    REPOSITORY,
    A,
    B,
    closed,
    minutes,
    pull_request,
    push,
    review,
    run,
    suite,
)

pytestmark = pytest.mark.django_db

PULL = f"/repos/{REPOSITORY}/pulls/42"


def answer_of(payload):
    return payload["pull_request"]


def review_answer(**about):
    data = review(**about)["review"]
    return {**data, "state": data["state"].upper()}


@pytest.fixture
def known(mission, ingest) -> PullRequest:
    ingest("pull_request", pull_request(), at=minutes(0))
    return PullRequest.objects.get()


def test_a_poll_takes_in_state_reviews_and_checks(known, fake_github, published):
    fake_github.says(PULL, answer_of(push(A, B, at=8)), ETag='W/"1"')
    fake_github.says(f"{PULL}/reviews", [review_answer(state="changes_requested", at=9, sha=B, body="다시")])
    fake_github.says(
        f"/repos/{REPOSITORY}/commits/{B}/check-suites",
        {"check_suites": [suite("success", sha=B, began=9.5)["check_suite"]]},
    )

    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=minutes(10))

    submission = Submission.objects.get()
    assert (submission.state, submission.attempts_count) == (State.CHANGES_REQUESTED, 2)
    assert Attempt.objects.get(number=2).source == Source.POLL
    # The review proves that it was there before we saw it.
    assert Attempt.objects.get(number=2).received_at == minutes(9)
    kinds = list(TimelineEvent.objects.order_by("at").values_list("kind", flat=True))
    assert kinds == [
        EventKind.OPENED,
        EventKind.CHECKS_PASSED,
        EventKind.COMMITS_PUSHED,
        EventKind.CHANGES_REQUESTED,
    ]
    known.refresh_from_db()
    assert (known.etag, known.polled_at) == ('W/"1"', minutes(10))
    assert len(published("study.changes_requested.v1")) == 1


def test_what_the_webhook_told_is_not_told_again_by_a_poll(known, ingest, fake_github, published):
    ingest("pull_request", pull_request("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB))
    ingest("pull_request", push(A, B, at=2))
    ingest("pull_request_review", review("changes_requested", at=3, sha=B))
    ingest("check_run", run("failure", sha=B))
    ingest("check_suite", suite("failure", sha=B))
    before = list(TimelineEvent.objects.order_by("id").values())
    fake_github.says(PULL, {**answer_of(push(A, B, at=6)), "requested_reviewers": []})
    fake_github.says(f"{PULL}/reviews", [review_answer(state="changes_requested", at=3, sha=B)])
    fake_github.says(
        f"/repos/{REPOSITORY}/commits/{B}/check-suites",
        {"check_suites": [suite("failure", sha=B)["check_suite"]]},
    )

    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=minutes(10))

    assert list(TimelineEvent.objects.order_by("id").values()) == before
    assert len(published("study.changes_requested.v1")) == 1


def test_who_is_still_asked_for_a_review_is_not_asked_anew_with_every_push(known, ingest, fake_github):
    ingest("pull_request", pull_request("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB))
    ingest("pull_request", push(A, B, at=2))
    fake_github.says(PULL, {**answer_of(push(A, B, at=6)), "requested_reviewers": [BORIS_ON_GITHUB]})
    fake_github.says(f"{PULL}/reviews", [])

    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=minutes(10))

    assert TimelineEvent.objects.filter(kind=EventKind.REVIEW_REQUESTED).count() == 1


def test_who_is_asked_again_after_a_review_is_asked_anew(known, ingest, fake_github):
    ingest("pull_request", pull_request("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB))
    ingest("pull_request_review", review("commented", at=2))
    ingest("pull_request", push(A, B, at=3))
    fake_github.says(PULL, {**answer_of(push(A, B, at=6)), "requested_reviewers": [BORIS_ON_GITHUB]})
    fake_github.says(f"{PULL}/reviews", [])

    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=minutes(10))

    assert TimelineEvent.objects.filter(kind=EventKind.REVIEW_REQUESTED).count() == 2


def test_a_push_and_its_checks_that_were_delivered_at_once_meet_within_a_minute(known, ingest):
    # Neither transaction saw the other's row.
    ingest("check_suite", suite("success", sha=B))
    TimelineEvent.objects.create(
        pull_request=known, key=f"push:{B}", kind=EventKind.COMMITS_PUSHED, at=minutes(2), sha=B
    )
    EarlyCheck.objects.update(received_at=timezone.now())

    ingest_early_checks()

    assert TimelineEvent.objects.get(kind=EventKind.CHECKS_PASSED).sha == B
    assert not EarlyCheck.objects.exists()


def test_a_poll_learns_what_a_silent_webhook_did_not_tell(known, fake_github):
    fake_github.says(
        PULL, {**answer_of(pull_request(at=6, draft=True)), "requested_reviewers": [BORIS_ON_GITHUB]}
    )
    fake_github.says(f"{PULL}/reviews", [])
    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=minutes(10))
    assert Submission.objects.get().awaits_review is False
    fake_github.says(PULL, answer_of(closed(at=12, draft=True)))
    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=minutes(13))
    fake_github.says(PULL, answer_of(pull_request(at=20)))
    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=minutes(21))

    assert list(TimelineEvent.objects.order_by("at", "id").values_list("kind", flat=True)) == [
        EventKind.OPENED,
        EventKind.DRAFTED,
        EventKind.REVIEW_REQUESTED,
        EventKind.CLOSED,
        EventKind.READY,
        EventKind.REOPENED,
    ]


def test_an_unchanged_pull_request_costs_one_conditional_question(known, fake_github):
    fake_github.says(PULL, answer_of(pull_request(at=1)), ETag='"same"')
    fake_github.says(f"{PULL}/reviews", [])
    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=minutes(5))
    fake_github.asked.clear()

    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=NOW + timedelta(days=1))

    ((path, headers),) = fake_github.asked
    assert (path, headers["If-None-Match"]) == (PULL, '"same"')
    assert headers["Authorization"] == "Bearer a-token"


def test_one_that_is_gone_stays_as_it_is(known, fake_github):
    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=NOW)

    known.refresh_from_db()
    assert (known.state, known.polled_at) == ("open", NOW)


def test_nothing_is_remembered_of_an_answer_that_came_half(known, fake_github):
    fake_github.says(PULL, answer_of(push(A, B, at=8)), ETag='"1"')
    fake_github.says(f"{PULL}/reviews", {"message": "oops"}, status=502)

    with pytest.raises(GitHubUnavailable):
        poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=NOW)

    known.refresh_from_db()
    assert (known.etag, known.head_sha) == ("", A)


def test_a_retry_after_holds_everybody_until_then(known, fake_github):
    now = timezone.now()
    fake_github.says(PULL, {"message": "You have exceeded a secondary rate limit"}, 403, Retry_After=300)

    with pytest.raises(GitHubRateLimited):
        poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=now)
    until = GitHubLimit.objects.get().resumes_at
    assert until is not None
    assert now + timedelta(seconds=299) < until <= timezone.now() + timedelta(seconds=301)

    with pytest.raises(GitHubRateLimited):
        poll_pull_request(
            pull_request_id=known.id, github=fake_github.client, at=now + timedelta(seconds=200)
        )
    assert len(fake_github.asked) == 1

    fake_github.says(PULL, answer_of(pull_request()))
    fake_github.says(f"{PULL}/reviews", [])
    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=now + timedelta(seconds=400))
    assert len(fake_github.asked) > 1


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "in 600"}, 600),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "in 600"}, 600),
        (429, {}, 60),
        (429, {"Retry-After": "soon"}, 60),
        (429, {"Retry-After": "9" * 15}, 7200),
        (429, {"Retry-After": "0"}, 1),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}, 7200),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, 1),
    ],
)
def test_a_limit_is_kept_for_as_long_as_github_says_within_reason(fake_github, status, headers, seconds):
    now = time.time()
    if "X-RateLimit-Reset" in headers:
        headers = {
            **headers,
            "X-RateLimit-Reset": headers["X-RateLimit-Reset"].replace("in 600", str(int(now) + 600)),
        }
    fake_github.says("/repos/a/b/pulls/1", {"message": "slow down"}, status, **headers)

    with pytest.raises(GitHubRateLimited) as busy:
        fake_github.client.get_pull_request("a/b", 1)

    # Whole seconds, counted from when the answer came.
    assert now + seconds - 1 <= busy.value.until.timestamp() <= time.time() + seconds + 1


def test_a_plain_403_is_no_rate_limit(fake_github):
    fake_github.says("/repos/a/b/pulls/1", {"message": "Resource not accessible"}, 403)

    with pytest.raises(GitHubNotFound):
        fake_github.client.get_pull_request("a/b", 1)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {}),
        (401, {"message": "Bad credentials"}),
        (200, b"<html>"),
        (200, []),
        (200, {"number": "x"}),
        (200, b"[" * 100_000),
    ],
)
def test_what_is_no_answer_is_as_good_as_none(fake_github, status, body):
    fake_github.says("/repos/a/b/pulls/1", body, status)

    with pytest.raises(GitHubUnavailable):
        fake_github.client.get_pull_request("a/b", 1)


def test_a_github_that_is_away_is_down():
    with pytest.raises(GitHubUnavailable):
        Client("http://127.0.0.1:1", "").get_pull_request("a/b", 1)


def test_an_answer_without_end_is_no_answer(fake_github, monkeypatch):
    monkeypatch.setattr("study.github.client.MAX_RESPONSE_SIZE", 1000)
    fake_github.says("/repos/a/b/pulls/1", b" " * 2000)

    with pytest.raises(GitHubUnavailable):
        fake_github.client.get_pull_request("a/b", 1)


def test_a_renamed_repository_is_followed_on_the_same_host_only(fake_github):
    fake_github.says("/repos/a/b/pulls/1", {}, 301, Location=f"{fake_github.url}/repositories/5/pulls/1")
    fake_github.says("/repositories/5/pulls/1", answer_of(pull_request()))
    assert fake_github.client.get_pull_request("a/b", 1).body.number == 42

    fake_github.says("/repos/a/b/pulls/1", {}, 302, Location="http://localhost:1/steal")
    with pytest.raises(GitHubNotFound):
        fake_github.client.get_pull_request("a/b", 1)
    fake_github.says("/repos/a/b/pulls/1", {}, 302, Location="/repos/a/b/pulls/1")
    with pytest.raises(GitHubNotFound):
        fake_github.client.get_pull_request("a/b", 1)


def test_little_left_is_kept_for_people_who_wait(known, fake_github):
    resets = int(time.time()) + 1800
    left = {"X-RateLimit-Remaining": "20", "X-RateLimit-Reset": str(resets)}
    fake_github.says(PULL, answer_of(pull_request()), **left)
    fake_github.says(f"{PULL}/reviews", [])
    now = timezone.now()
    poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=now)

    limit = GitHubLimit.objects.get()
    assert limit.resumes_at is None
    assert limit.background_resumes_at == datetime.fromtimestamp(resets, UTC)
    with pytest.raises(GitHubRateLimited):
        poll_pull_request(pull_request_id=known.id, github=fake_github.client, at=now)


def pushed(ingest) -> TimelineEvent:
    ingest("pull_request", push(A, B, at=2), at=minutes(2))
    return TimelineEvent.objects.get(kind=EventKind.COMMITS_PUSHED)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("diverged", EventKind.FORCE_PUSHED),
        ("ahead", EventKind.COMMITS_PUSHED),
        ("identical", EventKind.COMMITS_PUSHED),
    ],
)
def test_only_githubs_comparison_tells_a_force_push(known, ingest, fake_github, status, kind):
    timeline_event = pushed(ingest)
    assert timeline_event.kind == EventKind.COMMITS_PUSHED
    compared = f"/repos/{REPOSITORY}/compare/{A}...{B}"
    fake_github.says(compared, {"status": status, "ahead_by": 3, "behind_by": 1})
    assert pushes_to_compare(NOW, limit=9) == [timeline_event.id]
    TimelineEvent.objects.filter(id=timeline_event.id).update(compare_due_at=timezone.now())

    detect_force_pushes()

    timeline_event.refresh_from_db()
    assert (timeline_event.kind, timeline_event.count, timeline_event.compare_due_at) == (kind, 3, None)
    assert (timeline_event.before_sha, timeline_event.sha) == (A, B)
    detect_force_push(timeline_event_id=timeline_event.id, github=fake_github.client, at=NOW)
    assert len(fake_github.asked) == 1


def test_a_commit_that_github_knows_no_more_stays_a_push(known, ingest, fake_github):
    timeline_event = pushed(ingest)

    detect_force_push(timeline_event_id=timeline_event.id, github=fake_github.client, at=NOW)

    timeline_event.refresh_from_db()
    assert (timeline_event.kind, timeline_event.compare_due_at) == (EventKind.COMMITS_PUSHED, None)


def test_a_comparison_that_fails_is_asked_for_again_for_three_days(known, ingest, fake_github):
    timeline_event = pushed(ingest)
    fake_github.says(f"/repos/{REPOSITORY}/compare/{A}...{B}", {}, 503)

    with pytest.raises(GitHubUnavailable):
        detect_force_push(timeline_event_id=timeline_event.id, github=fake_github.client, at=NOW)
    timeline_event.refresh_from_db()
    assert timeline_event.compare_due_at == NOW + timedelta(minutes=10)

    with pytest.raises(GitHubUnavailable):
        detect_force_push(
            timeline_event_id=timeline_event.id, github=fake_github.client, at=NOW + timedelta(days=4)
        )
    timeline_event.refresh_from_db()
    assert timeline_event.compare_due_at is None
