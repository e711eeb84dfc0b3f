"""Compute the status of submissions from what is stored, and publish what completes them."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from chassis.account_mirror.models import AccountMirror
from chassis.compiled import compiled
from chassis.events.publish import publish
from study.github.models import EventKind, PullRequest, TimelineEvent
from study.missions.models import CompletedBy, Mission
from study.submissions.actions.reverts import reverted_at_by_id
from study.submissions.actions.reviewers import assign_reviewer
from study.submissions.events import SubmissionCompleted, SubmissionReceived
from study.submissions.models import Attempt, State, Submission
from study.submissions.rules.completion import Completion, compute_completion
from study.submissions.rules.status import awaits_review, compute_state, current_attempt

_STATUS = (
    *("state", "awaits_review", "waiting_since", "attempts_count", "was_late"),
    *("completed_at", "completing_event_id"),
)


@transaction.atomic
def update_statuses(*, mission: Mission, at: datetime) -> None:
    """Update the status of a mission's submissions: the setting MISSION_COMPLETION_SUBSCRIBER.

    Call it with the mission locked, after `completed_by` has changed. Deliveries lock a submission before
    they read what completes its mission.
    """
    # GitHub's lists, and the release before, do not say who merged: it is asked soon.
    nameless = TimelineEvent.objects.filter(pull_request=OuterRef("id"), kind=EventKind.MERGED, actor_id=None)
    merged = PullRequest.objects.filter(Exists(nameless), submission__mission=mission)
    # A locked one is just being delivered; waiting for it could be waited for.
    free = list(merged.select_for_update(of=("self",), skip_locked=True).values_list("id", flat=True))
    PullRequest.objects.filter(id__in=free).update(polled_at=None, etag="")
    submissions = Submission.objects.select_for_update(of=("self",)).filter(mission=mission)
    for submission in submissions.select_related("pull_request__repository", "membership").order_by("id"):
        attempts = list(submission.attempts.order_by("number"))
        submission.mission = mission
        if not attempts:
            continue
        waited = submission.awaits_review
        update_status(submission=submission, pull_request=submission.pull_request, attempts=attempts, at=at)
        if not waited:
            assign_reviewer(submission=submission)


def update_status(
    *,
    submission: Submission,
    pull_request: PullRequest | None,
    attempts: list[Attempt],
    at: datetime,
    is_reverted: bool | None = None,
) -> None:
    """Save what `pull_request`, the reviews and the mission say. Call it with the submission locked.

    `is_reverted` says whether its merge is; None leaves that to be read. Publishes SubmissionCompleted if an
    approval or a merge on GitHub completes it now.
    """
    by_others = _events_by_others(submission, pull_request) if pull_request else []
    # Read after locking the submission: it may have been changed since the mission was read.
    [completed_by] = map(CompletedBy, _modes(mission_id=submission.mission_id))
    if is_reverted is None:
        is_reverted = bool(pull_request and reverted_at_by_id(pull_requests=[pull_request]))
    completion = None
    if not is_reverted:
        completion = _completion(submission, pull_request, by_others, attempts, completed_by)
    status = attrgetter(*_STATUS)
    before, was_completed = status(submission), submission.completed_at is not None
    if is_reverted:
        submission.state = State.REVERTED
    elif completion:
        submission.state = State.COMPLETED
    else:
        submission.state = compute_state(pull_request, by_others, attempts, completed_by=completed_by)
    waits = awaits_review(
        pull_request,
        State(submission.state),
        attempts,
        submission.released_at,
        completed_by=completed_by,
    )
    if waits and not submission.awaits_review:
        submission.waiting_since = at
    submission.awaits_review = waits
    submission.completed_at = completion.at if completion else None
    submission.completing_event = completion.event if completion else None
    submission.attempts_count, submission.was_late = len(attempts), attempts[0].late_seconds > 0
    if status(submission) != before:
        submission.save(update_fields=_STATUS)
    if completion and completion.event and not was_completed:
        _publish_completed(submission, completion.event, at=at)


def _events_by_others(submission: Submission, pull_request: PullRequest) -> list[TimelineEvent]:
    """Return its merge, the reviews that count, and their dismissals."""
    return _counting_events(pull_request_id=pull_request.id, account_id=submission.account_id)


@compiled
def _counting_events(*, pull_request_id: UUID, account_id: UUID) -> QuerySet[TimelineEvent]:
    counts = Q(is_authorised_review=True) | Q(kind__in=[EventKind.REVIEW_DISMISSED, EventKind.MERGED])
    events = TimelineEvent.objects.filter(counts, pull_request=pull_request_id).defer("text")
    # Those by the author do not count, even if they are a mentor by now.
    return events.exclude(reviewer__account_id=account_id)


@compiled
def _modes(*, mission_id: UUID) -> QuerySet[Mission, str]:
    return Mission.objects.filter(id=mission_id).values_list("completed_by", flat=True)


def _completion(
    submission: Submission,
    pull_request: PullRequest | None,
    events: list[TimelineEvent],
    attempts: list[Attempt],
    completed_by: CompletedBy,
) -> Completion | None:
    if completed_by == CompletedBy.SUBMISSION and pull_request and pull_request.state == "closed":
        # It was withdrawn.
        return None
    is_merged = pull_request is not None and pull_request.state == "merged"
    return compute_completion(
        completed_by,
        events,
        attempts,
        current=current_attempt(pull_request, attempts),
        is_personal=pull_request is not None and pull_request.repository.is_personal,
        author_ids=_author_ids(submission, pull_request) if pull_request and is_merged else (),
    )


def _author_ids(submission: Submission, pull_request: PullRequest) -> set[int]:
    """Return the GitHub ids of the author: of the account that opened it, and of those they are known by."""
    ids = [pull_request.author_id, submission.membership.github_id]
    return {id_ for id_ in [*ids, *_linked_ids(account_id=submission.account_id)] if id_}


@compiled
def _linked_ids(*, account_id: UUID) -> QuerySet[AccountMirror, int | None]:
    linked = AccountMirror.objects.filter(account_id=account_id, github_id__isnull=False)
    return linked.values_list("github_id", flat=True)


def publish_received(*, submission: Submission, attempt: Attempt, at: datetime) -> None:
    """Publish that an attempt was submitted: to the member and to who reviews it."""
    names = _names(account_id=submission.account_id)
    # A mentor who has left is not notified; operators reassign their submissions. Nor is one for whom there
    # is nothing to do.
    assigned = _mentors(submission_id=submission.id) if submission.mentor_id else []
    mentors = [mentor_id for mentor_id in assigned if mentor_id]
    received = SubmissionReceived(
        submission_id=submission.id,
        attempt=attempt.number,
        cohort_id=submission.mission.cohort_id,
        mission_title=submission.mission.title,
        member_id=submission.account_id,
        member_name=names[0] if names else "",
        late=attempt.late_seconds > 0,
        is_completed=submission.completed_at is not None,
        mission_id=submission.mission_id,
        recipients=[submission.account_id, *mentors],
    )
    publish(received, at=at)


@compiled
def _names(*, account_id: UUID) -> QuerySet[AccountMirror, str]:
    return AccountMirror.objects.filter(account_id=account_id).values_list("name", flat=True)


@compiled
def _mentors(*, submission_id: UUID) -> QuerySet[Submission, UUID | None]:
    assigned = Submission.objects.assigned().filter(id=submission_id, completed_at=None)
    return assigned.values_list("mentor_id", flat=True)


def reviewer_name(*, event: TimelineEvent) -> str:
    """Return the name of the member who reviewed or merged on GitHub, else their login there."""
    names = _names(account_id=event.reviewer.account_id) if event.reviewer else ()
    return (names[0] if names else "") or event.actor


def _publish_completed(submission: Submission, event: TimelineEvent, *, at: datetime) -> None:
    completed = SubmissionCompleted(
        submission_id=submission.id,
        cohort_id=submission.mission.cohort_id,
        mission_title=submission.mission.title,
        completion="merge" if event.kind == EventKind.MERGED else "approval",
        reviewer=reviewer_name(event=event),
        recipients=[submission.account_id],
    )
    publish(completed, at=at)
