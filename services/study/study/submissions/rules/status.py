"""The status of a submission, from everything known, in whichever order it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from study.github.models import EventKind, PullRequest, TimelineEvent
from study.missions.models import CompletedBy
from study.submissions.models import Attempt, State

_VERDICTS = {EventKind.APPROVED: State.APPROVED, EventKind.CHANGES_REQUESTED: State.CHANGES_REQUESTED}
_WAITS_FOR_NO_REVIEW = {State.CLOSED, State.REVERTED, State.CHANGES_REQUESTED, State.COMPLETED}


def current_attempt(pull_request: PullRequest | None, attempts: Sequence[Attempt]) -> Attempt:
    """Return the attempt to review now: the head's, also where the branch came back to it.

    Without a pull request, the newest.
    """
    head_sha = pull_request.head_sha if pull_request else ""
    return next((attempt for attempt in attempts if attempt.head_sha == head_sha), attempts[-1])


def compute_state(
    pull_request: PullRequest | None,
    reviews: Iterable[TimelineEvent],
    attempts: Sequence[Attempt],
    *,
    completed_by: CompletedBy,
) -> State:
    """Return the state of a submission that is neither complete nor reverted; without a pull request or with.

    `reviews` are those that count and their dismissals, in any order; `attempts` are by number, at least one.
    Where a merge on GitHub can complete the mission, one that does not is no state: a review is still needed.
    """
    if pull_request and pull_request.state == "merged" and completed_by == CompletedBy.REVIEW:
        return State.MERGED
    if pull_request and pull_request.state == "closed":
        return State.CLOSED
    current = current_attempt(pull_request, attempts)
    if verdict := newest_verdict(reviews, attempts=attempts, current=current):
        return _VERDICTS[EventKind(verdict.kind)]
    return State.RESUBMITTED if len(attempts) > 1 else State.WAITING


def awaits_review(
    pull_request: PullRequest | None,
    state: State,
    attempts: Sequence[Attempt],
    released_at: datetime | None,
    *,
    completed_by: CompletedBy,
) -> bool:
    """Return True if the current attempt still needs a review; `released_at` is the newest release's.

    A review in Seodang ends the wait only where it completes the mission.
    """
    current = current_attempt(pull_request, attempts)
    # A head that was pushed before the release and reached us after it was not reviewed.
    recorded_at = max(current.received_at, current.recorded_at or current.received_at)
    is_reviewed = (
        released_at is not None and released_at >= recorded_at and completed_by != CompletedBy.APPROVAL
    )
    is_draft = pull_request is not None and pull_request.draft
    return not (is_draft or is_reviewed or state in _WAITS_FOR_NO_REVIEW)


def newest_verdict(
    reviews: Iterable[TimelineEvent], *, attempts: Sequence[Attempt] = (), current: Attempt | None = None
) -> TimelineEvent | None:
    """Return the newest approval or change request that was not dismissed, or None.

    With `current`, only of that attempt.
    """
    reviews = sorted(reviews, key=lambda review: (review.at, review.key), reverse=True)
    dismissed = {
        review.key.removeprefix("dismissed:")
        for review in reviews
        if review.kind == EventKind.REVIEW_DISMISSED
    }
    known = {attempt.head_sha for attempt in attempts}
    for review in reviews:
        if review.kind not in _VERDICTS or review.key.removeprefix("review:") in dismissed:
            continue
        # GitHub names the commit that was reviewed. Only where that is none of the attempts do clocks decide,
        # since theirs and ours differ.
        if (
            current is None
            or review.sha == current.head_sha
            or (review.sha not in known and review.at >= current.received_at)
        ):
            return review
    return None
