"""Asking GitHub: sparingly, within its limits, and never at the cost of what we know."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.submissions.actions import compare_push, refresh_pull
from study.submissions.github import Client, GithubBusy, GithubDown, GithubHasNot
from study.submissions.models import Attempt, GithubLimit, Kind, Moment, Pull, Source, State, Submission
from study.submissions.queries import pushes_to_compare
from study.submissions.tasks import compare_pushes
from tests.hooks.payloads import (
    BORIS_ON_GITHUB,
    REPOSITORY,
    A,
    B,
    closed,
    minutes,
    pull,
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
    said = review(**about)["review"]
    return {**said, "state": said["state"].upper()}


@pytest.fixture
def known(mission, take) -> Pull:
    take("pull_request", pull(), at=minutes(0))
    return Pull.objects.get()


def test_a_poll_takes_in_state_reviews_and_checks(known, little_github, published):
    little_github.says(PULL, answer_of(push(A, B, at=8)), ETag='W/"1"')
    little_github.says(
        f"{PULL}/reviews", [review_answer(state="changes_requested", at=9, sha=B, body="다시")]
    )
    little_github.says(
        f"/repos/{REPOSITORY}/commits/{B}/check-suites",
        {"check_suites": [suite("success", sha=B, began=9.5)["check_suite"]]},
    )

    refresh_pull(pull_id=known.id, github=little_github.client, at=minutes(10))

    submission = Submission.objects.get()
    assert (submission.state, submission.attempts_count) == (State.CHANGES_REQUESTED, 2)
    assert Attempt.objects.get(number=2).source == Source.POLL
    # The review proves that it was there before we saw it.
    assert Attempt.objects.get(number=2).received_at == minutes(9)
    kinds = list(Moment.objects.order_by("at").values_list("kind", flat=True))
    assert kinds == [Kind.OPENED, Kind.CHECKS_PASSED, Kind.COMMITS_PUSHED, Kind.CHANGES_REQUESTED]
    known.refresh_from_db()
    assert (known.etag, known.polled_at) == ('W/"1"', minutes(10))
    assert len(published("study.changes_requested.v1")) == 1


def test_what_the_hook_told_is_not_told_again_by_a_poll(known, take, little_github, published):
    take("pull_request", pull("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB))
    take("pull_request", push(A, B, at=2))
    take("pull_request_review", review("changes_requested", at=3, sha=B))
    take("check_run", run("failure", sha=B))
    take("check_suite", suite("failure", sha=B))
    before = list(Moment.objects.order_by("id").values())
    little_github.says(PULL, {**answer_of(push(A, B, at=6)), "requested_reviewers": []})
    little_github.says(f"{PULL}/reviews", [review_answer(state="changes_requested", at=3, sha=B)])
    little_github.says(
        f"/repos/{REPOSITORY}/commits/{B}/check-suites",
        {"check_suites": [suite("failure", sha=B)["check_suite"]]},
    )

    refresh_pull(pull_id=known.id, github=little_github.client, at=minutes(10))

    assert list(Moment.objects.order_by("id").values()) == before
    assert len(published("study.changes_requested.v1")) == 1


def test_who_is_still_asked_for_a_review_is_not_asked_anew_with_every_push(known, take, little_github):
    take("pull_request", pull("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB))
    take("pull_request", push(A, B, at=2))
    little_github.says(PULL, {**answer_of(push(A, B, at=6)), "requested_reviewers": [BORIS_ON_GITHUB]})
    little_github.says(f"{PULL}/reviews", [])

    refresh_pull(pull_id=known.id, github=little_github.client, at=minutes(10))

    assert Moment.objects.filter(kind=Kind.REVIEW_REQUESTED).count() == 1


def test_a_poll_learns_what_a_silent_hook_did_not_tell(known, little_github):
    little_github.says(PULL, {**answer_of(pull(at=6, draft=True)), "requested_reviewers": [BORIS_ON_GITHUB]})
    little_github.says(f"{PULL}/reviews", [])
    refresh_pull(pull_id=known.id, github=little_github.client, at=minutes(10))
    assert Submission.objects.get().awaits_review is False
    little_github.says(PULL, answer_of(closed(at=12, draft=True)))
    refresh_pull(pull_id=known.id, github=little_github.client, at=minutes(13))
    little_github.says(PULL, answer_of(pull(at=20)))
    refresh_pull(pull_id=known.id, github=little_github.client, at=minutes(21))

    assert list(Moment.objects.order_by("at", "id").values_list("kind", flat=True)) == [
        Kind.OPENED,
        Kind.DRAFTED,
        Kind.REVIEW_REQUESTED,
        Kind.CLOSED,
        Kind.READY,
        Kind.REOPENED,
    ]


def test_an_unchanged_pull_request_costs_one_conditional_question(known, little_github):
    little_github.says(PULL, answer_of(pull(at=1)), ETag='"same"')
    little_github.says(f"{PULL}/reviews", [])
    refresh_pull(pull_id=known.id, github=little_github.client, at=minutes(5))
    little_github.asked.clear()

    refresh_pull(pull_id=known.id, github=little_github.client, at=NOW + timedelta(days=1))

    ((path, headers),) = little_github.asked
    assert (path, headers["If-None-Match"]) == (PULL, '"same"')
    assert headers["Authorization"] == "Bearer a-token"


def test_one_that_is_gone_stays_as_it_is(known, little_github):
    refresh_pull(pull_id=known.id, github=little_github.client, at=NOW)

    known.refresh_from_db()
    assert (known.state, known.polled_at) == ("open", NOW)


def test_nothing_is_remembered_of_an_answer_that_came_half(known, little_github):
    little_github.says(PULL, answer_of(push(A, B, at=8)), ETag='"1"')
    little_github.says(f"{PULL}/reviews", {"message": "oops"}, status=502)

    with pytest.raises(GithubDown):
        refresh_pull(pull_id=known.id, github=little_github.client, at=NOW)

    known.refresh_from_db()
    assert (known.etag, known.head_sha) == ("", A)


def test_a_retry_after_holds_everybody_until_then(known, little_github):
    now = timezone.now()
    little_github.says(PULL, {"message": "You have exceeded a secondary rate limit"}, 403, Retry_After=300)

    with pytest.raises(GithubBusy):
        refresh_pull(pull_id=known.id, github=little_github.client, at=now)
    until = GithubLimit.objects.get().resumes_at
    assert until is not None
    assert now + timedelta(seconds=299) < until <= timezone.now() + timedelta(seconds=301)

    with pytest.raises(GithubBusy):
        refresh_pull(pull_id=known.id, github=little_github.client, at=now + timedelta(seconds=200))
    assert len(little_github.asked) == 1

    little_github.says(PULL, answer_of(pull()))
    little_github.says(f"{PULL}/reviews", [])
    refresh_pull(pull_id=known.id, github=little_github.client, at=now + timedelta(seconds=400))
    assert len(little_github.asked) > 1


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
def test_a_limit_is_kept_for_as_long_as_github_says_within_reason(little_github, status, headers, seconds):
    now = time.time()
    if "X-RateLimit-Reset" in headers:
        headers = {
            **headers,
            "X-RateLimit-Reset": headers["X-RateLimit-Reset"].replace("in 600", str(int(now) + 600)),
        }
    little_github.says("/repos/a/b/pulls/1", {"message": "slow down"}, status, **headers)

    with pytest.raises(GithubBusy) as busy:
        little_github.client.pull("a/b", 1)

    # Whole seconds, counted from when the answer came.
    assert now + seconds - 1 <= busy.value.until.timestamp() <= time.time() + seconds + 1


def test_a_plain_refusal_is_no_limit(little_github):
    little_github.says("/repos/a/b/pulls/1", {"message": "Resource not accessible"}, 403)

    with pytest.raises(GithubHasNot):
        little_github.client.pull("a/b", 1)


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
def test_what_is_no_answer_is_as_good_as_none(little_github, status, body):
    little_github.says("/repos/a/b/pulls/1", body, status)

    with pytest.raises(GithubDown):
        little_github.client.pull("a/b", 1)


def test_a_github_that_is_away_is_down():
    with pytest.raises(GithubDown):
        Client("http://127.0.0.1:1", "").pull("a/b", 1)


def test_an_answer_without_end_is_no_answer(little_github, monkeypatch):
    monkeypatch.setattr("study.submissions.github.rest.LARGEST_ANSWER", 1000)
    little_github.says("/repos/a/b/pulls/1", b" " * 2000)

    with pytest.raises(GithubDown):
        little_github.client.pull("a/b", 1)


def test_a_renamed_repository_is_followed_on_the_same_host_only(little_github):
    little_github.says("/repos/a/b/pulls/1", {}, 301, Location=f"{little_github.url}/repositories/5/pulls/1")
    little_github.says("/repositories/5/pulls/1", answer_of(pull()))
    fact, _ = little_github.client.pull("a/b", 1)
    assert fact.pull.number == 42

    little_github.says("/repos/a/b/pulls/1", {}, 302, Location="http://localhost:1/steal")
    with pytest.raises(GithubHasNot):
        little_github.client.pull("a/b", 1)
    little_github.says("/repos/a/b/pulls/1", {}, 302, Location="/repos/a/b/pulls/1")
    with pytest.raises(GithubHasNot):
        little_github.client.pull("a/b", 1)


def test_little_left_is_kept_for_people_who_wait(known, little_github):
    resets = int(time.time()) + 1800
    left = {"X-RateLimit-Remaining": "20", "X-RateLimit-Reset": str(resets)}
    little_github.says(PULL, answer_of(pull()), **left)
    little_github.says(f"{PULL}/reviews", [])
    now = timezone.now()
    refresh_pull(pull_id=known.id, github=little_github.client, at=now)

    limit = GithubLimit.objects.get()
    assert limit.resumes_at is None
    assert limit.background_resumes_at == datetime.fromtimestamp(resets, UTC)
    with pytest.raises(GithubBusy):
        refresh_pull(pull_id=known.id, github=little_github.client, at=now)


def pushed(take) -> Moment:
    take("pull_request", push(A, B, at=2), at=minutes(2))
    return Moment.objects.get(kind=Kind.COMMITS_PUSHED)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("diverged", Kind.FORCE_PUSHED),
        ("ahead", Kind.COMMITS_PUSHED),
        ("identical", Kind.COMMITS_PUSHED),
    ],
)
def test_only_githubs_comparison_tells_a_force_push(known, take, little_github, status, kind):
    moment = pushed(take)
    assert moment.kind == Kind.COMMITS_PUSHED
    compared = f"/repos/{REPOSITORY}/compare/{A}...{B}"
    little_github.says(compared, {"status": status, "ahead_by": 3, "behind_by": 1})
    assert pushes_to_compare(NOW, most=9) == [moment.id]
    Moment.objects.filter(id=moment.id).update(compare_at=timezone.now())

    compare_pushes()

    moment.refresh_from_db()
    assert (moment.kind, moment.count, moment.compare_at) == (kind, 3, None)
    assert (moment.before_sha, moment.sha) == (A, B)
    compare_push(moment_id=moment.id, github=little_github.client, at=NOW)
    assert len(little_github.asked) == 1


def test_a_commit_that_github_knows_no_more_stays_a_push(known, take, little_github):
    moment = pushed(take)

    compare_push(moment_id=moment.id, github=little_github.client, at=NOW)

    moment.refresh_from_db()
    assert (moment.kind, moment.compare_at) == (Kind.COMMITS_PUSHED, None)


def test_a_comparison_that_fails_is_asked_for_again_for_three_days(known, take, little_github):
    moment = pushed(take)
    little_github.says(f"/repos/{REPOSITORY}/compare/{A}...{B}", {}, 503)

    with pytest.raises(GithubDown):
        compare_push(moment_id=moment.id, github=little_github.client, at=NOW)
    moment.refresh_from_db()
    assert moment.compare_at == NOW + timedelta(minutes=10)

    with pytest.raises(GithubDown):
        compare_push(moment_id=moment.id, github=little_github.client, at=NOW + timedelta(days=4))
    moment.refresh_from_db()
    assert moment.compare_at is None
