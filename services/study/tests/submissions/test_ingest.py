"""Ingest pull requests: each event of GitHub has its outcome."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from chassis.testing import NOW
from study.github.models import EventKind, Outcome, PullRequest, Source, TimelineEvent
from study.missions.models import Extension, PartDeadline
from study.submissions.models import Attempt, State, Submission
from tests.conftest import OLGA
from tests.github.payloads import (
    BORIS_ON_GITHUB,
    A,
    B,
    C,
    closed,
    minutes,
    pull_request,
    push,
)

pytestmark = pytest.mark.django_db


def timeline_kinds() -> list[str]:
    return list(TimelineEvent.objects.order_by("at", "id").values_list("kind", flat=True))


def heads() -> list[str]:
    return [str(attempt.head_sha)[0] for attempt in Attempt.objects.order_by("number")]


def test_an_opened_pull_request_is_the_first_attempt(mission, ingest, club):
    result = ingest("pull_request", pull_request(), at=minutes(1))

    assert result.outcome == Outcome.SUBMITTED
    submission = Submission.objects.get()
    assert (submission.membership, submission.state) == (club.ada, State.WAITING)
    assert (submission.waiting_since, submission.created_at) == (minutes(1), minutes(1))
    attempt = submission.attempts.get()
    assert (attempt.received_at, attempt.clock, attempt.recorded_at) == (minutes(0), "opened", minutes(1))
    assert (attempt.due_at, attempt.late_seconds) == (mission.due_at, 0)
    assert timeline_kinds() == [EventKind.OPENED]
    assert TimelineEvent.objects.get().at == minutes(0)


def test_each_new_head_is_another_attempt_and_is_told(mission, ingest, published):
    ingest("pull_request", pull_request())
    result = ingest("pull_request", push(A, B, at=3), at=minutes(3))

    assert result.outcome == Outcome.RESUBMITTED
    assert heads() == ["a", "b"]
    submission = Submission.objects.get()
    assert (submission.state, submission.attempts_count) == (State.RESUBMITTED, 2)
    assert [event["attempt"] for event in published("study.submission_received.v1")] == [1, 2]
    assert timeline_kinds() == [EventKind.OPENED, EventKind.COMMITS_PUSHED]
    timeline_event = TimelineEvent.objects.get(kind=EventKind.COMMITS_PUSHED)
    assert (timeline_event.before_sha, timeline_event.sha, timeline_event.actor) == (A, B, "ada-codes")


def test_the_wait_begins_when_the_ball_comes_to_the_mentor_not_with_every_push(mission, ingest):
    ingest("pull_request", pull_request(), at=minutes(0))
    ingest("pull_request", push(A, B, at=3), at=minutes(3))

    assert Submission.objects.get().waiting_since == minutes(0)


def test_an_attempt_keeps_the_deadline_that_bound_when_it_came(mission, ingest, club):
    mission.due_at = NOW - timedelta(hours=1)
    mission.save(update_fields=["due_at"])
    PartDeadline.objects.create(mission=mission, part=club.backend, due_at=NOW - timedelta(minutes=30))
    ingest("pull_request", pull_request(), at=NOW)
    Extension.objects.create(
        mission=mission, membership=club.ada, hours=2, reason="병원", granted_by=OLGA, granted_at=NOW
    )
    ingest("pull_request", push(A, B, at=3), at=NOW + timedelta(minutes=1))

    first, second = Attempt.objects.order_by("number")
    assert (first.due_at, first.late_seconds) == (NOW - timedelta(minutes=30), 28 * 60)
    assert (second.due_at, second.late_seconds) == (NOW + timedelta(minutes=90), 0)
    assert Submission.objects.get().was_late is True


def test_the_deadline_itself_is_in_time_and_a_second_later_is_not(mission, ingest, published):
    mission.due_at = minutes(0)
    mission.save(update_fields=["due_at"])
    ingest("pull_request", pull_request())
    ingest("pull_request", push(A, B, at=1 / 60))

    assert [attempt.late_seconds for attempt in Attempt.objects.order_by("number")] == [0, 1]
    assert [event["late"] for event in published("study.submission_received.v1")] == [False, True]
    assert Submission.objects.get().was_late is False


def test_told_again_by_another_delivery_nothing_is_added(mission, ingest, published):
    ingest("pull_request", pull_request())
    result = ingest("pull_request", pull_request())

    assert result.outcome == Outcome.UNCHANGED
    assert (Attempt.objects.count(), TimelineEvent.objects.count(), PullRequest.objects.count()) == (1, 1, 1)
    assert len(published("study.submission_received.v1")) == 1


def test_webhook_link_and_poll_create_one_timeline(mission, ingest):
    payloads = [pull_request(), push(A, B, at=3), closed(at=9, sha=B, merged=True)]
    for payload in payloads:
        # A poll's response contains the same object without an action.
        asked = {"repository": payload["repository"], "pull_request": payload["pull_request"]}
        ingest("pull_request", asked, source=Source.POLL)
        ingest("pull_request", payload, source=Source.WEBHOOK)
        ingest("pull_request", asked, source=Source.LINK)

    assert timeline_kinds() == [EventKind.OPENED, EventKind.COMMITS_PUSHED, EventKind.MERGED]
    assert heads() == ["a", "b"]


LIFE = [
    pull_request(),
    pull_request("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB),
    push(A, B, at=2),
    pull_request("edited", at=3, sha=B, title="다시 제출합니다"),
    closed(at=4, sha=B, merged=True, title="다시 제출합니다"),
]
# Every fifth of the 120: each place is taken by each of them.
ORDERS = list(itertools.permutations(range(5)))[::5]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "".join(map(str, order)))
def test_whatever_the_order_of_arrival_the_end_is_the_same(mission, ingest, order):
    for n, which in enumerate(order):
        ingest("pull_request", LIFE[which], at=NOW + timedelta(seconds=n))

    submission, found = Submission.objects.get(), PullRequest.objects.get()
    assert (found.state, found.head_sha, found.title) == ("merged", B, "다시 제출합니다")
    assert (found.github_updated_at, submission.state) == (minutes(4), State.MERGED)
    assert timeline_kinds() == [
        EventKind.OPENED,
        EventKind.REVIEW_REQUESTED,
        EventKind.COMMITS_PUSHED,
        EventKind.MERGED,
    ]
    assert heads()[-1] == "b"


def test_an_older_push_takes_its_place_and_the_newest_stays_the_newest(mission, ingest, published):
    ingest("pull_request", pull_request())
    ingest("pull_request", push(B, C, at=5))
    result = ingest("pull_request", push(A, B, at=3))

    assert result.outcome == Outcome.UPDATED
    assert heads() == ["a", "b", "c"]
    assert [event["attempt"] for event in published("study.submission_received.v1")] == [1, 2]
    assert PullRequest.objects.get().head_sha == C
    assert timeline_kinds() == [EventKind.OPENED, EventKind.COMMITS_PUSHED, EventKind.COMMITS_PUSHED]


def test_within_one_second_a_push_follows_the_head_it_names(mission, ingest):
    ingest("pull_request", pull_request())
    ingest("pull_request", push(A, B, at=0))
    ingest("pull_request", pull_request("labeled"))
    assert (PullRequest.objects.get().head_sha, heads()) == (B, ["a", "b"])

    ingest("pull_request", closed(at=0, sha=B))
    ingest("pull_request", pull_request("labeled", sha=B))
    assert PullRequest.objects.get().state == "closed"


def test_a_branch_that_comes_back_to_an_old_commit_is_no_new_attempt(mission, ingest):
    ingest("pull_request", pull_request())
    ingest("pull_request", push(A, B, at=2))
    result = ingest("pull_request", push(B, A, at=3))

    assert result.outcome == Outcome.UPDATED
    assert (heads(), PullRequest.objects.get().head_sha) == (["a", "b"], A)


def test_a_missed_push_is_noticed_with_the_next_word(mission, ingest):
    ingest("pull_request", pull_request())
    result = ingest("pull_request", pull_request("labeled", at=4, sha=B))

    assert result.outcome == Outcome.RESUBMITTED
    assert heads() == ["a", "b"]
    assert TimelineEvent.objects.get(kind=EventKind.COMMITS_PUSHED).before_sha == A


def test_a_pull_request_first_heard_of_by_a_push_is_handed_in_once(mission, ingest):
    result = ingest("pull_request", push(A, B, at=2))

    assert result.outcome == Outcome.SUBMITTED
    assert heads() == ["b"]
    assert timeline_kinds() == [EventKind.OPENED, EventKind.COMMITS_PUSHED]


def test_a_draft_is_no_attempt_until_it_is_ready(mission, ingest, published):
    assert ingest("pull_request", pull_request(draft=True)).outcome == Outcome.DRAFT
    assert ingest("pull_request", push(A, B, at=2, draft=True)).outcome == Outcome.DRAFT
    assert not Submission.objects.exists()
    assert published("study.submission_received.v1") == []

    result = ingest("pull_request", pull_request("ready_for_review", at=4, sha=B), at=minutes(4))

    assert result.outcome == Outcome.SUBMITTED
    assert heads() == ["b"]
    assert Attempt.objects.get().received_at == minutes(4)
    assert timeline_kinds() == [EventKind.DRAFT_OPENED, EventKind.COMMITS_PUSHED, EventKind.READY]


def test_turned_back_into_a_draft_it_leaves_the_queue_until_ready(mission, ingest):
    ingest("pull_request", pull_request(), at=minutes(0))
    ingest("pull_request", pull_request("converted_to_draft", at=2, draft=True))
    assert Submission.objects.get().awaits_review is False
    ingest("pull_request", push(A, B, at=3, draft=True))
    assert heads() == ["a"]

    ingest("pull_request", pull_request("ready_for_review", at=5, sha=B), at=minutes(5))

    submission = Submission.objects.get()
    assert (submission.awaits_review, submission.waiting_since) == (True, minutes(5))
    assert heads() == ["a", "b"]
    assert timeline_kinds() == [
        EventKind.OPENED,
        EventKind.DRAFTED,
        EventKind.COMMITS_PUSHED,
        EventKind.READY,
    ]


def test_closed_and_reopened(mission, ingest):
    ingest("pull_request", pull_request())
    ingest("pull_request", closed(at=2))
    submission = Submission.objects.get()
    assert (submission.state, submission.awaits_review) == (State.CLOSED, False)

    result = ingest("pull_request", pull_request("reopened", at=4), at=minutes(4))

    submission.refresh_from_db()
    assert (submission.state, submission.awaits_review) == (State.WAITING, True)
    assert (result.outcome, heads()) == (Outcome.UPDATED, ["a"])
    assert timeline_kinds() == [EventKind.OPENED, EventKind.CLOSED, EventKind.REOPENED]


def test_reopened_with_another_head_it_is_another_attempt(mission, ingest):
    ingest("pull_request", pull_request())
    ingest("pull_request", closed(at=2))

    assert ingest("pull_request", pull_request("reopened", at=4, sha=B)).outcome == Outcome.RESUBMITTED
    assert heads() == ["a", "b"]


def test_merged_says_where_and_by_whom(mission, ingest):
    ingest("pull_request", pull_request())
    ingest("pull_request", closed(at=5, merged=True))

    assert Submission.objects.get().state == State.MERGED
    timeline_event = TimelineEvent.objects.get(kind=EventKind.MERGED)
    assert (timeline_event.text, timeline_event.actor, timeline_event.sha, timeline_event.at) == (
        "ada-codes",
        "boris-reviews",
        "d" * 40,
        minutes(5),
    )


def test_a_merged_pull_request_that_we_never_heard_of_is_handed_in(mission, ingest):
    result = ingest("pull_request", closed(at=5, merged=True))

    assert result.outcome == Outcome.SUBMITTED
    assert Submission.objects.get().state == State.MERGED


def test_a_closed_pull_request_that_we_never_heard_of_is_not(mission, ingest):
    result = ingest("pull_request", closed(at=5))

    assert result.outcome == Outcome.UPDATED
    assert not Submission.objects.exists()
    assert PullRequest.objects.get().unmatched == ""
